"""Hugging Face datasets on disk: what `save_to_disk` writes (one split or several), read as Arrow; nothing of theirs is run."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from diptych.data.cells import arrow_batches
from diptych.data.errors import SourceError
from diptych.data.records import Image, Record
from diptych.data.rows import GUESS, Columns, failed_row, text_of
from diptych.data.tables import cell_row, holds_bytes


@dataclass(frozen=True, slots=True)
class Saved:
    """The rows of a Dataset or of every split of a DatasetDict, named SPLIT:ROW unless a column names them."""

    name: str
    columns: Columns = GUESS

    @property
    def length(self) -> int | None:
        """Unknown until read."""
        return None

    def __iter__(self) -> Iterator[Record]:
        for split, folder in _splits(Path(self.name)):
            start = 0
            for file in _files(folder):
                try:
                    for record in _rows(file, split, start, self.columns):
                        start += 1
                        yield record
                except (SourceError, OSError, pa.ArrowException, UnicodeDecodeError) as error:
                    if isinstance(error, SourceError) and start == 0:
                        raise
                    yield failed_row(f"{split}:{file.name}:broken", error)


def is_saved(folder: Path) -> bool:
    """Whether the folder was written by `save_to_disk`, or is a cache of Arrow files."""
    return any((folder / name).is_file() for name in ("dataset_dict.json", "state.json")) or (
        (folder / "dataset_info.json").is_file() and any(folder.glob("*.arrow"))
    )


def _splits(folder: Path) -> list[tuple[str, Path]]:
    listed = folder / "dataset_dict.json"
    if not listed.is_file():
        return [(folder.absolute().name, folder)]
    names = _load(listed).get("splits", [])
    return [(name, folder / name) for name in names if isinstance(name, str) and _plain(name)]


def _files(folder: Path) -> list[Path]:
    state = folder / "state.json"
    if not state.is_file():
        return sorted(folder.glob("*.arrow"))
    listed = [one.get("filename") for one in _load(state).get("_data_files", []) if isinstance(one, dict)]
    return [folder / name for name in listed if isinstance(name, str) and _plain(name)]


def _plain(name: str) -> bool:
    """A name of something in the folder itself: a list must not lead out of it."""
    return os.path.basename(name) == name and name not in ("", ".", "..")


def _load(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(text_of(path))
    except (ValueError, OSError, RecursionError) as error:
        raise SourceError(f"{path} cannot be read ({error}): save the dataset again") from error
    return found if isinstance(found, dict) else {}


def _rows(file: Path, split: str, first: int, columns: Columns) -> Iterator[Record]:
    start = 0
    for batch in arrow_batches(str(file)):
        names = batch.schema.names
        found = columns.found_in(names, str(file))
        if not found.image and not found.captions:
            raise SourceError(f"{file} has no column of pictures or captions among {', '.join(names)[:200]}: name them (columns)")
        wanted = [name for name in {found.id, *found.captions, "chosen", "meta", "image_member", found.image} if name in names]
        kept = batch.select(sorted(wanted))
        bytes_here = bool(found.image) and holds_bytes(batch.schema.field(found.image).type)
        for index in range(batch.num_rows):
            row = {name: kept.column(name)[index] for name in kept.schema.names}
            cell = Image(os.path.abspath(file), f"{found.image}:{start}") if bytes_here else None
            yield cell_row(_values(row, found.image if bytes_here else ""), found, file, f"{split}:{first + start}", cell)
            start += 1


def _values(row: dict[str, Any], picture: str) -> dict[str, Any]:
    """Python values; of a picture only whether there are bytes, and its path."""
    values = {name: None if name == picture else value.as_py() for name, value in row.items()}
    if picture:
        held = row[picture]
        if held.is_valid and isinstance(held, pa.StructScalar):
            path = held["path"].as_py() if "path" in held else None
            values[picture] = {"bytes": b"" if held["bytes"].is_valid else None, "path": path}
        elif held.is_valid:
            values[picture] = b""
    return values
