"""Captions by image from one file, for metrics: nothing is left out in silence, so that empty captions and repeated ids stay visible.

A file is COCO captions or results JSON, `{id: caption or [captions]}`, a JSON list, JSON lines, CSV, TSV, Parquet, or text with a caption
a line. Columns are found by name as readers of datasets find them; an id is the image's (`image_id`), else the row's, else its picture's
path, else the row's number.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diptych.data.errors import SourceError
from diptych.data.objects import Numbered, decoded, entries, is_lines, lines
from diptych.data.rows import GUESS, IDS, IMAGES, LONGEST, SAID, Columns, text_of

_IDS = ("image_id", "cocoid", *IDS, "imgid", "imageid", *IMAGES, "question_id")
MISSING = frozenset(("nan", "NaN", "NAN", "null", "NULL", "None", "<NA>"))  # as pandas and databases write none
_NAME_IT = "name its column with --candidate-column or --reference-columns"
_TEXT_BYTES = 1 << 30
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions by image in the file's order. `repeated` stood in several rows; `broken` says why rows could not be read."""

    name: str
    texts: Mapping[str, tuple[str, ...]]
    repeated: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    numbered: bool = False  # the ids are numbers of rows


def read_captions(path: str | Path, columns: Columns = GUESS) -> Captions:
    """Reads the file; SourceError if it is missing, empty, a folder, of no kind that is read, or holds no caption at all."""
    file = Path(path)
    found: dict[str, list[str]] = {}
    seen: Counter[str] = Counter()
    broken: list[str] = []
    named: bool | None = None
    for number, row in _rows(file, columns):
        id: str | None = None
        try:
            if isinstance(row, Exception):
                raise row
            id = _id(row, columns)
            texts = _texts(row, columns)
            named = id is not None if named is None else named
            if (id is not None) != named:
                raise ValueError("it has no id, others have" if named else "it has an id, others have none")
        except ValueError as error:
            broken.append(f"row {number}{'' if id is None else f' (id {id!r})'}: {error}")
            continue
        key = str(number) if id is None else id
        found.setdefault(key, []).extend(texts)
        seen[key] += 1
    if not found:
        why = f": {broken[0]}" if broken else ": give COCO JSON, {id: caption}, JSON lines, CSV or Parquet with a column of captions"
        raise SourceError(f"{file} holds no captions{why}")
    repeated = tuple(id for id, times in seen.items() if times > 1)
    return Captions(str(file), {id: tuple(texts) for id, texts in found.items()}, repeated, tuple(broken), not named)


def _rows(file: Path, columns: Columns) -> Iterator[Numbered]:
    """Numbered rows, whatever the format; an error in the place of one that cannot be read."""
    head = _head(file)
    if head[:4] == b"PAR1":
        return _parquet(file, columns)
    if file.suffix == ".txt":
        return enumerate({"text": line} for line in _lines(file))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and file.suffix not in (".csv", ".tsv"):
        return lines(file) if is_lines(file) else _of_json(decoded(file, json.JSONDecoder(object_pairs_hook=once)))
    if file.suffix in (".csv", ".tsv"):
        return _table(file, columns)
    raise SourceError(f"{file} is of no kind that holds captions: give COCO JSON, {{id: caption}}, JSON lines, CSV, TSV, Parquet or .txt")


def _head(file: Path) -> bytes:
    if file.is_dir():
        raise SourceError(f"{file} is a folder: give a file of captions, or name the folder as DATA")
    try:
        with file.open("rb") as opened:
            head = opened.read(512)
    except OSError as error:
        raise SourceError(f"{str(file)!r} cannot be read ({error.strerror}): check the file's name and permissions") from error
    if not head:
        raise SourceError(f"{file} is empty: give a file with captions")
    if head[:2] == b"\x1f\x8b":
        raise SourceError(f"{file} is compressed: gunzip it first")
    return head


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys all differ; JSON readers keep the last of two and say nothing."""
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice!r} stands twice in one object: keep one")
    return made


def _of_json(value: Any) -> Iterator[Numbered]:
    """Rows of a loaded file: COCO's annotations, a list of objects, texts or lists of texts, or one row for each key."""
    if isinstance(value, dict) and isinstance(value.get("annotations"), list):
        yield from _of_coco(value)
        return
    if isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, dict):
                yield number, item
            elif isinstance(item, str | list):
                yield number, {"captions": item}
            else:
                yield number, ValueError(f"a row must be an object or a text, got {type(item).__name__}")
        return
    yield from entries(value)


def _of_coco(value: Mapping[str, Any]) -> Iterator[Numbered]:
    listed = value.get("images")
    images = [image for image in listed if isinstance(image, dict)] if isinstance(listed, list) else []
    names = {str(image.get("id")): str(image.get("record_id", image.get("id"))) for image in images}
    said = set()
    for number, note in enumerate(value["annotations"]):
        if not isinstance(note, dict):
            yield number, ValueError(f"an annotation must be an object, got {type(note).__name__}")
            continue
        if note.get("image_id") is None:
            yield number, ValueError("the annotation has no image_id")
            continue
        id = names.get(str(note["image_id"]), str(note["image_id"]))
        said.add(id)
        yield number, {"image_id": id, "caption": note.get("caption")}
    for id in names.values():
        if id not in said:
            yield -1, {"image_id": id, "captions": []}


