"""`sim:ocr`: the words written in a picture, some missed, some misspelt, some invented."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.models.abilities import Failed, ReadRequest, Word, Words
from diptych.world.catalogue import WORDS
from diptych.world.experts import TEXT, layout, pick
from diptych.world.experts_detector import jittered
from diptych.world.latents import Voice, false_score, right_score
from diptych.world.lookup import ABSENT, Known, Lookup, Thing
from diptych.world.rates import OcrRates

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_JITTER = 0.03  # of the box's side


@dataclass(frozen=True, slots=True)
class SimulatedOcr:
    """A reader of words in pictures."""

    lookup: Lookup
    rates: OcrRates
    voice: Voice

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]:
        """The words found for each request, from top to bottom."""
        return [self._one(request) for request in requests]

    def _one(self, request: ReadRequest) -> Words | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        draws = layout(self.voice, known)
        found = []
        for thing in known.things:
            if draws.thing(thing, TEXT) < (self.rates.recall if thing.words else self.rates.false_words):
                found.append(self._word(known, thing))
        return Words(tuple(sorted(found, key=lambda word: word.box.top)))

    def _word(self, known: Known, thing: Thing) -> Word:
        score, which, *draws = self.voice.alone(6 + 2 * len(thing.words), known.key, f"read {thing.index}")
        box = jittered(thing.words_box or thing.box, draws[-4:], _JITTER)
        if not thing.words:
            return Word(pick(WORDS, which), box, false_score(score, self.rates.overlap))
        return Word(misspelt(thing.words, draws, self.rates.character_error), box, right_score(score, self.rates.overlap))


def misspelt(words: str, draws: Sequence[float], error: float) -> str:
    """The words with each letter read as another at this rate; two draws a character."""
    return "".join(
        pick(_LETTERS.replace(letter.upper(), ""), other) if letter.isalpha() and u < error else letter
        for letter, u, other in zip(words, draws[::2], draws[1::2], strict=False)
    )
