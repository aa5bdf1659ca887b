"""Runs a pipeline over a source into a run folder: in process, resumable, every row accounted for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import length_hint
from pathlib import Path
from time import monotonic
from typing import Any

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.engine import state, surveys
from diptych.engine.accounts import Account, RunSummary, balance, costs_of, slowest, tally
from diptych.engine.context import Context, Opener
from diptych.engine.filling import Filler
from diptych.engine.folder import Folder, clear, half_cleared, locked, prepare, read_notes, read_shard
from diptych.engine.journal import begin, end
from diptych.engine.kept import opening
from diptych.engine.plan import Stage, name_of, stages
from diptych.engine.progress import Progress
from diptych.engine.retry import retry
from diptych.engine.rows import Row, taken, unpack
from diptych.engine.steps import Pipeline
from diptych.engine.work import Costs

SHARD = 256  # rows; a kill costs at most this many, or half a minute's


def run(
    pipeline: Pipeline,
    source: Iterable[Record],
    out: Path,
    *,
    opener: Opener,
    pictures: Callable[[Image], Picture],
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    limit: int | None = None,
    retry_failed: bool = False,
    fresh: bool = False,
    batch: int = 64,
    shard: int = SHARD,
    progress: bool = True,
    name: str = "",
) -> RunSummary:
    """Runs the pipeline over the source's first `limit` records, or goes on with the run that `out` holds.

    `settings` are the resolved arguments that decide the rows; a run goes on only with the same ones. `fresh` begins again,
    `retry_failed` runs failed rows again from the input and puts the new rows in their place. InputError for wrong options, RunError
    when the run cannot start, go on or finish; the folder is then as after a kill, and the same call continues.
    """
    for option, value in {"batch": batch, "shard": shard, "limit": 1 if limit is None else limit}.items():
        if value < 1:
            raise InputError(f"{option} must be 1 or more, got {value}")
    plan = stages(pipeline)
    folder = Folder(Path(out), len(plan) - 1)
    prepare(folder.out)
    started = monotonic()
    with locked(folder.out):
        if fresh or half_cleared(folder.out):
            clear(folder.out)
        notes = begin(folder, pipeline, settings or {}, seed, name)
        context = Context(opener, opening(folder.out, pictures), seed)
        filler = Filler(folder, context, set(), batch, Progress(progress))
        try:
            entered = _go(plan, filler, source, limit, retry_failed=retry_failed, shard=shard)
        finally:
            filler.progress.close()
        found = tally(folder)
        total, accounts = balance(found, [stage.name for stage in plan], entered, folder.out)
        notes += tuple(_stale(folder, plan, accounts))
        ledger = dict(found.costs.ledger)
        summary = RunSummary(name, folder.out, total, accounts, monotonic() - started, slowest(found.costs), ledger, notes)
        end(summary, context)
        folder.tidy()
        return summary


def _go(plan: tuple[Stage, ...], filler: Filler, source: Iterable[Record], limit: int | None, *, retry_failed: bool, shard: int) -> int:
    """Brings every row to the end of the pipeline; how many input rows were read, by this session and those before."""
    folder = filler.folder
    found = state.held(folder)
    before = state.inputs(folder, found)
    filler.seen.update(state.ids(folder, found))
    wanted = state.failed_families(folder, found) if retry_failed else set()
    records = iter(source)
    count, again = state.agree(records, state.prints(folder, found), wanted, limit, folder.out)
    filler.progress.stage(_label(plan[0], folder), limit or length_hint(source) or None, count)
    fed = _Fed(islice(records, None if limit is None else limit - count), filler.seen)
    ready = _read(plan[0], filler, fed, found, shard)
    resolved = [plan[0]]
    for stage in plan[1:]:
        ready = sorted({*found.waiting[stage.number - 1], *ready})
        resolved.append(_resolved(stage, folder))
        _work(resolved[-1], filler, ready)
    if again:
        filler.progress.stage("failed rows again", len(again))
        retry(filler, resolved, again)
    return before + fed.count


@dataclass(slots=True)
class _Fed:
    """The source's records as rows, counted as they are handed over."""

    records: Iterator[Record]
    seen: set[str]
    count: int = 0

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        row = taken(next(self.records), self.seen)
        self.count += 1
        return row


def _read(stage: Stage, filler: Filler, rest: Iterator[Row], found: state.Held, shard: int) -> list[int]:
    """Takes the source's rows through the first stage, a shard at a time; the numbers of the shards."""
    number = found.next if found.begun is None else found.begun
    numbers = []
    while True:
        begun = filler.begun(0, number, Costs())
        done = filler.fill(stage, number, islice(rest, max(0, shard - begun.done)), begun).done
        if done:
            numbers.append(number)
            number += 1
        if done < shard:
            return numbers


def _work(stage: Stage, filler: Filler, numbers: list[int]) -> None:
    """Takes shards that wait at the stage before through this one."""
    folder = filler.folder
    paths = {number: folder.shard(stage.number - 1, number) for number in numbers}
    notes = {number: read_notes(path) for number, path in paths.items()}
    filler.progress.stage(_label(stage, folder), sum(int(note["rows"]) for note in notes.values()))
    for number, path in paths.items():
        begun = filler.begun(stage.number, number, costs_of(notes[number]))
        filler.progress.advance(begun.done)
        filler.fill(stage, number, islice(unpack(read_shard(path)), begun.done, None), begun)
        path.unlink()


def _label(stage: Stage, folder: Folder) -> str:
    """What the progress bar calls a stage."""
    names = stage.name if len(stage.name) <= 40 else stage.name[:37] + "..."
    return f"{stage.number + 1}/{folder.last + 1} {names}"


def _resolved(stage: Stage, folder: Folder) -> Stage:
    """The stage with its survey's step in place: looked for once, when kept rows wait for it, and stored."""
    if stage.head is None or stage.survey is None:
        return stage
    before, path = stage.number - 1, folder.survey(stage.head[0])
    known = surveys.stored(stage.survey, path)
    if known:
        return stage.opened_by(known[0])
    rows = surveys.kept_rows(folder, before)
    if not rows:
        return stage
    batches = surveys.columns(folder, before, stage.survey.reads)
    return stage.opened_by(surveys.look(stage.survey, batches, rows, path))


def _stale(folder: Folder, plan: tuple[Stage, ...], accounts: tuple[Account, ...]) -> Iterator[str]:
    """Tells of surveys that saw fewer rows than they decide on."""
    for stage in plan:
        known = surveys.stored(stage.survey, folder.survey(stage.head[0])) if stage.head and stage.survey else None
        if known and stage.survey and known[1] != accounts[stage.number].rows_in:
            rows = accounts[stage.number].rows_in
            yield f"survey {name_of(stage.survey)} saw {known[1]} rows and decides on {rows}: --overwrite looks again"
