"""Rows of tables and JSON objects to records and back: which column holds the picture, which the captions, which the id."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.data.errors import SourceError
from diptych.data.records import Caption, Image, Record, Status

IDS = ("id", "record_id", "uid", "key")
IMAGES = (
    "image", "image_path", "file_name", "filename", "filepath", "file", "path", "img", "img_path", "picture", "photo",
    "image_url", "img_url", "url", "jpg", "jpeg", "png", "webp",
)  # fmt: skip
CAPTIONS = (
    "captions", "sentences", "caption", "text", "texts", "alt_text", "alttext", "alt", "description", "comment", "references", "txt",
)  # fmt: skip
SAID = ("text", "caption", "raw", "sentence")  # names of the words inside a caption object
_NUMBERED = re.compile(r"(caption|sentence|comment|text|description)[_ ]?[0-9]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")
_URL = re.compile(r"https?://", re.IGNORECASE)
LONGEST = 1_000_000  # characters of one caption


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns, where they are not to be guessed."""

    image: str = ""
    captions: tuple[str, ...] = ()
    id: str = ""

    def found_in(self, names: list[str], where: str) -> "Columns":
        """The columns among these names, the user's or by the lists above (case aside); SourceError if one he named is missing."""
        for name in filter(None, (self.image, *self.captions, self.id)):
            if name not in names:
                raise SourceError(f"{where} has no column {name!r}: it has {', '.join(names) or 'none'}")
        lower = {name.lower(): name for name in reversed(names)}
        captions = self.captions or tuple(lower[name] for name in CAPTIONS if name in lower)
        if not self.captions:
            # ours hold one caption in `caption` for other tools and all in `captions`
            more = (name for name in names if _NUMBERED.fullmatch(name.lower()))
            captions = (lower["captions"],) if "captions" in lower else (*captions, *more)
        image = self.image or next((lower[name] for name in IMAGES if name in lower and lower[name] not in captions), "")
        return Columns(image, captions, self.id or next((lower[name] for name in IDS if name in lower), ""))


GUESS = Columns()


def record_of(row: Mapping[str, Any], columns: Columns, image: Image, default: str) -> Record:
    """The record of a row; ValueError if its captions cannot be understood."""
    id = id_of(row, columns, default)
    captions: list[Caption] = []
    for name in columns.captions:
        found = list(_captions(row.get(name), f"{id}/{name}" if len(columns.captions) > 1 else id))
        captions.extend(found)
    chosen = row.get("chosen")
    known = {caption.id for caption in captions}
    kept = [str(c) for c in chosen if str(c) in known] if isinstance(chosen, list) else [caption.id for caption in captions]
    return Record(id, image, tuple(captions), chosen=tuple(kept), meta=_meta(row.get("meta")))


def id_of(row: Mapping[str, Any], columns: Columns, default: str) -> str:
    """What the row's id column says, else the default."""
    said = row.get(columns.id) if columns.id else None
    return default if said is None or said == "" else str(said)


def _meta(said: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in said.items() if v is not None} if isinstance(said, Mapping) else {}


def _captions(said: Any, prefix: str) -> Iterator[Caption]:
    """Captions from a string, a list of strings or objects, or an object of name: string."""
    if said is None:
        return
    if isinstance(said, str):
        said = [said]
    elif isinstance(said, Mapping) and not any(name in said for name in SAID):
        said = [{"text": text, "style": str(style)} for style, text in said.items()]
    elif isinstance(said, Mapping):
        said = [said]
    if not isinstance(said, list | tuple):
        raise ValueError(f"a caption must be text, an object or a list of them, got {type(said).__name__}")
    for index, item in enumerate(said):
        caption = _caption(item, f"{prefix}/{index}")
        if caption is not None:
            yield caption


def _caption(item: Any, id: str) -> Caption | None:
    parts = item if isinstance(item, Mapping) else {"text": item}
    text = next((parts[name] for name in SAID if parts.get(name) is not None), None)
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise ValueError(f"a caption must be text, got {type(text).__name__}")
    parents = parts.get("parents") or ()
    if not isinstance(parents, list | tuple):
        raise ValueError(f"the parents of a caption must be a list of ids, got {type(parents).__name__}")
    if len(text) > LONGEST:
        raise ValueError(f"a caption of {len(text)} characters: at most {LONGEST} are read; shorten it")
    return Caption(
        str(parts.get("id") or id),
        text,
        by=str(parts.get("by") or "source"),
        style=str(parts.get("style") or "alt"),
        language=str(parts.get("language") or "en"),
        region=None if parts.get("region") is None else str(parts["region"]),
        parents=tuple(map(str, parents)),
    )


def row_of(record: Record) -> dict[str, Any]:
    """What other tools can read of a record: id, the first chosen text, every caption with its writer."""
    standing = record.standing()
    row: dict[str, Any] = {"id": record.id, "caption": standing[0].text if standing else ""}
    row["captions"] = [
        {"id": c.id, "text": c.text, "by": c.by, "style": c.style, "language": c.language, "region": c.region, "parents": list(c.parents)}
        for c in record.captions
    ]
    row["chosen"] = list(record.chosen)
    return row


def located(said: Any, folder: str) -> Image:
    """The picture a cell names: a URL, an address, or a file taken from the table's folder; ValueError if it names none."""
    if not isinstance(said, str) or not said or "\x00" in said:
        raise ValueError(f"a picture must be a path or URL, got {said!r:.80}")
    if _URL.match(said):
        return Image(said)
    path = os.path.join(folder, said)
    if _SCHEME.match(said) and not os.path.exists(path):
        return Image(said)
    return Image(os.path.abspath(path))


def failed_row(id: str, why: object, image: Image | None = None) -> Record:
    """A row that cannot be read, so that it is counted and not lost."""
    return Record(id, image or Image(""), status=Status("failed", "read", " ".join(str(why).split())[:500]))


def text_of(path: Path, most: int = 64 << 20) -> str:
    """A UTF-8 file's text; ValueError if it is larger than `most` bytes or of another encoding."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path.name} is larger than {most} bytes: split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not UTF-8 ({error.reason} at byte {error.start}): convert it, e.g. with iconv") from None
