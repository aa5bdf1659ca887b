"""`file:PATH`: annotations as an expert. Its rows answer for the records with their ids.

PATH is COCO JSON (instances, keypoints, panoptic with its PNGs), YOLO labels, JSON lines with boxes, or any dataset that diptych reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from diptych.arrays.boxes import iou
from diptych.arrays.masks import Pixels, encode
from diptych.data.errors import AddressError, DiptychError
from diptych.data.records import Record
from diptych.data.regions import Box, Mask, Region
from diptych.language.wordnet import same_thing
from diptych.models.abilities import (
    Captioner,
    CaptionRequest,
    Described,
    Detection,
    Detections,
    Detector,
    DetectRequest,
    Failed,
    Ocr,
    ReadRequest,
    Segmenter,
    SegmentRequest,
    Segments,
    Word,
    Words,
)
from diptych.models.addresses import Address
from diptych.models.file_rows import rows_of
from diptych.models.file_shapes import Outline, drawn

SAME = 0.3  # intersection over union from which an annotation is taken to be what a box means


@dataclass(frozen=True, slots=True)
class Annotations:
    """Captions, boxes, masks and words by record. Draw n is the n-th caption; a request without a row, or without that caption, fails.

    A row answers for the record with its id, else for one whose file name, with or without its ending, is the row's id or the name
    of its picture; a name that two rows share stands for neither.
    """

    path: str
    rows: dict[str, Record]
    names: dict[str, Record | None]
    classes: frozenset[str] = frozenset()  # labels of all boxes
    outlines: dict[str, tuple[Outline, ...]] = field(default_factory=dict)  # by the row's id

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """The row's captions."""
        return [self._caption(request) for request in requests]

    def _caption(self, request: CaptionRequest) -> Described | Failed:
        row = self._row(request.record)
        if row is None or len(row.captions) <= request.draw:
            return self._missing("caption")
        return Described(row.captions[request.draw].text)

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """The row's object regions whose label names the same thing as a phrase; all of them when none is asked for.

        What no row of the dataset has a box for is not annotated: such phrases are left unjudged.
        """
        return [self._detect(request) for request in requests]

    def _detect(self, request: DetectRequest) -> Detections | Failed:
        row = self._row(request.record)
        if row is None:
            return self._missing("boxes")
        objects = [region for region in row.regions if region.kind == "object"]
        if not request.phrases:
            return Detections(tuple(_detection(region.label, region) for region in objects))
        found = tuple(_detection(p, r) for p in request.phrases for r in objects if same_thing(p, r.label))
        return Detections(found, tuple(phrase for phrase in request.phrases if not self._known(phrase)))

    def _known(self, phrase: str) -> bool:
        return any(same_thing(phrase, label) for label in self.classes)

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]:
        """The row's text regions."""
        return [self._read(request) for request in requests]

    def _read(self, request: ReadRequest) -> Words | Failed:
        row = self._row(request.record)
        if row is None:
            return self._missing("words")
        return Words(tuple(Word(r.label, r.box, _score(r)) for r in row.regions if r.kind == "text"))

    def segment(self, requests: list[SegmentRequest]) -> list[Segments | Failed]:
        """For each box the shape whose own box fits it best; the box itself, filled, where none overlaps it by `SAME`."""
        return [self._segment(request) for request in requests]

    def _segment(self, request: SegmentRequest) -> Segments | Failed:
        row = self._row(request.record)
        if row is None:
            return self._missing("shapes")
        size = request.picture.width, request.picture.height
        known = self.outlines.get(row.id, ())
        fits_NQ = iou([_corners(box) for box in request.boxes], [_corners(one.box) for one in known])
        masks: list[Mask] = []
        try:
            for fits_Q, box in zip(fits_NQ, request.boxes, strict=True):
                best = int(fits_Q.argmax()) if known else -1
                masks.append(encode(drawn(known[best], size) if best >= 0 and fits_Q[best] >= SAME else _box_filled(box, size)))
        except (DiptychError, OSError) as error:
            return Failed(f"{self.path}: {error}")
        return Segments(tuple(masks))

    def _row(self, id: str) -> Record | None:
        if id in self.rows:
            return self.rows[id]
        return next((row for name in names_of(id) if (row := self.names.get(name)) is not None), None)

    def _missing(self, what: str) -> Failed:
        like = next(iter(self.rows), "")
        return Failed(f"{self.path} has no {what} for this row: its ids, such as {like!r}, must be the records' ids or file names")


def names_of(path: str) -> tuple[str, str]:
    """A file's name with and without its ending."""
    name = path.rpartition("/")[2]
    return name, name.rpartition(".")[0] or name


def by_name(rows: Iterable[Record]) -> dict[str, Record | None]:
    """Rows by the names they go by; None for a name that two share."""
    found: dict[str, Record | None] = {}
    for row in rows:
        for name in {*names_of(row.id), *names_of(row.subject.path)} - {""}:
            found[name] = None if name in found else row
    return found


def _detection(phrase: str, region: Region) -> Detection:
    return Detection(phrase, region.box, _score(region), region.attributes)


def _score(region: Region) -> float:
    return 1.0 if region.score is None else region.score


def _corners(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.right, box.bottom


def _box_filled(box: Box, size: tuple[int, int]) -> Pixels:
    """The pixels whose middle lies in the box."""
    x_W, y_H = ((np.arange(side) + 0.5) / side for side in size)
    inside: Pixels = ((y_H >= box.top) & (y_H <= box.bottom))[:, None] & ((x_W >= box.left) & (x_W <= box.right))
    return inside


ABILITIES: Sequence[type] = (Captioner, Detector, Segmenter, Ocr)


def open_file(address: Address, ability: type) -> Annotations:
    """The scheme `file:`. Reads the whole dataset once; its option `family` names the voice."""
    if ability not in ABILITIES:
        raise AddressError(
            f"file:{address.name} cannot be a {ability.__name__}: annotations serve as Captioner, Detector, Segmenter or Ocr"
        )
    strange = sorted(set(address.options) - {"family"})
    if strange:
        raise AddressError(f"file:{address.name} takes no option {strange[0]!r}: the only one is family")
    rows: dict[str, Record] = {}
    found, outlines = rows_of(address.name)
    if ability is Segmenter and not any(outlines.values()):
        raise AddressError(f"file:{address.name} has no shapes: a Segmenter needs polygons, run lengths or panoptic segments")
    for record in found:
        rows.setdefault(record.id, record)
    classes = frozenset(region.label for row in rows.values() for region in row.regions if region.kind == "object")
    return Annotations(address.name, rows, by_name(rows.values()), classes, outlines)
