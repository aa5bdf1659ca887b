"""`diptych measure`: metrics of captions, from files or a dataset."""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console

from diptych.cli import usage
from diptych.cli.inputs import MODELS, dataset, makers, systems
from diptych.cli.scoring import Settings, compared, measured, wanted
from diptych.data.errors import InputError
from diptych.measure.catalogue import CATALOGUE
from diptych.measure.intervals import RESAMPLES, Paired
from diptych.measure.scores import Scored
from diptych.measure.table import as_json, table

Found = Mapping[str, Mapping[str, Scored]]  # system -> metric -> result


def measure(arguments: Sequence[str]) -> int:
    """Score captions: overlap with references, facts, hallucination, fit to pictures, with intervals on every number."""
    given = _parser().parse_args(arguments)
    if given.names is None:
        return _list(given.json)
    if given.resamples < 0:
        raise InputError(f"--resamples must be 0 or more, got {given.resamples}: 0 gives no intervals")
    data = dataset(given.data, given.seed) if given.data else None
    have = makers(given, data)
    asked = wanted([name for name in given.names.split(",") if name], have)
    settings = Settings(given.seed, given.resamples, given.subset)
    found = {system.name: measured(asked, system, have, settings) for system in systems(given, data)}
    apart = compared(found, given.seed) if len(found) > 1 else {}
    if given.json:
        print(usage.in_json(in_json(found, apart, given.per_image)))
    else:
        _tell(found, apart, given.per_image)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = usage.parser("diptych measure", measure.__doc__, epilog="Without NAME the metrics are listed, with what each needs.")
    parser.add_argument("names", nargs="?", metavar="NAME[,NAME...]", help="metrics, or recipe:NAME")
    parser.add_argument("data", nargs="?", metavar="DATA", help="a dataset with captions: folder, table, COCO JSON, run folder, world:N")
    add = parser.add_argument
    add("--candidates", action="append", metavar="FILE", help="captions to measure; several files (commas, or again) are compared")
    add("--references", action="append", metavar="FILE", help="captions by people; several files are gathered by image")
    add("--captions", default="chosen", metavar="WHICH", help="of DATA: chosen, all, alt, proposed, human or style:NAME (default chosen)")
    add("--references-captions", metavar="WHICH", help="references among the captions of DATA, by the same words")
    add("--candidate-column", metavar="NAME", help="of a table, where the name does not tell")
    add("--reference-columns", metavar="NAMES", help="of a table, with commas")
    add("--id-column", metavar="NAME", help="of tables, where the name does not tell")
    add("--first", action="store_true", help="of several captions of one image take the first")
    add("--subset", action="store_true", help="score the images that candidates and references both have, and count the others")
    add("--tokenizer", metavar="ptb|none", help="of n-gram metrics (default ptb, as the reference tools)")
    for name, ability in MODELS.items():
        add(f"--{name}", metavar="ADDRESS", help=f"a model: {ability}")
    add("--seed", type=int, default=0, metavar="N", help="of everything random (default 0)")
    add("--resamples", type=int, default=RESAMPLES, metavar="N", help=f"of the bootstrap (default {RESAMPLES}; 0 for no intervals)")
    add("--per-image", action="store_true", help="each image's value too")
    add("--json", action="store_true", help="one JSON object")
    return parser


def _list(json: bool) -> int:
    rows = [
        (known, metric.gives, metric.does, " or ".join(_needs(way.required) for way in metric.ways)) for known, metric in CATALOGUE.items()
    ]
    if json:
        print(usage.in_json([{"name": known, "gives": gives, "does": does, "needs": needs} for known, gives, does, needs in rows]))
        return 0
    for known, gives, does, needs in rows:
        more = f" ({', '.join(gives)})" if gives != (known,) else ""
        print(f"{known}{more}: {does}; needs {needs}")
    return 0


def _needs(inputs: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys("captions" if name in ("candidates", "captions", "said") else name for name in inputs))


def in_json(found: Found, apart: Mapping[str, Sequence[Paired]], per_image: bool) -> dict[str, Any]:
    """`{NAME: {...}}` of one system; of several, `systems` by name and `differences` by metric. What is not finite is null."""
    shown = {system: _results(scored, per_image) for system, scored in found.items()}
    if len(shown) == 1:
        return next(iter(shown.values()))
    differences = {name: [_difference(pair) for pair in pairs] for name, pairs in apart.items()}
    return {"systems": shown, "differences": differences}


def _results(scored: Mapping[str, Scored], per_image: bool) -> dict[str, Any]:
    found: dict[str, Any] = as_json(one.result for one in scored.values())
    if per_image:
        for name, one in scored.items():
            found[name]["per_image"] = {id: _finite(value) for id, value in one.per_image.items()}
    return found


def _difference(pair: Paired) -> dict[str, Any]:
    numbers = {name: _finite(value) if isinstance(value, float) else value for name, value in asdict(pair.difference).items()}
    return {**numbers, "won": _finite(pair.won), "n": pair.n, "better": pair.better, "how": pair.how}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _tell(found: Found, apart: Mapping[str, Sequence[Paired]], per_image: bool) -> None:
    screen = Console(width=max(Console().width, 30 + 26 * (1 + len(found))))
    screen.print(table({system: [one.result for one in scored.values()] for system, scored in found.items()}))
    for name, pairs in apart.items():
        for pair in pairs:
            d = pair.difference
            line = (
                f"{name}: {d.method} − {d.baseline} = {d.value:+.4f} [{d.low:+.4f}, {d.high:+.4f}], better in {pair.won:.1%} of resamples"
            )
            screen.print(usage.visible(line), highlight=False, markup=False, soft_wrap=True)
    if per_image:
        for system, scored in found.items():
            for name, one in scored.items():
                for id, value in one.per_image.items():
                    print(usage.visible(f"{system}\t{name}\t{id}\t{value:.6g}"))
