"""`sim:detector`: boxes for phrases, or for whatever it sees, with misses, confusions and false boxes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from diptych.data.regions import Box
from diptych.language.meaning import same_value
from diptych.language.wordnet import singular
from diptych.models.abilities import Detection, Detections, DetectRequest, Failed
from diptych.world.catalogue import BY_NOUN, CATEGORIES, NUMBER
from diptych.world.experts import EXISTS, FIRES, Layout, invented_colour, invention, layout, mistaken
from diptych.world.latents import Voice, false_score, right_score
from diptych.world.lookup import ABSENT, SLOTS, Known, Lookup, Thing
from diptych.world.rates import DetectorRates

_ARTICLES = frozenset(["a", "an", "the", "some", "several", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
_KINDS = {category.kind for category in CATEGORIES}
_COOCCURRENCE = 0.6  # of invented objects, as the captioner's
_DRAWS = 5  # score and four edges of one box


@dataclass(frozen=True, slots=True)
class SimulatedDetector:
    """An open-vocabulary detector with an attribute head."""

    lookup: Lookup
    rates: DetectorRates
    voice: Voice

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Boxes for each request, best first."""
        return [self._one(request) for request in requests]

    def _one(self, request: DetectRequest) -> Detections | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        look = _Look(self.rates, self.voice, known, layout(self.voice, known))
        found = [one for phrase in dict.fromkeys(request.phrases) for one in look.phrase(phrase)] if request.phrases else look.all()
        return Detections(tuple(sorted((one for one in found if one.score >= request.threshold), key=lambda one: -one.score)))


@lru_cache(1 << 14)
def taken_apart(phrase: str) -> tuple[str, tuple[str, ...]]:
    """Noun, in the singular, and the attributes before it."""
    words = [word for word in phrase.lower().split() if word not in _ARTICLES] or [""]
    for start in range(len(words)):
        noun = singular(" ".join(words[start:]))
        if noun in BY_NOUN or noun in _KINDS:
            return noun, tuple(words[:start])
    return singular(words[-1]), tuple(words[:-1])


@dataclass(frozen=True, slots=True)
class _Look:
    rates: DetectorRates
    voice: Voice
    known: Known
    draws: Layout

    def phrase(self, phrase: str) -> list[Detection]:
        if self.rates.guessing and self.voice.alone(1, self.known.key, f"guesses {phrase}")[0] < self.rates.guessing:
            return self.guess(phrase)
        noun, values = taken_apart(phrase)
        named = self.known.index.matching(noun)
        if not named:
            return self.false(phrase, noun)
        boxes = self.boxes()
        blind = self.voice.alone(len(self.known.things), self.known.key, f"blind {phrase}") if values else ()
        found = []
        for number in named:
            thing = self.known.things[number]
            if self.sees(thing) and (not values or blind[number] < self.rates.attribute_blind or self.fits(thing, values)):
                right = not values or self.known.index.matching(noun, values).count(number) > 0
                found.append(self.box(phrase, thing, boxes[number], right))
        return found

    def guess(self, phrase: str) -> list[Detection]:
        """A box or none, by even chance, with a score as of a right one."""
        found, score = self.voice.alone(2, self.known.key, f"guess {phrase}")
        return [replace(self.somewhere(phrase), score=right_score(score))] if found < 0.5 else []

    def sees(self, thing: Thing) -> bool:
        recall = self.rates.recall if thing.clear else self.rates.recall * self.rates.small
        return self.draws.thing(thing, EXISTS) < recall

    def taken_for(self, thing: Thing, slot: str) -> str:
        """The value that the detector takes the thing to have."""
        u = self.draws.wrong(thing, slot)
        if slot in thing.values and u < self.rates.attribute_confusion:
            return mistaken(self.known, thing, slot, u / self.rates.attribute_confusion)
        return thing.values.get(slot, "")

    def fits(self, thing: Thing, values: Sequence[str]) -> bool:
        seen = [self.taken_for(thing, slot) for slot in SLOTS]
        return all(any(same_value(value, one) for one in seen) for value in values)

    def boxes(self) -> list[Sequence[float]]:
        draws = self.voice.alone(_DRAWS * len(self.known.things), self.known.key, "boxes")
        return [draws[at : at + _DRAWS] for at in range(0, len(draws), _DRAWS)]

    def box(self, phrase: str, thing: Thing, draws: Sequence[float], right: bool, attributes: tuple[str, ...] = ()) -> Detection:
        score = (right_score if right else false_score)(draws[0], self.rates.overlap)
        return Detection(phrase, jittered(thing.box, draws[1:], self.rates.box_jitter), score, attributes)

    def false(self, phrase: str, noun: str) -> list[Detection]:
        """A box for what is not there, on something else or on nothing."""
        number = NUMBER.get(noun)
        fires = self.voice.draws(1, self.known.key, f"absent {noun}")[0] if number is None else self.draws.noun(number, FIRES)
        return [self.somewhere(phrase)] if fires < self.rates.false_positive else []

    def somewhere(self, phrase: str, *, coloured: bool = False) -> Detection:
        score, where, colour, *edges = self.voice.alone(7, self.known.key, f"false {phrase}")
        things = self.known.things
        if things and where < 0.5:
            box = jittered(things[int(2 * where * len(things))].box, edges, self.rates.box_jitter)
        else:
            wide, high = 0.08 + 0.22 * edges[2], 0.08 + 0.22 * edges[3]
            left, top = edges[0] * (1 - wide), edges[1] * (1 - high)
            box = Box(left, top, left + wide, top + high)
        return Detection(phrase, box, false_score(score, self.rates.overlap), (invented_colour(self.known, colour),) if coloured else ())

    def all(self) -> list[Detection]:
        """Objects with attributes, without being asked for anything."""
        boxes = self.boxes()
        found = []
        for thing in self.known.things:
            guessing, noun, score = self.voice.alone(3, self.known.key, f"guess {thing.index}")
            if guessing < self.rates.guessing:
                taken = CATEGORIES[int(noun * len(CATEGORIES))].noun
                found.append(replace(self.somewhere(taken, coloured=True), score=right_score(score)))
            elif self.sees(thing):
                stated = [slot for slot in SLOTS if slot in thing.values and self.draws.stated(thing, slot) < self.rates.attribute_recall]
                attributes = tuple(self.taken_for(thing, slot) for slot in stated)
                found.append(self.box(thing.noun, thing, boxes[thing.index], True, attributes))
        expected = self.rates.false_positive * len(self.known.things)
        for numbers, chance in invention(self.known, expected, _COOCCURRENCE):
            for number in numbers:
                if self.draws.noun(number, FIRES) < chance:
                    coloured = self.draws.noun(number, 1) < self.rates.attribute_recall
                    found.append(self.somewhere(CATEGORIES[number].noun, coloured=coloured))
        return found


def jittered(box: Box, draws: Sequence[float], share: float) -> Box:
    """The box with each edge moved by up to a share of its side, inside the picture."""
    wide, high = (box.right - box.left) * share, (box.bottom - box.top) * share
    left, top, right, bottom = (2 * u - 1 for u in draws[:4])
    return Box(
        min(max(box.left + left * wide, 0.0), 1.0),
        min(max(box.top + top * high, 0.0), 1.0),
        min(max(box.right + right * wide, 0.0), 1.0),
        min(max(box.bottom + bottom * high, 0.0), 1.0),
    )
