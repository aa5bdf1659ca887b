"""Sources: datasets behind an address, told apart by looking at them."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from glob import glob
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from diptych.data.coco import Coco, coco_files
from diptych.data.errors import SourceError
from diptych.data.folder import METADATA, Folder
from diptych.data.huggingface import Saved, is_saved
from diptych.data.objects import is_coco, is_lines, load
from diptych.data.records import Record
from diptych.data.rows import GUESS, Columns
from diptych.data.tables import Table, is_parquet
from diptych.data.webdataset import Tars

_TABLES = (".parquet", ".jsonl", ".ndjson", ".csv", ".tsv")
_BRACES = re.compile(r"\{([^{}]*)\}")


class Source(Protocol):
    """Records in a fixed order, read afresh at each iteration. A row that cannot be read is a failed record."""

    @property
    def name(self) -> str:
        """The address."""
        ...

    @property
    def length(self) -> int | None:
        """How many records, where that is known without reading."""
        ...

    def __iter__(self) -> Iterator[Record]: ...


Scheme = Callable[[str], Source]  # opens a whole address, such as world:300?seed=0
_NONE: Mapping[str, Scheme] = MappingProxyType({})


def open_source(address: str, *, schemes: Mapping[str, Scheme] = _NONE, columns: Columns = GUESS) -> Source:
    """The dataset behind an address: a path, a pattern of paths (`x-*.tar`, `x-{000..012}.tar`), or a scheme's.

    SourceError if it is missing, empty or of no kind that diptych reads.
    """
    scheme, colon, _ = address.partition(":")
    if colon and scheme in schemes:
        return schemes[scheme](address)
    try:
        source = _of_path(address, columns, schemes)
        empty = next(iter(source), None) is None
    except OSError as error:
        raise SourceError(f"{address!r} cannot be read ({error}): check the file and its permissions") from error
    if empty:
        raise SourceError(f"{address!r} holds no pictures or captions: give a folder of pictures, or a table with captions")
    return source


def _of_path(address: str, columns: Columns, schemes: Mapping[str, Scheme]) -> Source:
    if os.path.isdir(address):
        return _of_folder(address, columns)
    if os.path.isfile(address):
        return _of_files(address, (address,), columns)
    files = tuple(sorted(found for name in _braces(address) for found in ([name] if os.path.isfile(name) else glob(name))))
    if not files:
        known = "".join(f", {name}:" for name in sorted(schemes))
        raise SourceError(f"{address!r} does not exist: give a folder, a file{known} or a pattern of files")
    return _of_files(address, files, columns)


def _braces(pattern: str) -> list[str]:
    """Shell braces spelt out: {a,b} and {000..012}."""
    parts = _BRACES.split(pattern)
    choices = [_choices(part) if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)] if len(parts) > 1 else [pattern]


def _choices(inner: str) -> list[str]:
    first, dots, last = inner.partition("..")
    if dots and first.isdigit() and last.isdigit() and int(last) - int(first) < 1_000_000:
        return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]
    return inner.split(",")


def _of_folder(address: str, columns: Columns) -> Source:
    folder = Path(address)
    shards = sorted(map(str, (folder / "shards").glob("*.parquet")))
    if shards:
        return Table(address, tuple(shards), columns)
    if is_saved(folder):
        return Saved(address, columns)
    if any((folder / name).is_file() for name in METADATA):
        return Folder(address, columns)
    files = coco_files(folder)
    if files:
        return Coco(address, files)
    names = sorted(str(path) for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    for endings in ((".tar",), (".parquet",)):
        kept = tuple(name for name in names if name.endswith(endings))
        if kept:
            return _of_files(address, kept, columns)
    pictures = Folder(address, columns)
    tables = tuple(name for name in names if name.endswith(_TABLES))
    return Table(address, tables, columns) if tables and next(iter(pictures), None) is None else pictures


def _of_files(address: str, files: tuple[str, ...], columns: Columns) -> Source:
    first = Path(files[0])
    with first.open("rb") as file:
        head = file.read(512)
    if not head:
        raise SourceError(f"{address!r} is empty: give a file with rows")
    if head[:2] == b"\x1f\x8b":
        raise SourceError(f"{address!r} is compressed: gunzip it first")
    if head[257:262] == b"ustar" or first.suffix == ".tar":
        return Tars(address, files, columns)
    if is_parquet(files[0]) or first.suffix in (".csv", ".tsv", ".txt"):
        return Table(address, files, columns)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        if len(files) == 1 and first.suffix == ".json" and not is_lines(first) and is_coco(load(first)):
            return Coco(address, files)
        return Table(address, files, columns)
    raise SourceError(
        f"{address!r} is of no kind that diptych reads: give a folder of pictures, COCO JSON, tars, Parquet, JSON lines or CSV"
    )
