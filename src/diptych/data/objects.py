"""Objects in JSON files, whatever their layout: lines, a list, one object for each id, or objects one after another."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from diptych.data.errors import SourceError
from diptych.data.rows import text_of

MOST = 2 << 30  # bytes of a JSON file that must be held whole
_LINE = 32 << 20  # characters of one line
_SPACE = re.compile(r"\s*")
Numbered = tuple[int, Any]  # line or index, and the object or the error that stands for it


def is_lines(path: Path) -> bool:
    """Whether the file's first line is an object by itself."""
    named = path.suffix in (".jsonl", ".ndjson")
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for line in iter(lambda: file.readline(_LINE), ""):
            if line.strip():
                more = any(map(str.strip, iter(lambda: file.readline(_LINE), "")))
                try:
                    # of several lines the first may be the broken one; one line alone may be a whole list
                    return (named or more) if isinstance(json.loads(line), dict) else (named and more)
                except (ValueError, RecursionError):
                    return named
    return named


def lines(path: Path) -> Iterator[Numbered]:
    """One object a line, numbered from 0; a line that is none is an error in its place."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LINE), "")):
            if line.strip():
                yield number, _object(line)


def _object(line: str) -> Any:
    try:
        line.encode()
        found = json.loads(line)
    except UnicodeEncodeError:
        return ValueError("the line is not UTF-8: convert the file, e.g. with iconv")
    except (ValueError, RecursionError) as error:
        return ValueError(f"the line is no JSON object ({error})")
    return found if isinstance(found, dict) else ValueError(f"the line must be a JSON object, got {type(found).__name__}")


def load(path: Path) -> Any:
    """The whole file: one value, or a list of those that follow one another. SourceError if it is not JSON.

    The last two are remembered, since a file is looked at before it is read; `forget` lets them go.
    """
    stat = path.stat()
    return _load(path, stat.st_mtime_ns, stat.st_size)


def forget() -> None:
    """Lets remembered files go."""
    _load.cache_clear()


@lru_cache(maxsize=2)
def _load(path: Path, changed: int, size: int) -> Any:
    return decoded(path, json.JSONDecoder())


def decoded(path: Path, reader: json.JSONDecoder) -> Any:
    """The whole file as `load` gives it, by a reader of one's own; nothing is remembered."""
    try:
        text = text_of(path, MOST)
        values, at = [], _blank(text, 0)
        while at < len(text):
            value, at = reader.raw_decode(text, at)
            values.append(value)
            at = _blank(text, at)
    except (ValueError, RecursionError, OSError) as error:
        raise SourceError(f"{path} cannot be read as JSON ({error}): correct or convert it") from error
    return values[0] if len(values) == 1 else values


def _blank(text: str, at: int) -> int:
    """Where the next value begins."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def is_coco(value: Any) -> bool:
    """Whether a loaded file lists images and annotations as COCO does."""
    return isinstance(value, dict) and isinstance(value.get("images"), list) and isinstance(value.get("annotations"), list)


def entries(value: Any) -> Iterator[Numbered]:
    """The rows in a loaded file: items of a list, of its "images", or one for each key. Captions listed by image_id are gathered."""
    if isinstance(value, dict) and isinstance(value.get("images"), list):
        value = value["images"]
    if isinstance(value, dict):
        value = [{"id": key, **(item if isinstance(item, dict) else {"captions": item})} for key, item in value.items()]
    if not isinstance(value, list):
        return
    if value and all(isinstance(item, dict) and item.keys() <= {"image_id", "caption", "id"} and "image_id" in item for item in value):
        value = _gathered(value)
    for number, item in enumerate(value):
        yield number, item if isinstance(item, dict) else ValueError(f"a row must be a JSON object, got {type(item).__name__}")


def _gathered(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(str(item["image_id"]), []).append(item.get("caption"))
    return [{"id": id, "captions": captions} for id, captions in found.items()]
