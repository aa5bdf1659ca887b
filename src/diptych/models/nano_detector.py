"""`nano:detector`: boxes with nouns and attributes, for phrases or for whatever there is."""

# K things, P phrases

from dataclasses import dataclass

import numpy as np

from diptych.data.regions import Box
from diptych.models.abilities import Detection, Detections, DetectRequest, Failed
from diptych.models.nano_asked import answered
from diptych.models.nano_phrases import bag, fits
from diptych.models.nano_sight import sight
from diptych.models.region_boxes import Found
from diptych.models.region_model import SLOTS, RegionModel

UNSAID = ("medium", "matte")  # what truth leaves unsaid
LEAST = 0.3  # objectness of a thing that may be asked for
SURE = 0.5  # chance of an attribute that is told


@dataclass(frozen=True, slots=True, eq=False)
class NanoDetector:
    """Objectness times how well the phrase fits; phrases with a word that the world has not are left unjudged."""

    model: RegionModel

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Boxes for each request, best first."""
        return answered(requests, sight().found([request.picture for request in requests]), self._some)

    def _some(self, requests: list[DetectRequest], found: list[Found]) -> list[Detections]:
        return [
            self._asked(request, one) if request.phrases else self._all(request, one) for request, one in zip(requests, found, strict=True)
        ]

    def _all(self, request: DetectRequest, found: Found) -> Detections:
        named = [self.model.config.vocabulary["noun"][number] for number in found.labels[:, 0]]
        each = [self._detection(noun, found, k, float(found.scores[k])) for k, noun in enumerate(named)]
        return Detections(tuple(one for one in each if one.score >= request.threshold))

    def _asked(self, request: DetectRequest, found: Found) -> Detections:
        bags = {phrase: bag(self.model, phrase) for phrase in dict.fromkeys(request.phrases)}
        known = [phrase for phrase, words in bags.items() if words]
        chances_KP = found.scores[:, None] * fits(self.model, found, [bags[phrase] for phrase in known])
        chances_KP[found.scores < LEAST] = 0
        some = [
            self._detection(known[p], found, k, float(chances_KP[k, p]))
            for k, p in np.argwhere(chances_KP >= max(request.threshold, LEAST / 2)).tolist()
        ]
        return Detections(tuple(sorted(some, key=lambda one: -one.score)), tuple(phrase for phrase, words in bags.items() if not words))

    def _detection(self, phrase: str, found: Found, k: int, score: float) -> Detection:
        values = [self.model.config.vocabulary[slot][found.labels[k, n]] for n, slot in enumerate(SLOTS)]
        told = tuple(v for n, v in enumerate(values) if n and v not in UNSAID and found.chances[k, n] >= SURE)
        return Detection(phrase, Box(*map(float, found.boxes[k])), score, told)


def detector() -> NanoDetector:
    """The one shipped."""
    return NanoDetector(sight().model)
