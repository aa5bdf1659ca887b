"""`sim:reader`: a chat model that answers questions from a caption alone, as `measure.answerability_readers` puts them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diptych.measure.answerability import GoldQuestion
from diptych.measure.answerability_readers import rules_reader
from diptych.models.abilities import ChatRequest, Failed, Replied
from diptych.world.experts import pick
from diptych.world.experts_answerer import HOW_MANY, NAMED_SLOT, WHAT, asked
from diptych.world.latents import Voice
from diptych.world.lookup import SLOTS, Lookup
from diptych.world.rates import ReaderRates

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """A ChatModel for one task: its prompt ends with a line of JSON that holds `caption` and `question`."""

    lookup: Lookup
    rates: ReaderRates
    voice: Voice

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        """An answer for each request; "unknown" where the caption tells none and none is made up."""
        return [self._one(request) for request in requests]

    def _one(self, request: ChatRequest) -> Replied | Failed:
        data = _data(request.prompt)
        caption, question = data.get("caption"), data.get("question")
        if not isinstance(caption, str) or not isinstance(question, str):
            return Failed("sim:reader answers a question from a caption, and nothing else: name a real chat model")
        guessing, erring, made = self.voice.alone(3, caption, f"read {question}", request.draw)
        statements = asked(question) if not (HOW_MANY.match(question.lower()) or WHAT.match(question.lower())) else ()
        (told,) = rules_reader()([(caption, GoldQuestion(question, (), statements[0] if statements else None))])
        if guessing < self.rates.guessing:
            return Replied(made_up(question, made))
        if told:
            return Replied(str(told) if erring < self.rates.accuracy else made_up(question, made))
        return Replied(made_up(question, made) if erring < self.rates.guess else UNKNOWN)


def made_up(question: str, u: float) -> str:
    """An answer of the sort that is asked for."""
    words = " ".join(question.lower().split())
    if HOW_MANY.match(words):
        return pick(("1", "2", "3"), u)
    found = WHAT.match(words)
    return pick(SLOTS[NAMED_SLOT.get(found[1], "material")], u) if found else pick(("yes", "no"), u)


def _data(prompt: str) -> Mapping[str, Any]:
    try:
        found = json.loads(prompt.rpartition("\n")[2])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
