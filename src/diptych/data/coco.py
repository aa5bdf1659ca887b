"""COCO JSON: captions, instances, or both for the same images (a folder of captions*.json and instances*.json)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.data.errors import SourceError
from diptych.data.objects import forget, is_coco, load
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Region
from diptych.data.rows import failed_row, located

BY = "human:coco"
_KINDS = ("object", "part", "text", "group", "crop")


@dataclass(frozen=True, slots=True)
class Coco:
    """Images in order of mention with their captions and boxes; masks are left where they are. A record's id is the image's."""

    name: str
    files: tuple[str, ...]

    @property
    def length(self) -> int | None:
        """Unknown until read."""
        return None

    def __iter__(self) -> Iterator[Record]:
        images: dict[Any, dict[str, Any]] = {}
        said: dict[Any, list[dict[str, Any]]] = {}
        kinds: dict[Any, str] = {}
        bad: list[Record] = []
        for file in self.files:
            value = load(Path(file))
            if not is_coco(value):
                raise SourceError(f"{file} is no COCO JSON: it needs a list of images and one of annotations")
            for index, image in enumerate(value["images"]):
                if isinstance(image, dict) and isinstance(image.get("id"), str | int):
                    images.setdefault(image["id"], image)
                else:
                    bad.append(failed_row(f"images:{index}", f"image {index} of {file} has no id"))
            kinds |= _kinds(value.get("categories"))
            for index, note in enumerate(value["annotations"]):
                if isinstance(note, dict) and isinstance(note.get("image_id"), str | int):
                    said.setdefault(note["image_id"], []).append(note)
                else:
                    bad.append(failed_row(f"annotations:{index}", f"annotation {index} of {file} has no image_id"))
        folder = _pictures(self.files[0], next(iter(images.values()), {}))
        for id, image in images.items():
            yield _record(image, said.pop(id, []), kinds, folder)
        forget()
        for id in said:
            yield failed_row(str(id), f"annotations of image {id}, which no list of images has")
        yield from bad


def _kinds(categories: Any) -> dict[Any, str]:
    """Names of categories by their ids."""
    if not isinstance(categories, list):
        return {}
    known = (kind for kind in categories if isinstance(kind, dict) and isinstance(kind.get("id"), str | int))
    return {kind["id"]: str(kind.get("name", kind["id"])) for kind in known}


def coco_files(folder: Path) -> tuple[str, ...]:
    """COCO files in a folder or its `annotations`, captions before instances."""
    for here in (folder, folder / "annotations"):
        found = sorted(here.glob("captions*.json")) + sorted(here.glob("instances*.json"))
        if found:
            return tuple(map(str, found))
    return ()


def _pictures(file: str, first: dict[str, Any]) -> str:
    """The folder in which the first picture lies, else the JSON's own."""
    here = Path(file).absolute().parent
    split = Path(file).stem.rpartition("_")[2]
    tries = [base / part for base in (here, here.parent) for part in (".", "images", split, f"images/{split}")]
    name = first.get("file_name")
    return str(next((t for t in tries if isinstance(name, str) and "\x00" not in name and (t / name).is_file()), here))


def _record(image: dict[str, Any], notes: list[dict[str, Any]], kinds: dict[Any, str], folder: str) -> Record:
    id = str(image.get("record_id", image["id"]))
    reference = None
    try:
        said = image.get("file_name") or image.get("coco_url")
        reference = Image("") if said in (None, "") else located(said, folder)
        member = image.get("image_member")
        reference = Image(reference.path, member) if isinstance(member, str) else reference
        captions = tuple(_caption(id, note) for note in notes if note.get("caption"))
        regions = tuple(_region(id, note, image, kinds) for note in notes if "bbox" in note)
    except (ValueError, TypeError, ArithmeticError) as error:
        return failed_row(id, f"image {id}: {error}", reference)
    if not reference.path and not captions:
        return failed_row(id, f"image {id} has neither file_name nor caption")
    known = {caption.id for caption in captions}
    said = image.get("chosen")
    chosen = [c for c in said if isinstance(c, str) and c in known] if isinstance(said, list) else [caption.id for caption in captions]
    return Record(id, reference, captions, regions, chosen=tuple(chosen))


def _caption(record: str, note: dict[str, Any]) -> Caption:
    if not isinstance(note["caption"], str):
        raise ValueError(f"a caption must be text, got {type(note['caption']).__name__}")
    return Caption(
        str(note.get("caption_id", f"{record}/{note.get('id')}")),
        note["caption"],
        by=str(note.get("by", "source")),
        style=str(note.get("style", "alt")),
        language=str(note.get("language", "en")),
        region=None if note.get("region") is None else str(note["region"]),
        parents=tuple(map(str, note.get("parents", ()))),
    )


def _region(record: str, note: dict[str, Any], image: dict[str, Any], kinds: dict[Any, str]) -> Region:
    width, height = float(image.get("width") or 0), float(image.get("height") or 0)
    if width <= 0 or height <= 0:
        raise ValueError("it has boxes, but no width and height")
    left, top, across, down = map(float, note["bbox"])
    if not all(map(math.isfinite, (left, top, left + across, top + down))):
        raise ValueError(f"its box {note['bbox']} is no place: a box needs four finite numbers")
    if across < 0 or down < 0:
        raise ValueError(f"its box {note['bbox']} is no place: width and height must be 0 or more")
    score = None if note.get("score") is None else float(note["score"])
    if score is not None and not math.isfinite(score):
        raise ValueError(f"the score of a box must be a finite number, got {score}")
    return Region(
        str(note.get("region_id", f"{record}/box/{note.get('id')}")),
        Box(left / width, top / height, (left + across) / width, (top + down) / height),
        "group" if note.get("iscrowd") else note["kind"] if note.get("kind") in _KINDS else "object",
        kinds.get(note.get("category_id"), ""),
        tuple(map(str, note.get("attributes") or ())) if isinstance(note.get("attributes"), list) else (),
        score=score,
        by=str(note.get("by", BY)),
    )
