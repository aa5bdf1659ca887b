"""`file:PATH`: annotations as an expert. Its rows answer for the records with their ids.

PATH is COCO JSON (instances, keypoints, panoptic with its PNGs), YOLO labels, JSON lines with boxes, or any dataset that diptych reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from diptych.arrays.boxes import iou
from diptych.arrays.masks import Pixels, encode
from diptych.data.crops import inside, outside, window_of
from diptych.data.errors import AddressError, DiptychError
from diptych.data.nodes import WHOLE, is_root
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
from diptych.models.experts import unheeded
from diptych.models.file_rows import rows_of
from diptych.models.file_shapes import Outline, drawn

SAME = 0.3  # intersection over union from which an annotation is taken to be what a box means


@dataclass(frozen=True, slots=True)
class Annotations:
    """Captions, boxes, masks and words by record. Draw n is the n-th caption; a request without a row, or without that caption, fails,
    and so does one of a row that could not be read, or that wishes for more than the row's words.

    A row answers for the record with its id, else for one whose file name, with or without its ending, is the row's id or the name
    of its picture; a name that two rows share stands for neither.
    """

    path: str
    rows: dict[str, Record]
    names: dict[str, Record | None]
    classes: frozenset[str] = frozenset()  # labels of all boxes
    outlines: dict[str, tuple[Outline, ...]] = field(default_factory=dict)  # by the row's id

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """The row's captions of the picture, or of the region whose box fits best."""
        return [self._caption(request) for request in requests]

    def _caption(self, request: CaptionRequest) -> Described | Failed:
        row = self._row(request.record, "caption")
        if isinstance(row, Failed):
            return row
        if said := unheeded(request):
            return Failed(said)
        window = window_of(request.picture)
        box = request.region if window is None else outside(request.region or WHOLE, window)
        about = _whole(row) if box is None else _fitting(box, row)
        captions = [caption for caption in row.captions if caption.region in about]
        if box is not None and not captions:
            return Failed(f"{self.path} has no caption of this region: name a captioner that looks at the picture")
        if len(captions) <= request.draw:
            return self._missing("caption")
        return Described(captions[request.draw].text)

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """The row's object regions whose label names the same thing as a phrase; all of them when none is asked for. Of a crop, those
        that it shows half of.

        What no row of the dataset has a box for is not annotated: such phrases are left unjudged.
        """
        return [self._detect(request) for request in requests]

    def _detect(self, request: DetectRequest) -> Detections | Failed:
        row = self._row(request.record, "boxes")
        if isinstance(row, Failed):
            return row
        window = window_of(request.picture) or WHOLE
        seen = [_detection(r, box) for r in row.regions if r.kind == "object" and (box := _shown(r.box, window))]
        seen = sorted((one for one in seen if one.score >= request.threshold), key=lambda one: -one.score)
        if not request.phrases:
            return Detections(tuple(seen))
        found = [replace(one, phrase=p) for p in request.phrases for one in seen if same_thing(p, one.phrase)]
        unjudged = tuple(phrase for phrase in request.phrases if not self._known(phrase))
        return Detections(tuple(sorted(found, key=lambda one: -one.score)), unjudged)

    def _known(self, phrase: str) -> bool:
        return any(same_thing(phrase, label) for label in self.classes)

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]:
        """The row's text regions; of a crop, those that it shows half of."""
        return [self._read(request) for request in requests]

    def _read(self, request: ReadRequest) -> Words | Failed:
        row = self._row(request.record, "words")
        if isinstance(row, Failed):
            return row
        window = window_of(request.picture) or WHOLE
        return Words(tuple(Word(r.label, b, _score(r)) for r in row.regions if r.kind == "text" and (b := _shown(r.box, window))))

    def segment(self, requests: list[SegmentRequest]) -> list[Segments | Failed]:
        """For each box the shape whose own box fits it best; the box itself, filled, where none overlaps it by `SAME`. Of whole
        pictures alone.
        """
        return [self._segment(request) for request in requests]

    def _segment(self, request: SegmentRequest) -> Segments | Failed:
        row = self._row(request.record, "shapes")
        if isinstance(row, Failed):
            return row
        if request.picture.parent is not None:
            return Failed(f"{self.path} has the shapes of whole pictures: name a Segmenter that looks at crops")
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

    def _row(self, id: str, what: str) -> Record | Failed:
        row = self.rows.get(id) or next((row for name in names_of(id) if (row := self.names.get(name)) is not None), None)
        if row is None:
            return self._missing(what)
        # a row that could not be read says nothing, not that there is nothing
        return Failed(f"{self.path}: {row.status.why}: correct it") if row.status.kind == "failed" else row

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


def _whole(row: Record) -> set[str | None]:
    """What captions of the whole picture name as their region."""
    return {None, *(region.id for region in row.regions if is_root(region))}


def _fitting(box: Box, row: Record) -> set[str | None]:
    """The region with captions whose box fits best, by `SAME` or more."""
    told = {caption.region for caption in row.captions}
    regions = [region for region in row.regions if region.id in told]
    fits_Q = iou([_corners(box)], [_corners(region.box) for region in regions])[0]
    return {regions[int(fits_Q.argmax())].id} if regions and fits_Q.max() >= SAME else set()


def _shown(box: Box, window: Box) -> Box | None:
    """The box in the part of the picture that is looked at, or None where that shows too little of it."""
    seen = inside(box, window)
    return seen if seen is not None and seen.left < seen.right and seen.top < seen.bottom else None


def _detection(region: Region, box: Box) -> Detection:
    return Detection(region.label, box, _score(region), region.attributes)


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
