"""Bytes in cells of Parquet and Arrow files, by column and row. Reading on from the last cell is cheap; only a few rows are held."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diptych.data.errors import PictureError, SourceError

_STEP = 16  # rows held at a time
_here = threading.local()


@dataclass(slots=True)
class _Cursor:
    """A place in one column; `start` is the row at which `batch` begins."""

    rest: Iterator[tuple[int, Any]]
    start: int = 0
    batch: Any = field(default_factory=lambda: pa.array([]))


def cell(path: str, member: str, most: int) -> bytes:
    """The bytes in the cell `COLUMN:ROW`; PictureError if there are none or more than `most`."""
    column, _, said = member.rpartition(":")
    about = f"{path} {member}"
    if not column or not said.isdigit():
        raise PictureError(f"{about} names no cell: write COLUMN:ROW")
    try:
        value = _value(path, column, int(said))
    except (OSError, SourceError, pa.ArrowException, KeyError, IndexError) as error:
        raise PictureError(
            f"{about} cannot be read ({' '.join(str(error).split())[:200]}): check the file, its columns and rows"
        ) from error
    held = value.field("bytes") if isinstance(value, pa.StructArray) else value
    if not (pa.types.is_binary(held.type) or pa.types.is_large_binary(held.type)) or not held[0].is_valid:
        raise PictureError(f"{about} holds no bytes: name a column of pictures")
    size = held[0].as_buffer().size
    if size > most:
        raise PictureError(f"{about} holds {size} bytes: at most {most} are read; make it smaller or raise the cap")
    return held[0].as_py()  # type: ignore[no-any-return]


def _value(path: str, column: str, row: int) -> Any:
    """An array of length one."""
    key = (path, column, os.stat(path).st_mtime_ns, os.getpid())
    held: dict[Any, _Cursor] = _here.__dict__.setdefault("cursors", {})
    cursor = held.get(key)
    if cursor is None or row < cursor.start:
        while len(held) >= 4:
            held.pop(next(iter(held)))
        cursor = held[key] = _Cursor(_batches(path, column, row))
    while row >= cursor.start + len(cursor.batch):
        found = next(cursor.rest, None)
        if found is None:
            del held[key]
            raise IndexError(f"there is no row {row}")
        cursor.start, cursor.batch = found
    return cursor.batch.slice(row - cursor.start, 1)


def _batches(path: str, column: str, row: int) -> Iterator[tuple[int, Any]]:
    with open(path, "rb") as file:
        head = file.read(8)
    return _parquet(path, column, row) if head[:4] == b"PAR1" else _arrow(path, column)


def _parquet(path: str, column: str, row: int) -> Iterator[tuple[int, Any]]:
    with pq.ParquetFile(path) as file:
        if column not in file.schema_arrow.names:
            raise KeyError(f"no column {column!r}")
        start = 0
        groups: list[int] = []
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if groups or start + rows > row:
                groups.append(group)
            else:
                start += rows
        for batch in file.iter_batches(_STEP, groups, [column]) if groups else ():
            yield start, batch.column(0)
            start += batch.num_rows


def _arrow(path: str, column: str) -> Iterator[tuple[int, Any]]:
    start = 0
    for batch in arrow_batches(path):
        yield start, batch.column(column)
        start += batch.num_rows


def arrow_batches(path: str) -> Iterator[pa.RecordBatch]:
    """The batches of an Arrow IPC stream or file, mapped and not copied; SourceError if it is none."""
    opened: list[Callable[[Any], Any]] = [pa.ipc.open_stream, lambda source: _file_batches(pa.ipc.open_file(source))]
    with open(path, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    try:
        with pa.memory_map(path) as source:
            for batch in opened[is_file](source):
                batch.validate(full=True)  # mapped as it is: offsets that lie would lead out of the file
                yield batch
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} is no whole Arrow file ({' '.join(str(error).split())[:200]}): get it again") from error


def _file_batches(reader: Any) -> Iterator[pa.RecordBatch]:
    return (reader.get_batch(index) for index in range(reader.num_record_batches))
