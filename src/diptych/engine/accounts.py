"""Accounting: rows in + rows made = kept + dropped with a reason + failed with an error, per stage and in total."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from diptych.data.columns import unescaped
from diptych.data.errors import RunError
from diptych.engine.folder import Folder, read_notes, read_shard
from diptych.engine.work import Costs

REASONS = 200  # kept apart for each step; the rarer ones are counted together
_OTHER = "(other)"
_COLUMNS = ["id", "status.kind", "status.step", "status.why", "run_print", "run_born", "run_left"]
Ends = Mapping[tuple[str, str], int]  # (step, reason or error) -> rows


@dataclass(frozen=True, slots=True)
class Account:
    """Rows of one stage, named by its parts, or of a whole run; `dropped` and `failed` count by (step, reason or error)."""

    rows_in: int = 0
    made: int = 0
    kept: int = 0
    dropped: Ends = field(default_factory=dict)
    failed: Ends = field(default_factory=dict)
    name: str = ""

    def rows(self) -> dict[str, int]:
        """The five sums by the names that JSON output uses."""
        ended = {"dropped": sum(self.dropped.values()), "failed": sum(self.failed.values())}
        return {"in": self.rows_in, "made": self.made, "kept": self.kept, **ended}

    def detail(self) -> dict[str, Any]:
        """The account as JSON: rows dropped and failed by step and reason."""
        found: dict[str, Any] = {"name": self.name} if self.name else {}
        found |= self.rows() | {"dropped": {}, "failed": {}}
        for what, ends in (("dropped", self.dropped), ("failed", self.failed)):
            for (step, why), count in ends.items():
                found[what].setdefault(step, {})[why] = count
        return found

    @property
    def balanced(self) -> bool:
        """Whether no row was lost or counted twice."""
        rows = self.rows()
        return rows["in"] + rows["made"] == rows["kept"] + rows["dropped"] + rows["failed"]


@dataclass(frozen=True, slots=True)
class StepCost:
    """A step's place and name, its seconds over the whole run, how many records it was given, and what its models counted as spent."""

    step: str
    seconds: float
    records: int
    spent: Mapping[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The cost as JSON holds it."""
        found: dict[str, Any] = {"step": self.step, "seconds": self.seconds, "records": self.records}
        return {**found, "spent": dict(self.spent)} if self.spent else found


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What became of a run. `steps` begins with the slowest; `seconds` is this call's wall time."""

    name: str
    out: Path
    total: Account
    stages: tuple[Account, ...]
    seconds: float = 0.0
    steps: tuple[StepCost, ...] = ()
    ledger: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def rows(self) -> dict[str, int]:
        """The run's rows in, made, kept, dropped and failed."""
        return self.total.rows()

    def detail(self) -> dict[str, Any]:
        """The accounting as run.json holds it: the total, by step and reason, with `stages` like it."""
        return {**self.total.detail(), "stages": [stage.detail() for stage in self.stages]}


@dataclass(slots=True)
class Tally:
    """Rows as they are found in the committed shards."""

    entered: int = 0
    born: Counter[int] = field(default_factory=Counter)  # rows made, by stage
    ends: Counter[tuple[int, str, str, str]] = field(default_factory=Counter)  # (stage, kind, step, why)
    made: Counter[int] = field(default_factory=Counter)  # as the makers' shards noted it
    ids: set[str] = field(default_factory=set)
    rows: int = 0
    costs: Costs = field(default_factory=Costs)


def tally(folder: Folder) -> Tally:
    """Counts the committed rows of a run."""
    found = Tally()
    for number in folder.numbers(folder.last):
        path = folder.shard(folder.last, number)
        found.costs.add(costs_of(read_notes(path)))
        table = read_shard(path, _COLUMNS).flatten()
        made = table.filter(pc.is_null(table["run_print"]))
        found.rows += table.num_rows
        found.entered += table.num_rows - made.num_rows
        found.born.update(made["run_born"].to_pylist())
        found.ids.update(table["id"].to_pylist())
        keys = ["run_left", "status.kind", "status.step", "status.why"]
        for *key, count in _rows(table.group_by(keys).aggregate([([], "count_all")]).select([*keys, "count_all"])):
            found.ends[key[0], key[1], unescaped(key[2]), unescaped(key[3])] += count
    found.made.update({int(stage): count for stage, count in found.costs.made.items()})
    return found


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def costs_of(notes: Mapping[str, Any]) -> Costs:
    """The costs noted in a shard."""
    costs = notes["costs"]
    spent = {label: Counter(counts) for label, counts in costs.get("spent", {}).items()}
    return Costs(dict(costs["seconds"]), Counter(costs["records"]), Counter(costs["ledger"]), Counter(costs["made"]), spent)


def balance(found: Tally, stages: Sequence[str], entered: int, out: Path) -> tuple[Account, tuple[Account, ...]]:
    """The accounts of a run, in total and by stage; RunError if rows were lost, doubled or cannot be told apart."""
    accounts: list[Account] = []
    rows_in = found.entered
    for stage, name in enumerate(stages):
        ends = {key: n for key, n in found.ends.items() if key[0] == stage}
        kept = sum(found.born[s] for s in range(stage + 1)) + found.entered
        kept -= sum(n for key, n in found.ends.items() if 0 <= key[0] <= stage)
        accounts.append(Account(rows_in, found.made[stage], kept, _ended(ends, "dropped"), _ended(ends, "failed"), name))
        rows_in = kept
    alive = sum(n for key, n in found.ends.items() if key[1] == "kept")
    whole = Account(found.entered, sum(found.made.values()), alive, _ended(found.ends, "dropped"), _ended(found.ends, "failed"))
    if not all(account.balanced for account in (whole, *accounts)) or entered != found.entered or accounts[-1].kept != alive:
        raise RunError(f"{out}: {entered} rows were read, {whole.rows()} are accounted for: rows are missing; run again with --overwrite")
    if len(found.ids) != found.rows:
        raise RunError(f"{out}: {found.rows} rows have {len(found.ids)} ids: two rows share one; run again with --overwrite")
    return whole, tuple(accounts)


def _ended(ends: Mapping[tuple[int, str, str, str], int], kind: str) -> Ends:
    found: Counter[tuple[str, str]] = Counter()
    for (_, of, step, why), count in ends.items():
        if of == kind:
            found[step, why] += count
    apart: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    for (step, why), count in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        seen[step] += 1
        apart[step, why if seen[step] <= REASONS else _OTHER] += count
    return dict(apart)


def slowest(costs: Costs) -> tuple[StepCost, ...]:
    """What each step has cost, the slowest first."""
    labels = dict.fromkeys([*costs.seconds, *costs.spent])
    ranked = sorted(((label, costs.seconds.get(label, 0.0)) for label in labels), key=lambda item: -item[1])
    return tuple(StepCost(label, round(seconds, 6), costs.records[label], dict(costs.spent.get(label, {}))) for label, seconds in ranked)
