"""`nano:answerer`: yes, no, a number or a word for a question about a picture.

A question is taken apart by the parser and put together from what two small models see: how well each thing fits a phrase, and which
relations hold between two things (in the manner of Andreas et al., 2016, arXiv:1511.02799).
"""

# K things

import re
from dataclasses import dataclass

import numpy as np
import torch

from diptych.data.graphs import SceneGraph
from diptych.language.parse import parse
from diptych.language.predicates import implied
from diptych.models.abilities import Answered, AskRequest, Failed
from diptych.models.answerer_head import PREDICATES, RelationModel
from diptych.models.nano_asked import answered
from diptych.models.nano_phrases import bag, fits
from diptych.models.nano_sight import load, sight
from diptych.models.region_boxes import Floats, Found, table
from diptych.models.region_model import SLOTS, RegionModel

UNKNOWN = Answered("unknown", 0.0)
LEAST = 0.3  # objectness of a thing that counts
_NUMBER = re.compile(r"(?:how many|the number of|count) (?:the )?(.+?)(?: (?:are|is|do|can)\b.*)?$")
_SLOT = {"colour": "colour", "color": "colour", "size": "size", "surface": "material", "pattern": "material", "finish": "material",
         "material": "material"}  # fmt: skip
_WHAT = re.compile(rf"\b(?:what|which|how|name)\b.*?\b({'|'.join(_SLOT)})\b")
_BE = re.compile(r"^(?:is|are|does|do|can|would you say that|can you see|does the picture show|do you see)\b(?: there)? ?")
_ENDS = re.compile(r" (?:in|on) the (?:image|picture|photo|scene)$| here$| (?:have|has|look|looks)$")
_LINKS = re.compile(r"\b(?:is|be found|be seen)\b ")


@dataclass(frozen=True, slots=True, eq=False)
class NanoAnswerer:
    """The likeliest answer and its chance; "unknown" where the question holds a word that the world has not, or is not understood."""

    model: RegionModel
    relations: RelationModel

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """An answer to each question; draws and temperature change nothing."""
        return answered(requests, sight().found([request.picture for request in requests]), self._some)

    def _some(self, requests: list[AskRequest], found: list[Found]) -> list[Answered]:
        return [self.about(request.question, one) for request, one in zip(requests, found, strict=True)]

    def about(self, question: str, found: Found) -> Answered:
        """The answer to one question about the things found."""
        asked = _ENDS.sub("", " ".join(question.lower().split()).rstrip("?. "))
        if told := _NUMBER.search(asked):
            return self._number(told[1], found)
        if told := _WHAT.search(asked):
            return self._value(_SLOT[told[1]], asked[told.end() :], found)
        return self._judge(parse(_LINKS.sub("", _BE.sub("", asked))), found)

    def _number(self, phrase: str, found: Found) -> Answered:
        chances = self._chances(phrase, found)
        if chances is None:
            return UNKNOWN
        spread = numbers(chances)
        return Answered(str(int(spread.argmax())), float(spread.max()))

    def _value(self, slot: str, rest: str, found: Found) -> Answered:
        # "is the ball", "has the ball", "of the ball look": the noun phrase after the last article
        chances = self._chances(re.sub(r"^.*\b(?:the|a|an) ", "", rest), found)
        if chances is None or not len(chances):
            return UNKNOWN
        best, place = int(chances.argmax()), SLOTS.index(slot)
        return Answered(self.model.config.vocabulary[slot][found.labels[best, place]], float(found.chances[best, place]))

    def _judge(self, graph: SceneGraph, found: Found) -> Answered:
        each = [self._chances(" ".join((*entity.values, entity.noun)), found) for entity in graph.entities]
        if not each or any(one is None for one in each):
            return UNKNOWN
        known = [one for one in each if one is not None]
        chances = [self._there(entity.count, entity.at_least, one) for entity, one in zip(graph.entities, known, strict=True)]
        for relation in graph.relations:
            holds = self._related(relation.predicate, found)
            if holds is None:
                return UNKNOWN
            pairs = np.minimum(np.minimum(known[relation.subject][:, None], known[relation.object][None]), holds)
            chances.append(float(pairs.max(initial=0.0)))
        chance = min(chances)
        return Answered("yes", chance) if chance >= 0.5 else Answered("no", 1 - chance)

    def _there(self, count: int | None, at_least: int | None, chances: Floats) -> float:
        spread = numbers(chances)
        if count is not None and count > 1:
            return float(spread[count]) if count < len(spread) else 0.0
        return float(spread[max(1, at_least or 1) :].sum())

    def _chances(self, phrase: str, found: Found) -> Floats | None:
        """(K,): that each thing is there and fits; None for a phrase of other words."""
        words = bag(self.model, phrase)
        if not words:
            return None
        fit_K: Floats = fits(self.model, found, [words])[:, 0]
        return np.where(found.scores >= LEAST, fit_K, 0.0).astype(np.float32)

    @torch.inference_mode()
    def _related(self, predicate: str, found: Found) -> Floats | None:
        """(K, K): that the relation holds of the first and the second; None for one that the world has not."""
        for sense in implied(predicate):
            name = "next to" if sense.name == "near" else sense.name
            if name in PREDICATES:
                told = torch.from_numpy(table(found, inorder=True))
                holds: Floats = self.relations(told[:, None], told[None])[..., PREDICATES.index(name)].sigmoid().numpy()
                np.fill_diagonal(holds, 0.0)
                return np.maximum(holds, holds.T) if sense.symmetric else holds.T if sense.flip else holds
        return None


def numbers(chances: Floats) -> Floats:
    """(K + 1,): the chance that 0, 1, 2 ... of independent events happen."""
    spread = np.zeros(len(chances) + 1, np.float32)
    spread[0] = 1
    for chance in chances:
        spread[1:] = spread[1:] * (1 - chance) + spread[:-1] * chance
        spread[0] *= 1 - chance
    return spread


def answerer() -> NanoAnswerer:
    """The one shipped."""
    return NanoAnswerer(sight().model, load(RelationModel, "answerer"))
