"""The inner function of a run: one stage over a handful of rows. It depends on its arguments alone, so it can run anywhere."""

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter, sleep
from typing import Any, TypeVar

from diptych.data.errors import RunError
from diptych.data.records import Record
from diptych.engine.context import Context
from diptych.engine.plan import Stage, name_of
from diptych.engine.rows import Row
from diptych.engine.steps import Maker, Repeat, Step
from diptych.engine.trouble import Trouble, one_line, trace, trouble

T = TypeVar("T")
TRIES = 5
FIRST_WAIT = 1.0  # seconds; doubled with every try


@dataclass(frozen=True, slots=True)
class Costs:
    """What was spent, by the step's label ("2 Verify") and by the ledger's own names."""

    seconds: dict[str, float] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)
    ledger: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)  # rows made, by stage
    spent: dict[str, Counter[str]] = field(
        default_factory=dict
    )  # by step: tokens, money and outcomes that models counted; in the ledger too

    def add(self, other: "Costs") -> None:
        """Adds what another piece of work has cost."""
        for label, seconds in other.seconds.items():
            self.spend(label, seconds)
        self.records.update(other.records)
        self.ledger.update(other.ledger)
        self.made.update(other.made)
        for label, spent in other.spent.items():
            self.spent.setdefault(label, Counter()).update(spent)

    def plain(self) -> dict[str, dict[str, Any]]:
        """The costs as JSON holds them."""
        counted = {"records": dict(self.records), "ledger": dict(self.ledger), "made": dict(self.made)}
        return {"seconds": self.seconds, **counted, "spent": {label: dict(spent) for label, spent in self.spent.items()}}

    def bill(self, label: str, context: Context) -> None:
        """Moves what the models opened so far have spent to a step's account and the ledger."""
        for model in context.opened.values():
            spent = getattr(model, "spent", None)
            if isinstance(spent, Counter) and spent:
                self.spent.setdefault(label, Counter()).update(spent)
                self.ledger.update(spent)
                spent.clear()

    def bills(self) -> "Costs":
        """What models spent, alone: it is spent even where the rows come to nothing."""
        return Costs(spent=self.spent, ledger=sum(self.spent.values(), Counter()))

    def spend(self, label: str, seconds: float) -> None:
        """Adds a step's time."""
        self.seconds[label] = self.seconds.get(label, 0.0) + seconds


def run_stage(stage: Stage, rows: Sequence[Row], context: Context, costs: Costs | None = None) -> tuple[list[Row], Costs]:
    """Rows after the stage, each made row behind its parent, and what it cost. Rows dropped or failed before pass by.

    Costs are added to those given, which hold what was spent until then if an error ends the stage.
    """
    costs = Costs() if costs is None else costs
    context = replace(context, ledger=costs.ledger)
    rows = list(rows)
    if stage.survey is not None and any(row.kept for row in rows):
        raise RunError(f"survey {name_of(stage.survey)} has not looked, since no row had reached it: start again with --overwrite")
    if stage.head and stage.maker is not None:
        place = stage.head[0]
        rows = _make(stage.maker, f"{place} {name_of(stage.maker)}", rows, stage.number, context=context.at(place), costs=costs)
    records = [row.record for row in rows]
    for place, part in stage.parts:
        if isinstance(part, Repeat):
            _repeat(part, place, records, context, costs)
        else:
            _apply(part, f"{place} {name_of(part)}", records, _alive(records), context=context.at(place), costs=costs)
    return [_after(row, record, stage.number) for row, record in zip(rows, records, strict=True)], costs


def _after(row: Row, record: Record, stage: int) -> Row:
    if not row.kept:
        return row
    return Row(record, row.print, row.born, -1 if record.status.kind == "kept" else stage)


def _alive(records: list[Record]) -> list[int]:
    return [index for index, record in enumerate(records) if record.status.kind == "kept"]


def _apply(step: Step, label: str, records: list[Record], which: list[int], *, context: Context, costs: Costs) -> None:
    """Puts the records at `which` through a step, in place."""
    if not which:
        return
    start = perf_counter()
    name = name_of(step)

    def call(batch: list[Record]) -> list[Record]:
        return _checked(name, batch, step(batch, context))

    def guilty(record: Record, error: Exception) -> Record:
        return record.fail(name, one_line(error), trace(error))

    try:
        found = attempt(call, [records[i] for i in which], guilty, name)
    finally:
        costs.bill(label, context)
    for index, record in zip(which, found, strict=True):
        records[index] = record
    costs.spend(label, perf_counter() - start)
    costs.records[label] += len(which)


