"""`sim:depth`: relative depth, each object off by a little and the range bent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.models.abilities import Depth, DepthRequest, Failed
from diptych.world.experts_segmenter import coverage
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, Known, Lookup
from diptych.world.rates import DepthRates

_SIDE = 64  # pixels of the longer side: depth maps are coarse


@dataclass(frozen=True, slots=True)
class SimulatedDepth:
    """Depth of objects on a ground that runs from the lower to the upper edge."""

    lookup: Lookup
    rates: DepthRates
    voice: Voice

    def depth(self, requests: list[DepthRequest]) -> list[Depth | Failed]:
        """A map for each request, at most 64 pixels a side."""
        return [self._one(request) for request in requests]

    def _one(self, request: DepthRequest) -> Depth | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        scale = _SIDE / max(request.picture.width, request.picture.height, 1)
        width, height = (max(1, min(_SIDE, int(side * scale))) for side in (request.picture.width, request.picture.height))
        return Depth(self._map(known, width, height))

    def _map(self, known: Known, width: int, height: int) -> NDArray[np.float32]:
        bend, *draws = self.voice.alone(1 + len(known.things), known.key, "depth")
        found_HW = np.repeat(np.linspace(1.0, 0.0, height)[:, None], width, axis=1)
        far_first = sorted(known.things, key=lambda thing: -(thing.region.depth or 0.0))
        for thing in far_first:
            if thing.region.depth is not None:
                wrong = self.rates.noise * (2 * draws[thing.index] - 1)
                found_HW[coverage(thing.box, width, height, round=True)] = thing.region.depth + wrong
        low, high = found_HW.min(), found_HW.max()
        even_HW = (found_HW - low) / max(high - low, 1e-9)
        return np.asarray(even_HW ** (1 + self.rates.squeeze * (2 * bend - 1)), np.float32)
