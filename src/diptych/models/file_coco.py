"""COCO JSON as an expert: the shapes of instances, and panoptic segments with the PNGs beside their JSON."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from diptych.data.coco import coco_files
from diptych.data.errors import AddressError, InputError
from diptych.data.objects import is_coco, is_lines, load
from diptych.data.records import Record
from diptych.data.regions import Region
from diptych.models.file_shapes import Outline, Polygons, Runs, Segment, box_of_numbers

Outlines = dict[str, tuple[Outline, ...]]  # by the record's id
BY = "human:coco"


def files_of(path: Path) -> tuple[Path, ...]:
    """The COCO files behind a path: itself, those of a folder, or none."""
    if path.is_dir():
        return tuple(file for file in map(Path, coco_files(path)) if is_coco(load(file)))
    return (path,) if path.suffix == ".json" and path.is_file() and not is_lines(path) and is_coco(load(path)) else ()


def outlines(files: tuple[Path, ...]) -> Outlines:
    """The shapes of all instances that have a box and a shape; what is wrong with one is said when it is drawn."""
    found: dict[str, list[Outline]] = {}
    for file in files:
        value = load(file)
        images = _images(value)
        for note in value["annotations"]:
            image = images.get(note.get("image_id")) if _named(note, "image_id") else None
            if image is not None and note.get("segmentation"):
                outline = _outline(note, image)
                if outline is not None:
                    found.setdefault(_id(image), []).append(outline)
    return {id: tuple(listed) for id, listed in found.items()}


def _outline(note: dict[str, Any], image: dict[str, Any]) -> Outline | None:
    said = note["segmentation"]
    try:
        size = int(image["width"]), int(image["height"])
        box = box_of_numbers(note["bbox"], *size)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        return None  # the reader of boxes says what is wrong with it
    return Outline(box, Runs(said) if isinstance(said, dict) else Polygons(said, size))


def panoptic(files: tuple[Path, ...], rows: list[Record]) -> tuple[list[Record], Outlines]:
    """The rows with their panoptic segments as regions, things and stuff alike, and the shapes of these."""
    regions: dict[str, list[Region]] = {}
    shapes: dict[str, list[Outline]] = {}
    for file in files:
        for id, region, outline in _segments(file, load(file)):
            regions.setdefault(id, []).append(region)
            shapes.setdefault(id, []).append(outline)
    whole = [replace(row, regions=(*row.regions, *regions.get(row.id, ()))) if row.id in regions else row for row in rows]
    return whole, {id: tuple(listed) for id, listed in shapes.items()}


def _segments(file: Path, value: dict[str, Any]) -> Iterator[tuple[str, Region, Outline]]:
    images = _images(value)
    names = {kind["id"]: str(kind.get("name", kind["id"])) for kind in _listed(value, "categories") if _named(kind, "id")}
    for number, note in enumerate(value["annotations"]):
        listed = note.get("segments_info") if isinstance(note, dict) else None
        if not isinstance(listed, list):
            continue
        try:
            image = images[note["image_id"]]
            place = _png(file, note["file_name"])
            for one in listed:
                box = box_of_numbers(one["bbox"], float(image["width"]), float(image["height"]))
                kind, label = "group" if one.get("iscrowd") else "object", names.get(one["category_id"], "")
                region = Region(f"{_id(image)}/segment/{one['id']}", box, kind, label, by=BY)  # type: ignore[arg-type]
                yield _id(image), region, Outline(box, Segment(place, int(one["id"])))
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise AddressError(f"file:{file} cannot answer: annotation {number} is no panoptic one ({why:.200}): correct it") from error


def _png(file: Path, name: Any) -> str:
    if not isinstance(name, str) or "\x00" in name:
        raise InputError(f"its file_name must name a PNG, got {name!r:.80}")
    last = name.replace("\\", "/").rpartition("/")[2]  # the PNGs lie in a folder of the JSON's name, wherever a file_name would lead
    beside = (file.with_suffix("") / last, file.parent / last)
    return str(next((place for place in beside if place.is_file()), beside[0]))


def _images(value: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    return {image["id"]: image for image in _listed(value, "images") if _named(image, "id")}


def _listed(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _named(value: Any, name: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(name), str | int)


def _id(image: dict[str, Any]) -> str:
    return str(image.get("record_id", image["id"]))
