"""WebDataset tars: files that share a name up to its first dot are one row. Nothing is extracted, and pickles are never read."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from diptych.data.errors import SourceError
from diptych.data.folder import PICTURES
from diptych.data.records import Image, Record
from diptych.data.rows import GUESS, Columns, failed_row, record_of
from diptych.data.tars import Member, members, read_at

_NAME = re.compile(r"((?:.*/|)[^./]+)[.]([^/#]*)(#[0-9]+)?", re.DOTALL)
_WORDS = ("txt", "caption", "text", "cap")
_MOST = 16 << 20  # bytes of one text


@dataclass(frozen=True, slots=True)
class Tars:
    """Rows of the tars in turn, named TAR/KEY, so that one key in two tars is two rows; our own tars keep their ids."""

    name: str
    files: tuple[str, ...]
    columns: Columns = GUESS

    @property
    def length(self) -> int | None:
        """Unknown until read."""
        return None

    def __iter__(self) -> Iterator[Record]:
        for file in self.files:
            stem = os.path.basename(file).rpartition(".")[0]
            try:
                for key, found in _grouped(file):
                    yield _row(os.path.abspath(file), f"{stem}/{key}", found, self.columns)
            except SourceError as error:
                yield failed_row(f"{stem}:broken", error)


def _grouped(file: str) -> Iterator[tuple[str, list[tuple[str, Member]]]]:
    """Key with its endings and members; where the tar breaks off, what was found before and then the error."""
    key, broken = "", None
    found: list[tuple[str, Member]] = []
    try:
        for member in members(file):
            parts = _NAME.fullmatch(member.name)
            if parts is None:
                continue
            here = parts[1] + (parts[3] or "")  # a name met again (key and number) is a row of its own
            if found and here != key:
                yield key, found
                found = []
            key = here
            found.append((parts[2].lower(), member))
    except SourceError as error:
        broken = error
    if found:
        yield key, found
    if broken is not None:
        raise broken


def _row(file: str, id: str, found: list[tuple[str, Member]], columns: Columns) -> Record:
    endings = dict(found)
    picture = next((m for end, m in found if f".{end.rpartition('.')[2]}" in PICTURES), None)
    image = Image(file, picture.name) if picture else Image("")
    try:
        said: dict[str, Any] = _object(file, endings["json"]) if "json" in endings else {}
        own = "captions" in said and "chosen" in said
        known = columns.found_in(list(said), id)
        row = {name: said.get(name) for name in (*known.captions, "chosen", "meta")}
        words = [_text(file, endings[end]).strip() for end in _WORDS if end in endings and not own]
        texts = [text for text in words if text and text not in [value for value in row.values() if isinstance(value, str)]]
        row["words"] = texts or None
        record = record_of(row if not own else said, _columns(known, own, bool(texts)), image, id)
    except (ValueError, RecursionError) as error:
        return failed_row(id, f"{id}: {error}", image)
    if picture is None and not record.captions:
        return failed_row(id, f"{id}: it holds neither picture nor caption, only {', '.join(sorted(endings))[:200]}", image)
    passed = sorted({end for end, member in found if member is not picture and end not in (*_WORDS, "json")})
    return record if not passed else _noted(record, passed)


def _columns(known: Columns, own: bool, words: bool) -> Columns:
    if own:
        return Columns(captions=("captions",), id="id")
    return Columns(captions=(("words",) if words else ()) + known.captions)


def _noted(record: Record, passed: list[str]) -> Record:
    return Record(
        record.id, record.subject, record.captions, chosen=record.chosen, meta={**record.meta, "not read": ", ".join(passed)[:200]}
    )


def _text(file: str, member: Member) -> str:
    if member.size > _MOST:
        raise ValueError(f"{member.name} has {member.size} bytes: at most {_MOST} are read")
    try:
        return read_at(file, member.start, member.size).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{member.name} is not UTF-8") from None


def _object(file: str, member: Member) -> dict[str, Any]:
    found = json.loads(_text(file, member))
    return found if isinstance(found, dict) else {}
