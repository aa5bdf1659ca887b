"""What a run folder already holds when a run starts, and whether the input still agrees with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from diptych.data.errors import RunError
from diptych.data.records import Record
from diptych.engine.folder import Folder, read_notes, read_shard
from diptych.engine.rows import TAKEN, fingerprint


@dataclass(frozen=True, slots=True)
class Held:
    """Shards that wait at each stage, by number, and the shard that was being read when the run ended."""

    waiting: tuple[tuple[int, ...], ...]
    begun: int | None = None

    @property
    def next(self) -> int:
        """Number of the next new shard."""
        numbers = [number for stage in self.waiting for number in stage]
        return max(numbers, default=-1) + 1


def held(folder: Folder) -> Held:
    """Looks through the folder and clears away what a later stage has made superfluous; RunError if a shard is missing."""
    folder.sweep()
    done: set[int] = set()
    waiting: list[tuple[int, ...]] = []
    for stage in range(folder.last, -1, -1):
        numbers = set(folder.numbers(stage))
        for number in numbers & done:
            folder.shard(stage, number).unlink()
        for path in folder.partials(stage):
            if int(path.stem) in numbers | done:
                path.unlink()
        waiting.insert(0, tuple(sorted(numbers - done)))
        done |= numbers
    missing = next((number for number in range(len(done)) if number not in done), None)
    if missing is not None:
        raise RunError(f"{folder.out} lacks shard {missing:05d}: start again with another --out, or --overwrite")
    return Held(tuple(waiting), len(done) if folder.partial(0, len(done)).exists() else None)


def tables(folder: Folder, found: Held, columns: list[str]) -> Iterator[pa.Table]:
    """Columns of all rows in the folder, in order, whatever stage they wait at."""
    stage_of = {number: stage for stage, numbers in enumerate(found.waiting) for number in numbers}
    for number in range(found.next):
        yield read_shard(folder.shard(stage_of[number], number), columns)
    if found.begun is not None:
        yield read_shard(folder.partial(0, found.begun), columns)


def prints(folder: Folder, found: Held) -> Iterator[tuple[str, bytes]]:
    """Id and fingerprint of every input row in the folder."""
    for table in tables(folder, found, ["id", "run_print"]):
        inputs = table.filter(pc.is_valid(table["run_print"]))
        yield from zip(inputs["id"].to_pylist(), inputs["run_print"].to_pylist(), strict=True)


def inputs(folder: Folder, found: Held) -> int:
    """How many input rows the folder holds, as its shards noted it when they were filled."""
    paths = [folder.shard(stage, number) for stage, numbers in enumerate(found.waiting) for number in numbers]
    if found.begun is not None:
        paths.append(folder.partial(0, found.begun))
    return sum(int(read_notes(path)["inputs"]) for path in paths)


def ids(folder: Folder, found: Held) -> set[str]:
    """Ids of all rows in the folder, those made within unfinished shards of later stages too."""
    seen = {id for table in tables(folder, found, ["id"]) for id in table["id"].to_pylist()}
    for stage in range(1, folder.last + 1):
        for path in folder.partials(stage):
            seen.update(read_shard(path, ["id"])["id"].to_pylist())
    return seen


def failed_families(folder: Folder, found: Held) -> set[int]:
    """Positions of the input rows that failed, or whose made rows did; second rows of one id are past help."""
    wanted: set[int] = set()
    position = -1
    for number in found.waiting[-1]:
        table = read_shard(folder.shard(folder.last, number), ["status.kind", "status.why", "run_print"]).flatten()
        for kind, why, print in zip(*(column.to_pylist() for column in table.columns), strict=True):
            position += print is not None
            if kind == "failed" and not why.startswith(TAKEN):
                wanted.add(position)
    return wanted


def agree(
    source: Iterator[Record], known: Iterable[tuple[str, bytes]], wanted: set[int], limit: int | None, out: Path
) -> tuple[int, dict[int, Record]]:
    """How many input rows the folder holds and the source still gives, and the wanted ones; RunError names the first that changed."""
    again: dict[int, Record] = {}
    count = 0
    remedy = "give the source as it was, choose another --out, or --overwrite (fresh=True)"
    for position, (id, print) in enumerate(islice(known, limit)):
        record = next(source, None)
        if record is None:
            raise RunError(f"{out}: input row {position + 1} ({id!r}) is missing from the source: {remedy}")
        if fingerprint(record) != print:
            now = "has changed" if record.id == id else f"is now {record.id!r}"
            raise RunError(f"{out}: input row {position + 1} ({id!r}) {now}: {remedy}")
        if position in wanted:
            again[position] = record
        count += 1
    return count, again
