"""What all writers share: a destination that appears whole or not at all, names for files, bytes of pictures, a tally."""

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.data.decoding import Decoder, ending
from diptych.data.errors import PictureError, SourceError
from diptych.data.folder import PICTURES
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.rows import row_of

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(slots=True)
class Job:
    """One conversion under way. `folder` is where relative paths will count from."""

    folder: Path
    pictures: Callable[[Image], Picture]
    kind: str
    single: bool = False  # one JSON file, where the format may have several
    written: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)  # how often each was asked for

    def skip(self, record: Record, why: object) -> None:
        """Counts a row that the format or its picture does not let through."""
        self.skipped.append((record.id, " ".join(str(why).split())[:500]))

    def name(self, record: Record) -> str:
        """A file name without ending that no other row has, whatever the file system makes of capitals."""
        stem = os.path.splitext(record.id)[0] if record.id.lower().endswith(PICTURES) else record.id
        plain = _UNSAFE.sub("_", stem).strip("_-")[:100] or "row"
        name = plain
        while name.lower() in self.names:
            self.names[plain.lower()] += 1
            name = f"{plain}-{self.names[plain.lower()]}"
        self.names[name.lower()] = 1
        return name

    def place(self, record: Record) -> str:
        """The path or URL of the record's picture: relative if it lies under the destination's folder."""
        path, here = record.subject.path, str(self.folder)
        inside = os.path.isabs(path) and os.path.commonpath([path, here]) == here
        return os.path.relpath(path, here).replace(os.sep, "/") if inside else path

    def picture(self, record: Record) -> tuple[bytes, str] | None:
        """The picture's file and its ending; None, and the row skipped, if there is none or it is broken."""
        if not record.subject.path:
            self.skip(record, "it has no picture, and this format needs one")
            return None
        try:
            return file_of(self.pictures(record.subject))
        except PictureError as error:
            self.skip(record, error)
            return None

    def row(self, record: Record) -> dict[str, Any] | None:
        """The record as a table row; None, and the row skipped, if UTF-8 cannot hold its words."""
        row = {"image": self.place(record), "image_member": record.subject.member, **row_of(record)}
        try:
            _words(row).encode()
        except UnicodeEncodeError:
            self.skip(record, "it holds text that is not UTF-8, which this format cannot hold: write JSON lines")
            return None
        return row


def _words(value: Any) -> str:
    """All words in a row, one after another."""
    if isinstance(value, dict):
        return "".join(map(_words, value.values()))
    return "".join(map(_words, value)) if isinstance(value, list) else str(value)


def file_of(picture: Picture) -> tuple[bytes, str]:
    """The picture's own file, or a PNG of what was rendered; with its ending."""
    if isinstance(picture.load, Decoder):
        data = picture.load.data
        return data, ending(data)
    sink = io.BytesIO()
    picture.pil().save(sink, "PNG")
    return sink.getvalue(), ".png"


@contextmanager
def fresh(dest: Path) -> Iterator[Path]:
    """A place beside `dest` that becomes `dest` at the end; nothing stays if anything fails. SourceError if `dest` is there already."""
    if os.path.lexists(dest) and not (dest.is_dir() and not any(dest.iterdir())):
        raise SourceError(f"{dest} exists already: nothing is overwritten; give another name or move it away")
    partial = dest.with_name(f".{dest.name}.{os.getpid()}.partial")
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        os.replace(partial, dest)
    except OSError as error:
        raise SourceError(f"{dest} cannot be written ({error.strerror or error}): check space and permissions") from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        elif os.path.lexists(partial):
            partial.unlink()
