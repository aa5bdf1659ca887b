"""`nano:detector`: boxes with nouns and attributes, for phrases or for whatever there is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from diptych.data.regions import Box
from diptych.language.meaning import same_value
from diptych.language.wordnet import same_thing, singular
from diptych.models.abilities import Detection, Detections, DetectRequest, Failed
from diptych.models.nano_asked import seen
from diptych.models.nano_sight import sight
from diptych.models.region_boxes import Floats, Found, things
from diptych.models.region_model import SLOTS, RegionModel

UNSAID = ("medium", "matte")  # what truth leaves unsaid
LEAST = 0.3  # objectness of a thing that may be asked for
SURE = 0.5  # chance of an attribute that is told
_ARTICLES = frozenset(["a", "an", "the", "some", "several", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])


@dataclass(frozen=True, slots=True, eq=False)
class NanoDetector:
    """Objectness times how well the phrase fits; phrases with a word that the world has not are left unjudged."""

    model: RegionModel

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Boxes for each request, best first."""
        return seen(requests, lambda request: request.picture, lambda request: None, self._some)

    def _some(self, requests: list[DetectRequest], tokens_BMC: Tensor) -> list[Detections]:
        return [self._one(request, found) for request, found in zip(requests, things(self.model(tokens=tokens_BMC)), strict=True)]

    def _one(self, request: DetectRequest, found: Found) -> Detections:
        if not request.phrases:
            named = [self.model.config.vocabulary["noun"][number] for number in found.labels[:, 0]]
            all_ = [self._detection(named[k], found, k, float(found.scores[k])) for k in range(len(named))]
            return Detections(tuple(one for one in all_ if one.score >= request.threshold))
        bags = {phrase: self._bag(phrase) for phrase in dict.fromkeys(request.phrases)}
        known = {phrase: bag for phrase, bag in bags.items() if bag}
        fits_KP = self._fits(found, list(known.values())) if known and len(found.scores) else np.zeros((0, len(known)))
        some = [
            self._detection(phrase, found, k, float(score))
            for p, phrase in enumerate(known)
            for k, score in enumerate(found.scores * fits_KP[:, p] if len(fits_KP) else ())
            if score >= max(request.threshold, LEAST / 2) and found.scores[k] >= LEAST
        ]
        unjudged = tuple(phrase for phrase, bag in bags.items() if not bag)
        return Detections(tuple(sorted(some, key=lambda one: -one.score)), unjudged)

    def _fits(self, found: Found, bags: Sequence[tuple[int, ...]]) -> Floats:
        made = torch.zeros(len(bags), len(self.model.config.words))
        for row, bag in enumerate(bags):
            made[row, list(bag)] = 1
        fits: Floats = self.model.fit(torch.from_numpy(found.vectors), made).sigmoid().numpy()
        return fits

    def _detection(self, phrase: str, found: Found, k: int, score: float) -> Detection:
        values = [self.model.config.vocabulary[slot][found.labels[k, n]] for n, slot in enumerate(SLOTS)]
        told = tuple(v for n, v in enumerate(values) if n and v not in UNSAID and found.chances[k, n] >= SURE)
        return Detection(phrase, Box(*map(float, found.boxes[k])), score, told)

    def _bag(self, phrase: str) -> tuple[int, ...]:
        config = self.model.config
        named = {*config.vocabulary["noun"], *config.kinds} - {""}
        return bag_of(phrase, tuple(config.words), frozenset(named))


@lru_cache(1 << 14)
def bag_of(phrase: str, words: tuple[str, ...], nouns: frozenset[str]) -> tuple[int, ...]:
    """The numbers of the words that a phrase amounts to, the last of them its noun; () where a word is none of the world's."""
    said = [word for word in phrase.lower().replace("-", " ").split() if word not in _ARTICLES]
    if not said:
        return ()
    noun = _number(singular(said[-1]), {word: number for number, word in enumerate(words) if word in nouns}, same_thing)
    values = [_number(value, {word: number for number, word in enumerate(words) if word not in nouns}, same_value) for value in said[:-1]]
    return () if min((noun, *values)) < 0 else (*values, noun)


def _number(word: str, known: Mapping[str, int], same: Callable[[str, str], bool]) -> int:
    return known.get(word, next((number for other, number in known.items() if same(word, other)), -1))


def detector() -> NanoDetector:
    """The one shipped."""
    return NanoDetector(sight().model)
