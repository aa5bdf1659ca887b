"""Tables: Parquet, JSON (lines) and CSV with a column of paths, URLs or bytes and columns of captions, or of captions alone."""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diptych.data.errors import SourceError
from diptych.data.objects import Numbered, entries, is_lines, lines, load
from diptych.data.records import Image, Record
from diptych.data.rows import GUESS, LONGEST, Columns, failed_row, id_of, located, record_of, text_of
from diptych.data.schema import SCHEMA, from_batch, is_ours

_ROWS = 256
_JSON_CELLS = ("captions", "chosen", "meta")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one or several files. Without an id column a row is named FILE:ROW, counted from 0."""

    name: str
    files: tuple[str, ...]
    columns: Columns = GUESS

    @property
    def length(self) -> int | None:
        """Known for Parquet alone."""
        if not all(is_parquet(file) for file in self.files):
            return None
        return sum(int(pq.read_metadata(file).num_rows) for file in self.files)

    def __iter__(self) -> Iterator[Record]:
        for file in self.files:
            try:
                yield from _records(file, self.columns)
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                yield failed_row(f"{os.path.basename(file)}:broken", f"{file} breaks off ({error}): get it again")


def is_parquet(file: str) -> bool:
    """By its first bytes."""
    with open(file, "rb") as opened:
        return opened.read(4) == b"PAR1"


def _records(file: str, columns: Columns) -> Iterator[Record]:
    path = Path(file)
    if is_parquet(file):
        yield from _parquet(path, columns)
    elif path.suffix == ".txt":
        said = enumerate({"text": line} for line in text_of(path, 1 << 30).splitlines() if line.strip())
        yield from rows_of(path, said, Columns(captions=("text",)))
    elif path.suffix in (".json", ".jsonl", ".ndjson"):
        yield from rows_of(path, lines(path) if is_lines(path) else entries(load(path)), columns)
    else:
        yield from _csv(path, columns)


def rows_of(path: Path, rows: Iterator[Numbered], columns: Columns) -> Iterator[Record]:
    """Records of numbered objects whose keys may differ from row to row."""
    for number, row in rows:
        id = f"{path.name}:{number}"
        try:
            if isinstance(row, Exception):
                raise row
            yield table_row(row, columns.found_in(list(row), "the row"), path, id)
        except ValueError as error:
            yield failed_row(id, f"{id}: {error}")


def table_row(row: dict[str, Any], columns: Columns, path: Path, id: str, image: Image | None = None) -> Record:
    """The record of one row; failed if it holds neither a picture nor a caption, or what cannot be understood."""
    try:
        if image is None:
            said = row.get(columns.image) if columns.image else None
            image = Image("") if said is None or said == "" else located(said, str(path.parent))
            member = row.get("image_member")
            image = Image(image.path, member) if isinstance(member, str) else image
        record = record_of(row, columns, image, id)
    except (ValueError, RecursionError) as error:
        return failed_row(id_of(row, columns, id), f"{id}: {error}", image)
    if not record.subject.path and not record.captions:
        return failed_row(record.id, f"{id}: the row holds neither picture nor caption")
    return record


def _known(columns: Columns, names: list[str], path: Path) -> Columns:
    found = columns.found_in(names, path.name)
    if not found.image and not found.captions:
        raise SourceError(f"{path} has no column of pictures or captions among {', '.join(names)[:200]}: name them (columns)")
    return found


def _csv(path: Path, columns: Columns) -> Iterator[Record]:
    found = _known(columns, _head(path)[0], path)
    for number, row in csv_rows(path):
        id = f"{path.name}:{number}"
        yield failed_row(id, f"{id}: {row}") if isinstance(row, Exception) else table_row(row, found, path, id)


def _head(path: Path) -> tuple[list[str], str]:
    """The names in a CSV file's first line and what parts them."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        head = file.readline(1 << 20)
    mark = "\t" if head.count("\t") > head.count(",") else ","
    return next(csv.reader([head], delimiter=mark), []), mark


def csv_rows(path: Path) -> Iterator[Numbered]:
    """Rows by name, numbered from 0; one that cannot be read is an error in its place."""
    csv.field_size_limit(max(csv.field_size_limit(), 8 * LONGEST))
    names, mark = _head(path)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        file.readline(1 << 20)
        yield from enumerate(_cells(csv.reader(file, delimiter=mark, strict=True), names))


