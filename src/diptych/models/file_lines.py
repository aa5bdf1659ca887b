"""JSON lines with boxes as an expert: `{"id": "7", "objects": [{"label": "dog", "box": [.1, .2, .5, .9]}], "words": [...]}`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from diptych.data.errors import AddressError, InputError
from diptych.data.objects import is_lines, lines
from diptych.data.records import Image, Record
from diptych.data.regions import Box, Region
from diptych.data.rows import GUESS, id_of, record_of
from diptych.models.file_coco import Outlines
from diptych.models.file_shapes import Outline, Polygons, Runs, box_of_numbers, polygons, unit_box

LISTS: Mapping[str, str] = {"objects": "object", "words": "text"}  # by key, what kind of region it lists
MOST = 10_000  # regions of one row
BY = "file"


def has_boxes(path: Path) -> bool:
    """Whether a file of JSON lines lists objects or words with boxes."""
    if not path.is_file() or path.suffix not in (".jsonl", ".ndjson", ".json") or not is_lines(path):
        return False
    return any(isinstance(row, dict) and any(_boxed(row.get(key)) for key in LISTS) for _, row in lines(path))


def _boxed(said: Any) -> bool:
    return isinstance(said, list) and any(isinstance(one, dict) and ("box" in one or "bbox" in one) for one in said)


def rows_of(path: Path) -> tuple[list[Record], Outlines]:
    """Rows with their captions and regions, and the shapes. AddressError for a row that cannot be read, with its number from 1."""
    rows: list[Record] = []
    shapes: Outlines = {}
    for number, row in lines(path):
        try:
            if isinstance(row, Exception):
                raise row
            columns = GUESS.found_in(list(row), "the row")
            id = id_of(row, columns, str(row.get("image_id") or row.get(columns.image) or f"{path.name}:{number}"))
            regions = list(_regions(row, id))
            said = row.get(columns.image)
            image = Image(said if isinstance(said, str) else "")  # to be called by, not to be opened
            rows.append(_with(record_of({**row, "id": id}, columns, image, id), id, regions))
        except (ValueError, RecursionError, OverflowError) as error:
            raise AddressError(f"file:{path} cannot answer: line {number + 1}: {error}") from error
        # of two rows with one id the first stands
        shapes.setdefault(id, tuple(outline for _, outline in regions if outline is not None))
    return rows, shapes


def _with(record: Record, id: str, regions: list[tuple[Region, Outline | None]]) -> Record:
    return Record(id, record.subject, record.captions, tuple(region for region, _ in regions), chosen=record.chosen)


def _regions(row: dict[str, Any], id: str) -> Iterator[tuple[Region, Outline | None]]:
    for key, kind in LISTS.items():
        listed = row.get(key) or []
        if not isinstance(listed, list) or len(listed) > MOST:
            raise InputError(f"{key} must be a list of at most {MOST}, got {listed!r:.80}")
        for number, one in enumerate(listed):
            if not isinstance(one, dict):
                raise InputError(f'{key} must list {{"label", "box"}}, got {one!r:.80}')
            box, attributes = _box(one, row), one.get("attributes") or []
            label = next((one[name] for name in ("label", "text", "name", "category", "words") if isinstance(one.get(name), str)), None)
            if label is None or not isinstance(attributes, list):
                raise InputError(f"each of {key} needs a label and attributes in a list, got {one!r:.80}")
            region = Region(f"{id}/{key}/{number}", box, kind, label, tuple(map(str, attributes)), score=_score(one.get("score")), by=BY)  # type: ignore[arg-type]
            yield region, _shape(one, box, row)


def _box(one: dict[str, Any], row: dict[str, Any]) -> Box:
    if isinstance(one.get("box"), list):
        return unit_box(one["box"])
    if not isinstance(one.get("bbox"), list):
        raise InputError(f"a box must be given as box, in fractions, or bbox, in pixels, got {one!r:.80}")
    return box_of_numbers(one["bbox"], *_size(row))


def _size(row: dict[str, Any]) -> tuple[int, int]:
    size = row.get("width"), row.get("height")
    if not all(isinstance(side, int) and 0 < side < 1 << 20 for side in size):
        raise InputError(f"a box in pixels needs the picture's width and height in its row, got {size}")
    return size  # type: ignore[return-value]


def _score(said: Any) -> float | None:
    if said is not None and (not isinstance(said, int | float) or not 0 <= said <= 1):
        raise InputError(f"a score must be a number from 0 to 1, got {said!r:.80}")
    return None if said is None else float(said)


def _shape(one: dict[str, Any], box: Box, row: dict[str, Any]) -> Outline | None:
    if (said := one.get("polygons")) is not None:  # in fractions, as box is
        polygons(said)
        return Outline(box, Polygons(said))
    said = one.get("segmentation")  # as in COCO
    if said is None:
        return None
    return Outline(box, Runs(said) if isinstance(said, dict) else Polygons(said, _size(row)))
