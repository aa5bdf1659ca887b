"""`sim:segmenter`: masks for boxes, with outlines that are off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.masks import encode
from diptych.data.pictures import Picture
from diptych.data.regions import Box, Mask
from diptych.models.abilities import Failed, SegmentRequest, Segments
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, Known, Lookup, overlap
from diptych.world.rates import SegmenterRates

_SAME = 0.3  # overlap from which a box is taken to mean the object


@dataclass(frozen=True, slots=True)
class SimulatedSegmenter:
    """One mask a box: the object that fills it best, or the box itself."""

    lookup: Lookup
    rates: SegmenterRates
    voice: Voice

    def segment(self, requests: list[SegmentRequest]) -> list[Segments | Failed]:
        """Masks for each request, in the order of its boxes."""
        return [self._one(request) for request in requests]

    def _one(self, request: SegmentRequest) -> Segments | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        return Segments(tuple(self._mask(known, request.picture, box) for box in request.boxes))

    def _mask(self, known: Known, picture: Picture, box: Box) -> Mask:
        best = max(known.things, key=lambda thing: overlap(thing.box, box), default=None)
        if best is None or overlap(best.box, box) < _SAME:
            return filled(box, picture.width, picture.height, round=False)
        missed, grown = self.voice.alone(2, known.key, f"segment {best.index}")
        if missed < self.rates.missed:
            return filled(box, picture.width, picture.height, round=False)
        off = self.rates.jitter * (2 * grown - 1) * min(best.box.right - best.box.left, best.box.bottom - best.box.top)
        moved = Box(best.box.left - off, best.box.top - off, best.box.right + off, best.box.bottom + off)
        return filled(moved, picture.width, picture.height, round=True)


def filled(box: Box, width: int, height: int, *, round: bool) -> Mask:
    """A box, or the ellipse in it, as a mask."""
    return encode(coverage(box, width, height, round=round))


def coverage(box: Box, width: int, height: int, *, round: bool) -> NDArray[np.bool_]:
    """Which pixels have their centre in the box, or in the ellipse that fills it."""
    x_W = ((np.arange(width) + 0.5) / width - (box.left + box.right) / 2) / max((box.right - box.left) / 2, 1e-9)
    y_H = ((np.arange(height) + 0.5) / height - (box.top + box.bottom) / 2) / max((box.bottom - box.top) / 2, 1e-9)
    if round:
        return np.asarray(x_W[None, :] ** 2 + y_H[:, None] ** 2 <= 1)
    return np.asarray((np.abs(x_W)[None, :] <= 1) & (np.abs(y_H)[:, None] <= 1))
