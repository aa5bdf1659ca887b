"""What `file:PATH` reads: COCO, YOLO labels, JSON lines with boxes, else any dataset that diptych reads."""

from pathlib import Path

from diptych.data.errors import AddressError, SourceError
from diptych.data.records import Record
from diptych.data.sources import open_source
from diptych.models import file_coco, file_lines, file_yolo
from diptych.models.file_coco import Outlines


def rows_of(name: str) -> tuple[list[Record], Outlines]:
    """All rows and the shapes of their regions by id; AddressError says what cannot be read, since every row would fail of it."""
    try:
        return _rows_of(name)
    except (SourceError, OSError, RecursionError) as error:
        raise AddressError(f"file:{name} cannot answer: {error}") from error


def _rows_of(name: str) -> tuple[list[Record], Outlines]:
    path = Path(name)
    if "\x00" in name:
        raise SourceError("a path cannot hold a zero byte")
    coco = file_coco.files_of(path)
    if coco:
        shapes = file_coco.outlines(coco)
        rows, segments = file_coco.panoptic(coco, list(open_source(name)))
        return rows, {id: (*shapes.get(id, ()), *segments.get(id, ())) for id in {**shapes, **segments}}
    if file_lines.has_boxes(path):
        return file_lines.rows_of(path)
    if file_yolo.is_yolo(path):
        return file_yolo.rows_of(path)
    return list(open_source(name)), {}