def _checked(name: str, batch: list[Record], out: list[Record]) -> list[Record]:
    if not isinstance(out, list) or not all(isinstance(record, Record) for record in out):
        kind = type(out).__name__ if not isinstance(out, list) else "a list of other things"
        raise RunError(f"step {name} returned {kind}: a step returns a list of the records it was given; correct the step")
    given, found = [record.id for record in batch], [record.id for record in out]
    if given != found:
        odd = next((f"{a!r} where {b!r} was" for a, b in zip(found, given, strict=False) if a != b), f"{len(found)} of {len(given)} rows")
        raise RunError(f"step {name} returned {odd}: a step returns the same ids in the same order; correct the step")
    return out


def _repeat(repeat: Repeat, place: str, records: list[Record], context: Context, costs: Costs) -> None:
    held = _alive(records)
    for turn in range(repeat.at_most):
        for inner, step in enumerate(repeat.steps):
            which = [i for i in held if records[i].status.kind == "kept"]
            _apply(step, f"{place}.{inner} {name_of(step)}", records, which, context=context.at(f"{place}.{inner}.{turn}"), costs=costs)
        held = [i for i in held if records[i].status.kind == "kept" and not _released(repeat, records, i)]


def _released(repeat: Repeat, records: list[Record], index: int) -> bool:
    try:
        return bool(repeat.until(records[index]))
    except Exception as error:
        records[index] = records[index].fail(name_of(repeat.until), one_line(error), trace(error))
        return True


def _make(maker: Maker, label: str, rows: list[Row], stage: int, *, context: Context, costs: Costs) -> list[Row]:
    """Every kept row followed by the rows made from it."""
    start = perf_counter()
    name = name_of(maker)
    out: list[Row] = []
    for row in rows:
        if not row.kept:
            out.append(row)
            continue
        try:
            ((parent, *children),) = attempt(
                lambda batch: [[batch[0], *maker.make(batch[0], context)]],
                [row.record],
                lambda record, error: [record.fail(name, one_line(error), trace(error))],
                name,
            )
        finally:
            costs.bill(label, context)
        odd = next((child.id for child in children if not child.id.startswith(f"{parent.id}/")), None)
        if odd is not None:
            raise RunError(f"maker {name} made {odd!r} from {parent.id!r}: the id must begin with {parent.id + '/'!r}; correct the maker")
        out.append(_after(row, parent, stage))
        out += [Row(child, None, stage, -1 if child.status.kind == "kept" else stage) for child in children]
        costs.records[label] += 1
        costs.made[str(stage)] += len(children)
    costs.spend(label, perf_counter() - start)
    return out


def attempt(
    call: Callable[[list[Record]], list[T]],
    batch: list[Record],
    guilty: Callable[[Record, Exception], T],
    name: str,
    tries: int = TRIES,
) -> list[T]:
    """Calls with the batch, halving it until the guilty row stands alone, or until it fits; waits for lost connections, then stops."""
    try:
        return call(batch)
    except Exception as error:
        kind, failure = trouble(error), error
    if kind is Trouble.USER:
        raise failure
    if kind is Trouble.ROW and len(batch) == 1:
        return [guilty(batch[0], failure)]
    if kind is Trouble.MEMORY:
        gc.collect()
    if kind is Trouble.ROW or (kind is Trouble.MEMORY and len(batch) > 1):
        middle = len(batch) // 2
        return attempt(call, batch[:middle], guilty, name, tries) + attempt(call, batch[middle:], guilty, name, tries)
    if kind is Trouble.DISK or tries <= 1:
        raise RunError(_stopped(name, batch, kind, failure)) from failure
    sleep(FIRST_WAIT * 2.0 ** (TRIES - tries))
    return attempt(call, batch, guilty, name, tries - 1)


def _stopped(name: str, batch: list[Record], kind: Trouble, error: Exception) -> str:
    lack = {Trouble.MEMORY: "ran out of memory", Trouble.DISK: "cannot write"}.get(kind, "lost its connection")
    cure = {Trouble.MEMORY: "free memory", Trouble.DISK: "free disk space"}.get(kind, "see that the server answers")
    where = f"row {batch[0].id!r}" if len(batch) == 1 else f"{len(batch)} rows from {batch[0].id!r}"
    return f"step {name} {lack} at {where} ({one_line(error)}): {cure}, then start the same run again, it continues where it stopped"
