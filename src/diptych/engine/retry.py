"""Runs failed rows again from the input and puts what comes of them in their place."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from diptych.data.records import Record
from diptych.engine.accounts import costs_of
from diptych.engine.filling import Begun, Filler, save
from diptych.engine.folder import read_notes, read_shard
from diptych.engine.kept import Keeper
from diptych.engine.plan import Stage
from diptych.engine.rows import Row, families, fingerprint, unpack
from diptych.engine.work import Costs, run_stage


def retry(filler: Filler, stages: Sequence[Stage], again: Mapping[int, Record]) -> None:
    """Runs these input records again; `again` maps positions in the input to records. Shard by shard, each replaced whole."""
    folder = filler.folder
    first = 0
    for number in folder.numbers(folder.last):
        path = folder.shard(folder.last, number)
        notes = read_notes(path)
        here = [position for position in again if first <= position < first + notes["inputs"]]
        if here:
            old = families(unpack(read_shard(path)))
            total, costs = costs_of(notes), Costs()
            try:
                new = _once_more(filler, stages, [again[position] for position in here], number, costs)
            except BaseException:
                if costs.spent:
                    total.add(costs.bills())
                    save(path, Begun([row for family in old for row in family], total, notes["done"]))
                raise
            made = _made(old)
            for position, family in zip(here, new, strict=True):
                old[position - first] = merged(old[position - first], family, filler.seen)
            costs.made.clear()
            costs.made.update({stage: count - made[stage] for stage, count in _made(old).items()})
            total.add(costs)
            save(path, Begun([row for family in old for row in family], total, notes["done"]))
        first += notes["inputs"]


def _once_more(filler: Filler, stages: Sequence[Stage], records: list[Record], number: int, costs: Costs) -> list[list[Row]]:
    """The families of these input records after every stage; what they cost is added to `costs`."""
    found: list[Row] = []
    keepers = [Keeper(filler.folder.out, stage.number, number) for stage in stages]
    for start in range(0, len(records), filler.batch):
        rows = [Row(record, fingerprint(record)) for record in records[start : start + filler.batch]]
        for stage, keeper in zip(stages, keepers, strict=True):
            rows, _ = run_stage(stage, rows, replace(filler.context, keep=keeper.keep), costs)
        found += rows
        filler.progress.advance(min(filler.batch, len(records) - start))
    for keeper in keepers:
        keeper.pack()
    return families(found)


def _made(found: list[list[Row]]) -> Counter[str]:
    """Rows made, by stage."""
    return Counter(str(row.born) for family in found for row in family if row.print is None)


def merged(old: list[Row], new: list[Row], seen: set[str]) -> list[Row]:
    """The new family, in which rows that had not failed stay as they were and rows no longer made stand last.

    A row made now under the id of another row is left out: its failed twin is among the old rows already.
    """
    before = {row.record.id: row for row in old}
    out: dict[str, Row] = {}
    for row in new:
        id = row.record.id
        was = before.get(id)
        if was is not None:
            out.setdefault(id, row if was.record.status.kind == "failed" else was)
        elif id not in seen:
            out[id] = row
    seen.update(out)
    return [*out.values(), *(row for id, row in before.items() if id not in out)]
