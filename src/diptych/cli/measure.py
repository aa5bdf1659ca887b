"""`diptych measure`: metrics of captions, from files or a dataset."""

from collections.abc import Sequence

from diptych.cli import usage
from diptych.measure.catalogue import CATALOGUE


def measure(arguments: Sequence[str]) -> int:
    """Without a name lists the metrics; with one, all else is imported and does the work."""
    if set(arguments) <= {"--json"}:
        return _list(bool(arguments))
    from diptych.cli.measuring import run

    return run(arguments)


def _list(json: bool) -> int:
    rows = [
        (known, metric.gives, metric.does, " or ".join(_needs(way.required) for way in metric.ways)) for known, metric in CATALOGUE.items()
    ]
    if json:
        print(usage.in_json([{"name": known, "gives": gives, "does": does, "needs": needs} for known, gives, does, needs in rows]))
        return 0
    width = max(len(known) for known, *_ in rows)
    for known, gives, does, needs in rows:
        more = f"; gives {', '.join(gives)}" if gives != (known,) else ""
        print(f"{known:<{width}}  {does}; needs {needs}{more}")
    return 0


def _needs(inputs: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys("captions" if name in ("candidates", "captions", "said") else name for name in inputs))
