"""`sim:answerer`: yes, no, a number or a word for a question about a picture, right at the rates of the table."""

import re
from dataclasses import dataclass

from diptych.data.graphs import SceneGraph, Statement
from diptych.language.parse import parse
from diptych.models.abilities import Answered, AskRequest, Failed
from diptych.world.catalogue import NUMBER
from diptych.world.experts import EXISTS, FIRES, layout, mistaken, pick
from diptych.world.experts_detector import taken_apart
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, PLAIN, SLOT_OF, SLOTS, Known, Lookup, Thing
from diptych.world.rates import AnswererRates

HOW_MANY = re.compile(r"how many (.+?)(?: (?:are|is|do|can)\b.*)?[?.]*$")
WHAT = re.compile(r"what (colou?r|size|material|surface|pattern|finish) (?:is|are|does|do) (.+?)(?: (?:have|in the \w+))?[?.]*$")
_BE = re.compile(r"(?:is|are) (?:there )?(.+?)(?: (?:in|on) the (?:image|picture|photo|scene))?[?.]*$")
_WORDS = re.compile(r'"([^"]+)"')
NAMED_SLOT = {"colour": "colour", "color": "colour", "size": "size"}
NO_STATEMENT = "sim:answerer understands yes/no, how many and what colour, size or material; give the request a statement"


@dataclass(frozen=True, slots=True)
class SimulatedAnswerer:
    """A visual question answerer with a bias towards yes."""

    lookup: Lookup
    rates: AnswererRates
    voice: Voice

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """An answer for each request: to its statement where it has one, else to its question."""
        return [self._one(request) for request in requests]

    def _one(self, request: AskRequest) -> Answered | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        if request.statement is not None:
            return self._judge(known, request.statement, request.draw)
        question = " ".join(request.question.lower().split())
        if found := HOW_MANY.match(question):
            return self._number(known, found[1], request.draw)
        if found := WHAT.match(question):
            return self._value(known, NAMED_SLOT.get(found[1], "material"), found[2], request.draw)
        statement = asked(" ".join(request.question.split()))
        return self._judge(known, statement, request.draw) if statement else Failed(NO_STATEMENT)

    def _judge(self, known: Known, statement: Statement | tuple[Statement, ...], draw: int) -> Answered:
        """Yes to a true statement with accuracy plus bias, to a false one with one minus accuracy plus bias; to several if to each."""
        several = statement if isinstance(statement, tuple) else (statement,)
        chances, answers = [], []
        for one in several:
            true = known.index.holds(one, closed=True) == "supported"
            chance = min(1.0, (self.rates.accuracy if true else 1 - self.rates.accuracy) + self.rates.yes_bias)
            answers.append(latent(self.voice, known, one, true, draw=draw) < chance)
            chances.append(chance)
        yes = all(answers)
        sure = self.voice.alone(1, known.key, f"sure {several[0].key}", draw)[0]
        # surer of what it is likelier to say; right and wrong answers overlap
        likely = min(chances) if yes else 1 - min(chances)
        return Answered("yes" if yes else "no", 0.5 + 0.5 * (0.5 * likely + 0.5 * sure))

    def _number(self, known: Known, phrase: str, draw: int) -> Answered:
        noun, values = taken_apart(phrase)
        true = len(known.index.matching(noun, values))
        u = self.voice.draws(1, known.key, f"how many {phrase}", draw)[0]
        if u < self.rates.count_accuracy:
            return Answered(str(true), self.rates.count_accuracy)
        more = true == 0 or u < (1 + self.rates.count_accuracy) / 2
        return Answered(str(true + 1 if more else true - 1), self.rates.count_accuracy)

    def _value(self, known: Known, slot: str, phrase: str, draw: int) -> Answered:
        noun, values = taken_apart(phrase)
        found = known.index.matching(noun, values)
        u = self.voice.draws(1, known.key, f"what {slot} {phrase}", draw)[0]
        if not found:  # asked about what is not there, it answers all the same
            return Answered(pick(SLOTS[slot], u), self.rates.value_accuracy)
        thing: Thing = known.things[found[0]]
        if u < self.rates.value_accuracy:
            return Answered(thing.values.get(slot) or PLAIN[slot], self.rates.value_accuracy)
        return Answered(
            mistaken(known, thing, slot, (u - self.rates.value_accuracy) / (1 - self.rates.value_accuracy)), self.rates.value_accuracy
        )


def latent(voice: Voice, known: Known, statement: Statement, true: bool, *, draw: int = 0) -> float:
    """The draw on which belief in a statement hangs: the one that other experts share for the same fact, where they have one."""
    number = NUMBER.get(statement.subject)
    if statement.kind == "exists" and not statement.negated and not statement.subject_is and number is not None:
        draws = layout(voice, known, draw)
        found = known.index.matching(statement.subject)
        return draws.thing(known.things[found[0]], EXISTS) if found else draws.noun(number, FIRES)
    if statement.kind == "attribute" and statement.value in SLOT_OF:
        found = known.index.matching(statement.subject, statement.subject_is)
        if found and not true:
            return layout(voice, known, draw).wrong(known.things[found[0]], SLOT_OF[statement.value])
    return voice.draws(1, known.key, "\x1e".join(statement.key), draw)[0]


def asked(question: str) -> tuple[Statement, ...]:
    """The statements that a yes/no question asks about; none where it is not understood."""
    if found := _WORDS.search(question):
        return (Statement(0, "text", "", found[1]),)
    match = _BE.match(question[:1].lower() + question[1:])
    graph = parse(match[1]) if match else SceneGraph()
    statements = graph.statements()
    # "a red ball": that it is red says that it is there
    told = {s.entity for s in statements if s.kind == "attribute"} | {
        e for s in statements if s.kind == "relation" for e in (s.entity, s.other)
    }
    return tuple(s for s in statements if s.kind != "exists" or s.entity not in told)
