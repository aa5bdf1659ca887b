"""What a run would take: calls, tokens, time and disk, from the steps' own estimates or from running a few rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.engine.accounts import RunSummary
from diptych.engine.context import Opener
from diptych.engine.folder import write_shard
from diptych.engine.plan import check_part, name_of
from diptych.engine.rows import pack, taken
from diptych.engine.run import run
from diptych.engine.steps import Pipeline, Repeat

WEIGHED = 256  # input records whose size on disk stands for the others'


@dataclass(frozen=True, slots=True)
class StepForecast:
    """One step: how many records it would see, what it would ask, and its seconds where rows were tried."""

    step: str
    records: int
    calls: Mapping[str, int] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """A whole run. `calls` holds calls, tokens and money by name; `disk` is in bytes; `tried` rows were really run.

    Without a trial every row is taken to reach every step, a repeat to run as often as it may, and time is unknown.
    """

    rows: int
    steps: tuple[StepForecast, ...]
    calls: Mapping[str, int]
    seconds: float | None
    disk: int
    tried: int = 0


def dry_run(
    pipeline: Pipeline,
    source: Iterable[Record],
    *,
    opener: Opener | None = None,
    pictures: Callable[[Image], Picture] | None = None,
    seed: int = 0,
    limit: int | None = None,
    sample: int = 0,
) -> Forecast:
    """Forecasts a run and leaves nothing behind. With `sample` that many rows are run for real, into a folder that is thrown away.

    A step may offer `calls(record) -> Mapping[str, int]` ("detect calls to hf:A", ...); one that does not asks no model.
    """
    if sample < 0 or (sample and (opener is None or pictures is None)):
        raise InputError(f"sample is {sample}: it must be 0, or more and given with an opener and pictures")
    for index, part in enumerate(pipeline):
        check_part(str(index), part)
    records = islice(source, limit)
    first = list(islice(records, max(sample, WEIGHED)))
    asked = [(label, part, turns, Counter[str]()) for label, part, turns in _steps(pipeline)]
    rows = 0
    for record in chain(first, records):
        rows += 1
        for _, part, turns, calls in asked:
            for name, count in _calls(part, record).items():
                calls[name] += turns * count
    steps = tuple(StepForecast(label, rows * turns, dict(calls)) for label, _, turns, calls in asked)
    if sample and first and opener and pictures:
        return _tried(pipeline, first[:sample], rows, steps, {"opener": opener, "pictures": pictures, "seed": seed})
    total = sum((calls for *_, calls in asked), Counter[str]())
    return Forecast(rows, steps, dict(total), None, _weight(first[:WEIGHED], rows))


def _steps(pipeline: Pipeline) -> Iterable[tuple[str, Any, int]]:
    """Label, part, and how often it may see a record. A survey asks nothing; the step it makes cannot be known yet."""
    for index, part in enumerate(pipeline):
        if isinstance(part, Repeat):
            yield from ((f"{index}.{inner} {name_of(step)}", step, part.at_most) for inner, step in enumerate(part.steps))
        else:
            yield f"{index} {name_of(part)}", part, 1


def _calls(part: Any, record: Record) -> Mapping[str, int]:
    return dict(part.calls(record)) if hasattr(part, "calls") else {}


def _weight(records: list[Record], rows: int) -> int:
    """Bytes that the input alone takes."""
    if not records:
        return 0
    seen: set[str] = set()
    with TemporaryDirectory(prefix="diptych-") as folder:
        path = Path(folder) / "one.parquet"
        write_shard(path, pack([taken(record, seen) for record in records]), {})
        return round(path.stat().st_size * rows / len(records))


def _tried(pipeline: Pipeline, some: list[Record], rows: int, steps: tuple[StepForecast, ...], options: Mapping[str, Any]) -> Forecast:
    with TemporaryDirectory(prefix="diptych-") as folder:
        summary: RunSummary = run(pipeline, some, Path(folder) / "run", progress=False, **options)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    more = rows / len(some)
    spent = {cost.step.partition(" ")[0]: cost for cost in summary.steps}
    told = []
    for step in steps:
        cost = spent.get(step.step.partition(" ")[0])
        records = round(cost.records * more) if cost else 0
        calls = {name: round(count * records / step.records) for name, count in step.calls.items()} if step.records else {}
        told.append(StepForecast(step.step, records, calls, round(cost.seconds * more, 3) if cost else 0.0))
    total = summary.ledger or sum((Counter(step.calls) for step in steps), Counter[str]())
    calls = {name: round(count * more) for name, count in total.items()} if summary.ledger else dict(total)
    return Forecast(rows, tuple(told), calls, round(summary.seconds * more, 3), round(size * more), len(some))
