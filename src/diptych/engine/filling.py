"""Fills shards: batch by batch through a stage, saved now and then, committed whole."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from diptych.data.errors import RunError
from diptych.engine.accounts import costs_of
from diptych.engine.context import Context
from diptych.engine.folder import Folder, read_notes, read_shard, write_shard
from diptych.engine.journal import note_models
from diptych.engine.kept import Keeper
from diptych.engine.plan import Stage, name_of
from diptych.engine.progress import Progress
from diptych.engine.rows import Row, pack, twin, unpack
from diptych.engine.work import Costs, run_stage

SAVE_EVERY = 30.0  # seconds of work that a kill may cost


@dataclass(frozen=True, slots=True)
class Begun:
    """A shard in the making: its rows so far, what they cost, and how many rows went in."""

    rows: list[Row] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    done: int = 0

    def plus(self, rows: list[Row], costs: Costs, done: int) -> "Begun":
        """More rows: a new value, so that an interrupt cannot leave half of it."""
        total = Costs()
        total.add(self.costs)
        total.add(costs)
        return Begun([*self.rows, *rows], total, self.done + done)


@dataclass(frozen=True, slots=True)
class Filler:
    """What filling a shard needs; `seen` are the ids of all rows of the run."""

    folder: Folder
    context: Context
    seen: set[str]
    batch: int
    progress: Progress
    noted: set[tuple[str, type]] = field(default_factory=set)  # models that run.json names

    def begun(self, stage: int, number: int, costs: Costs) -> Begun:
        """The shard as an earlier run left it; with these costs if it has not begun."""
        path = self.folder.partial(stage, number)
        if not path.exists():
            return Begun(costs=costs)
        notes = read_notes(path)
        return Begun(unpack(read_shard(path)), costs_of(notes), int(notes["done"]))

    def fill(self, stage: Stage, number: int, feed: Iterator[Row], begun: Begun) -> Begun:
        """Takes rows from the feed until it ends and commits the shard; what is done is saved if anything stops it."""
        partial = self.folder.partial(stage.number, number)
        keeper = Keeper(self.folder.out, stage.number, number)
        context = replace(self.context, keep=keeper.keep)
        saved, at = begun.done, monotonic()
        costs = Costs()
        try:
            while batch := list(islice(feed, self.batch)):
                costs = Costs()
                out, _ = run_stage(stage, batch, context, costs)
                begun = begun.plus(self.unique(out, stage), costs, len(batch))
                costs = Costs()
                self.progress.advance(len(batch))
                if monotonic() - at > SAVE_EVERY:
                    self.save(partial, begun)
                    saved, at = begun.done, monotonic()
        except BaseException:
            if costs.spent:
                begun, saved = begun.plus([], costs.bills(), 0), -1
            if begun.done > saved:
                with suppress(RunError):
                    self.save(partial, begun)
            raise
        if begun.done:
            keeper.pack()
            self.save(self.folder.shard(stage.number, number), begun)
            partial.unlink(missing_ok=True)
        return begun

    def save(self, path: Path, begun: Begun) -> None:
        """Writes a shard, after the names of the models that made its rows."""
        if not self.context.opened.keys() <= self.noted:
            note_models(self.folder.out, self.context)
            self.noted.update(self.context.opened)
        save(path, begun)

    def unique(self, rows: list[Row], stage: Stage) -> list[Row]:
        """The rows, of which those just made under an id that is taken have failed."""
        if stage.maker is None:
            return rows
        out = []
        for row in rows:
            if row.print is None and row.born == stage.number:
                if row.record.id in self.seen:
                    row = replace(row, record=twin(row.record, name_of(stage.maker), self.seen), left=stage.number)  # noqa: PLW2901
                self.seen.add(row.record.id)
            out.append(row)
        return out


def save(path: Path, begun: Begun) -> None:
    """Writes a shard."""
    inputs = sum(row.print is not None for row in begun.rows)
    notes: dict[str, Any] = {
        "rows": len(begun.rows),
        "inputs": inputs,
        "done": begun.done,
        "costs": begun.costs.plain(),
    }
    write_shard(path, pack(begun.rows), notes)
