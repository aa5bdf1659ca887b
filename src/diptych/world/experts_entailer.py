"""`sim:entailer`: whether one text says what another does, judged from the two texts alone."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from diptych.language.index import Index
from diptych.language.parse import parse
from diptych.models.abilities import Entailed, EntailRequest, Failed
from diptych.world.experts import pick
from diptych.world.latents import Voice
from diptych.world.lookup import Lookup
from diptych.world.rates import EntailerRates

Label = Literal["entailed", "contradicted", "neutral"]
LABELS: tuple[Label, ...] = ("entailed", "contradicted", "neutral")


@dataclass(frozen=True, slots=True)
class SimulatedEntailer:
    """A reader of two texts; it sees no picture."""

    lookup: Lookup
    rates: EntailerRates
    voice: Voice

    def entail(self, requests: list[EntailRequest]) -> list[Entailed | Failed]:
        """A label for each request."""
        return [self._one(request) for request in requests]

    def _one(self, request: EntailRequest) -> Entailed | Failed:
        guessing, guess, score = self.voice.alone(3, request.premise, f"entail {request.hypothesis}")
        if guessing < self.rates.guessing:
            return Entailed(_named(pick(LABELS, guess)), score)
        right = entailment(request.premise, request.hypothesis)
        erring, way = self.voice.draws(2, request.premise, f"entail {request.hypothesis}")
        label = right if erring < self.rates.accuracy else self._wrong(right, way)
        return Entailed(label, 0.6 + 0.4 * score)

    def _wrong(self, right: Label, u: float) -> Label:
        others = [label for label in LABELS if label != right]
        if right == "entailed":
            return _named(pick(others, u))
        return "entailed" if u < self.rates.lenient else next(label for label in others if label != "entailed")


def entailment(premise: str, hypothesis: str) -> Label:
    """What an open world says: entailed when the premise bears out every statement, contradicted when it denies one, else neutral.

    A hypothesis that states nothing is neutral.
    """
    index = _index(premise)
    answers = {index.holds(statement, closed=False) for statement in parse(hypothesis).statements()}
    if "contradicted" in answers:
        return "contradicted"
    return "entailed" if answers == {"supported"} else "neutral"


@lru_cache(1 << 12)
def _index(text: str) -> Index:
    return Index(parse(text))


def _named(word: str) -> Label:
    return next(label for label in LABELS if label == word)