def _lines(file: Path) -> list[str]:
    try:
        found = text_of(file, _TEXT_BYTES).replace("\r\n", "\n").split("\n")
    except ValueError as error:
        raise SourceError(str(error)) from error
    return found[:-1] if found[-1] == "" else found


def _table(file: Path, columns: Columns) -> Iterator[Numbered]:
    from diptych.data.tables import csv_rows  # noqa: PLC0415 - ten captions in JSON should not wait for tables

    found: Columns | None = None
    for number, row in csv_rows(file):
        if isinstance(row, Exception):
            yield number, row
            continue
        found = found or _known(file, list(row), columns)
        yield number, _without_missing(row, found.captions)


def _without_missing(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The row with the cells that tables write for a missing caption as none; an empty cell is an empty caption."""
    missing = {name: Missing(row[name]) for name in names if isinstance(row[name], str) and row[name] in MISSING}
    return {**row, **(missing if len(names) == 1 else dict.fromkeys(missing))} if missing else row


@dataclass(frozen=True, slots=True)
class Missing:
    """A cell whose text stands for no value."""

    text: str


def _known(file: Path, names: list[str], columns: Columns) -> Columns:
    found = columns.found_in(names, file.name)
    if not found.captions:
        if len(names) == 1 and ";" in names[0]:
            raise SourceError(f"{file} has one column, {names[0]!r:.200}: columns are parted by commas or tabs; convert the semicolons")
        raise SourceError(f"{file} has no column of captions among {', '.join(names)[:200]}: {_NAME_IT}")
    return found


def _parquet(file: Path, columns: Columns) -> Iterator[Numbered]:
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415

    from diptych.data.schema import from_batch, is_ours  # noqa: PLC0415
    from diptych.data.tables import holds_bytes  # noqa: PLC0415

    try:
        with pq.ParquetFile(file) as opened:
            schema = opened.schema_arrow
            if is_ours(schema):
                rows = (record for batch in opened.iter_batches() for record in from_batch(batch))
                yield from enumerate({"id": row.id, "captions": [caption.text for caption in row.standing()]} for row in rows)
                return
            found = _known(file, schema.names, columns)
            plain = tuple(name for name in schema.names if not holds_bytes(schema.field(name).type))
            ids = (columns.id,) if columns.id else _id_columns(plain)[:1]
            start = 0
            for batch in opened.iter_batches(_ROWS, columns=sorted({*ids, *found.captions})):
                yield from enumerate(batch.to_pylist(), start)
                start += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{file} cannot be read as Parquet ({error}): get it again") from error


def _id(row: Mapping[str, Any], columns: Columns) -> str | None:
    """The image's id as the row says it; None where nothing names it."""
    for name in (columns.id,) if columns.id else _id_columns(tuple(row)):
        said = row.get(name)
        if isinstance(said, str | int | float) and said != "":
            return str(said)
    if columns.id:
        raise ValueError(f"it has no id in the column {columns.id!r}")
    return None


def id_of_image(row: Mapping[str, Any]) -> str | None:
    """The image's id as a row says it, by the names of its columns."""
    return _id(row, GUESS)


@lru_cache(1024)
def _id_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    lower = {name.lower(): name for name in reversed(names)}
    return tuple(lower[name] for name in _IDS if name in lower)


def _texts(row: Mapping[str, Any], columns: Columns) -> list[str]:
    """The row's captions; of several columns the empty ones say nothing, one alone may hold an empty caption."""
    names = _found(columns, tuple(row)).captions
    if not names:
        raise ValueError(f"it has no caption among {', '.join(row)[:200] or 'nothing'} ({_NAME_IT})")
    if len(names) == 1:
        return list(_listed(row[names[0]]))
    return [text for name in names if row[name] is not None and row[name] != "" for text in _listed(row[name])]


@lru_cache(1024)
def _found(columns: Columns, names: tuple[str, ...]) -> Columns:
    return columns.found_in(list(names), "the row")


def _listed(said: Any) -> Iterable[str]:
    if isinstance(said, Mapping) and not any(name in said for name in SAID):
        said = list(said.values())
    for item in said if isinstance(said, list | tuple) else [said]:
        text = next((item[name] for name in SAID if item.get(name) is not None), None) if isinstance(item, Mapping) else item
        if isinstance(text, Missing):
            raise ValueError(f"the caption is {text.text!r}, which tables write where one is missing (an empty cell is an empty caption)")
        if not isinstance(text, str):
            raise ValueError(f"a caption must be text, got {'none' if text is None else f'{text!r:.40}'}")
        if len(text) > LONGEST:
            raise ValueError(f"a caption of {len(text)} characters: at most {LONGEST} are read; shorten it")
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ValueError("a caption that is no Unicode text (it holds half a character): correct or convert the file")
        yield text
