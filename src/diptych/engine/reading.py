"""Reading a run folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from diptych.data.errors import RunError
from diptych.data.records import Record
from diptych.data.schema import SCHEMA
from diptych.engine.folder import Folder, is_run, read_json, read_shard
from diptych.engine.kept import outside
from diptych.engine.rows import records_of


def read_run(out: Path) -> Iterator[Record]:
    """The committed rows of a run, in order: kept, dropped and failed ones."""
    for path in shards(out):
        yield from (outside(record, Path(out)) for record in records_of(read_shard(path)))


def run_table(out: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The named columns of all committed rows, in order (all of a record's columns if none are named)."""
    names = list(SCHEMA.names if columns is None else columns)
    found = [read_shard(path, names) for path in shards(out)]
    if found:
        return pa.concat_tables(found)
    return pa.Table.from_batches([], pa.schema([SCHEMA.field(name.partition(".")[0]) for name in dict.fromkeys(names)]))


def shards(out: Path) -> list[Path]:
    """The final shards of a run, in order; RunError if this is no run folder."""
    if not is_run(out):
        raise RunError(f"{out} is no run folder: it has no run.json")
    folder = Folder(out)
    return [folder.shard(0, number) for number in folder.numbers(0)]


def run_json(out: Path) -> dict[str, Any]:
    """What run.json says of a run; RunError if this is no run folder."""
    if not is_run(out):
        raise RunError(f"{out} is no run folder: it has no run.json")
    return dict(read_json(out / "run.json"))