def _cells(reader: Any, names: list[str]) -> Iterator[Any]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield ValueError(f"the row cannot be read ({error}): check its quotes")
        else:
            if cells:
                yield _named(names, cells)


def _named(names: list[str], cells: list[str]) -> Any:
    if len(cells) != len(names):
        return ValueError(f"the row has {len(cells)} cells where the header has {len(names)}: quote commas inside cells")
    row: dict[str, Any] = dict(zip(names, cells, strict=True))
    try:
        "".join(cells).encode()
        for name in _JSON_CELLS:
            if row.get(name, "").startswith(("[", "{")):
                row[name] = json.loads(row[name])
    except UnicodeEncodeError:
        return ValueError("the row is not UTF-8: convert the file, e.g. with iconv")
    except RecursionError:
        return ValueError("a cell is nested too deeply: give captions as a flat list")
    except ValueError:
        pass  # a caption that begins with a bracket
    return row


def _parquet(path: Path, columns: Columns) -> Iterator[Record]:
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        if is_ours(schema):
            folder = path.parent.parent if path.parent.name == "shards" else path.parent
            for batch in file.iter_batches(_ROWS, columns=[name for name in schema.names if name in SCHEMA.names]):
                yield from (_from_here(record, folder) for record in from_batch(batch))
            return
        found = _known(columns, schema.names, path)
        bytes_here = bool(found.image) and holds_bytes(schema.field(found.image).type)
        seen = bool(found.image) and (not bytes_here or _has_nulls(file, found.image))
        wanted = {found.id, *found.captions, "chosen", "meta", "image_member", found.image if seen else ""} & set(schema.names)
        start = 0
        for batch in file.iter_batches(16 if bytes_here and seen else _ROWS, columns=sorted(wanted)):
            for row in batch.to_pylist() if wanted else [{}] * batch.num_rows:
                cell = Image(os.path.abspath(path), f"{found.image}:{start}") if bytes_here else None
                yield cell_row(row, found, path, f"{path.name}:{start}", cell)
                start += 1


def _from_here(record: Record, folder: Path) -> Record:
    """The record with its relative references, pictures that a run has made and keeps, counted from the run's folder."""
    images = (record.subject, *(one.image for one in record.made))
    if all(os.path.isabs(image.path) or ":" in image.path or not image.path for image in images):
        return record
    subject, *made = (located_in(image, folder) for image in images)
    return replace(record, subject=subject, made=tuple(replace(one, image=image) for one, image in zip(record.made, made, strict=True)))


def located_in(image: Image, folder: Path) -> Image:
    """The reference with a path that holds from anywhere."""
    here = os.path.join(os.path.abspath(folder), image.path)
    return replace(image, path=here) if image.path and os.path.exists(here) else image


def cell_row(row: dict[str, Any], columns: Columns, path: Path, id: str, cell: Image | None) -> Record:
    """The record of a row whose picture is `cell`, unless that turns out to be empty or to hold a path alone."""
    held = row.get(columns.image)
    if isinstance(held, dict) and held.get("bytes") is None:
        return table_row({**row, columns.image: held.get("path")}, columns, path, id)
    return table_row(row, columns, path, id, None if columns.image in row and held is None else cell)


def holds_bytes(type: pa.DataType) -> bool:
    """Whether a column holds pictures themselves: binary, or a struct of bytes and path."""
    if pa.types.is_struct(type):
        return bool(type.get_field_index("bytes") >= 0)
    return bool(pa.types.is_binary(type) or pa.types.is_large_binary(type))


def _has_nulls(file: pq.ParquetFile, column: str) -> bool:
    """Whether some cells of a bytes column may be empty; reading the bytes to see is the slow way."""
    leaves = [i for i in range(file.metadata.num_columns) if file.schema.column(i).path in (column, f"{column}.bytes")]
    for group in range(file.metadata.num_row_groups):
        for leaf in leaves:
            seen = file.metadata.row_group(group).column(leaf).statistics
            if seen is None or not seen.has_null_count or seen.null_count:
                return True
    return False
