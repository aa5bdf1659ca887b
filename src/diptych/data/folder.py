"""Folders of pictures: captions in .txt files beside them (one a line), in metadata.jsonl or metadata.csv."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.data.objects import lines
from diptych.data.records import Caption, Image, Record
from diptych.data.rows import GUESS, Columns, failed_row, record_of, text_of
from diptych.data.tables import csv_rows

PICTURES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".avif")
METADATA = ("metadata.jsonl", "metadata.csv")


@dataclass(frozen=True, slots=True)
class Folder:
    """All pictures under a folder, by path; names that begin with a dot are passed over.

    A record's id is the picture's path within the folder unless a metadata file (its `file_name` counts from where it lies) says one.
    """

    path: str
    columns: Columns = GUESS

    @property
    def name(self) -> str:
        """The folder."""
        return self.path

    @property
    def length(self) -> int | None:
        """Unknown until read."""
        return None

    def __iter__(self) -> Iterator[Record]:
        root = Path(os.path.abspath(self.path))
        pictures, tables, closed = listing(root)
        said: dict[str, list[Record]] = {}
        for table in tables:
            for where, record in _metadata(root, table, self.columns):
                said.setdefault(where, []).append(record)
        for where in sorted(said.keys() | set(pictures)):
            yield from said.get(where) or [_plain(root, where)]
        yield from closed


def listing(root: Path) -> tuple[list[str], list[str], list[Record]]:
    """Paths within the folder of its pictures and of its metadata files, and a failed row for each folder that cannot be read."""
    pictures, tables, closed = [], [], []

    def refused(error: OSError) -> None:
        where = os.path.relpath(error.filename or root, root).replace(os.sep, "/")
        closed.append(failed_row(f"{where}/", f"{error.filename} cannot be read ({error.strerror}): check its permissions"))

    for here, folders, files in os.walk(root, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            where = os.path.relpath(os.path.join(here, name), root).replace(os.sep, "/")
            if name in METADATA:
                tables.append(where)
            elif name.lower().endswith(PICTURES) and not name.startswith("."):
                pictures.append(where)
    return sorted(pictures), sorted(tables), sorted(closed, key=lambda record: record.id)


def _plain(root: Path, where: str) -> Record:
    image = Image(str(root / where))
    try:
        found = _sidecar(root / where)
    except (OSError, ValueError) as error:
        return failed_row(where, error, image)
    captions = tuple(Caption(f"{where}/{index}", line) for index, line in enumerate(found))
    return Record(where, image, captions, chosen=tuple(caption.id for caption in captions))


def _sidecar(picture: Path) -> list[str]:
    for beside in (picture.with_name(picture.name + ".txt"), picture.with_suffix(".txt")):
        if beside.is_file():
            return [line.strip() for line in text_of(beside, 16 << 20).split("\n") if line.strip()]
    return []


def _metadata(root: Path, table: str, columns: Columns) -> Iterator[tuple[str, Record]]:
    try:
        for number, row in csv_rows(root / table) if table.endswith(".csv") else lines(root / table):
            yield _line(root, f"{table}:{number + 1}", f"{table}:{number:09d}", row, columns)
    except OSError as error:
        yield table, failed_row(table, error)


def _line(root: Path, id: str, place: str, row: Any, columns: Columns) -> tuple[str, Record]:
    """Where the row's picture lies, or `place` among them if that cannot be told, and its record."""
    try:
        if isinstance(row, Exception):
            raise row
        where, image = _picture(root, id.rpartition(":")[0], row, columns)
    except (OSError, ValueError) as error:
        return place, failed_row(id, f"{id}: {error}")
    try:
        record = record_of(row, columns.found_in(list(row), id), image, where)
        plain = record if record.captions else _plain(root, where)
    except (ValueError, RecursionError) as error:
        return where, failed_row(where, f"{id}: {error}", image)
    if plain is record or plain.status.kind == "failed":
        return where, plain
    return where, record.add(captions=plain.captions).choose(*plain.chosen)


def _picture(root: Path, table: str, row: Any, columns: Columns) -> tuple[str, Image]:
    said = row.get(columns.image or "file_name")
    if not isinstance(said, str) or not said or "\x00" in said:
        raise ValueError('a line needs "file_name", the picture\'s path')
    where = os.path.normpath(os.path.join(os.path.dirname(table), said)).replace(os.sep, "/")
    if where.startswith(("../", "/")) or where == "..":
        raise ValueError(f"{said!r} lies outside the folder: pictures of {table} must lie inside")
    if not (root / where).is_file():
        raise ValueError(f"{said!r} is missing: put it there or take the line out")
    return where, Image(str(root / where))
