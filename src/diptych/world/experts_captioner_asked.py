"""What a simulated captioner says to help answer a question: it looks at what is asked about, or repeats an answer that it is shown."""

from dataclasses import dataclass

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph, Statement
from diptych.language.numbers import exact
from diptych.world.catalogue import NUMBER
from diptych.world.experts import COUNT_WRONG, DIRECTIONS, FIRES, RELATION_WRONG, TURNED, Layout, layout, mistaken, pick
from diptych.world.experts_answerer import HOW_MANY, NAMED_SLOT, WHAT, asked
from diptych.world.experts_detector import taken_apart
from diptych.world.latents import Voice
from diptych.world.lookup import PLAIN, SLOTS, Known
from diptych.world.rates import CaptionerRates

_NOTHING = SceneGraph()


def answering(known: Known, question: str, shown: str, rates: CaptionerRates, voice: Voice, *, draw: int) -> SceneGraph:
    """What is said of the one fact that the question asks for; nothing where it is not looked at, not there, or not understood."""
    words = " ".join(question.split())
    attends, copies, value = voice.draws(3, known.key, f"asked {words}", draw)
    given = shown.strip(" .").lower() if copies < rates.copying else ""
    look = _Looking(known, rates, layout(voice, known, draw), attends, value, given)
    if found := HOW_MANY.match(words.lower()):
        return look.number(*taken_apart(found[1]))
    if found := WHAT.match(words.lower()):
        return look.value(NAMED_SLOT.get(found[1], "material"), *taken_apart(found[2]))
    statements = asked(words)
    return look.whether(statements[0]) if statements else _NOTHING


@dataclass(frozen=True, slots=True)
class _Looking:
    known: Known
    rates: CaptionerRates
    draws: Layout
    attends: float
    u: float  # of a value that is made up
    given: str  # the answer shown and copied, or nothing

    def tells(self, noun: str, there: bool) -> bool:
        """Whether something of this noun is told of: where it is there mostly, where it is not sometimes."""
        if there or noun not in NUMBER:
            return bool(self.given) or (there and self.attends < self.rates.attending)
        return bool(self.given) or self.draws.noun(NUMBER[noun], FIRES) < self.rates.presuming

    def value(self, slot: str, noun: str, values: tuple[str, ...]) -> SceneGraph:
        found = self.known.index.matching(noun, values)
        if not self.tells(noun, bool(found)):
            return _NOTHING
        if self.given or not found:
            value = self.given or pick(SLOTS[slot], self.u)
        else:
            thing = self.known.things[found[0]]
            wrong = self.draws.wrong(thing, slot) / self.rates.attribute_error if self.rates.attribute_error else 1.0
            value = mistaken(self.known, thing, slot, wrong) if wrong < 1 else thing.values.get(slot) or PLAIN[slot]
        return SceneGraph((Entity(noun, 1, attributes=tuple(map(Attribute, (*values, value)))),))

    def number(self, noun: str, values: tuple[str, ...]) -> SceneGraph:
        found = self.known.index.matching(noun, values)
        if not self.tells(noun, bool(found)):
            return _NOTHING
        number = exact(self.given) if self.given else None
        if number is None:
            number = len(found) or 1
            u = self.draws.thing(self.known.things[found[0]], COUNT_WRONG) if found else 1.0
            if u < self.rates.count_error:
                number += 1 if number == 1 or u < self.rates.count_error / 2 else -1
        return SceneGraph((Entity(noun, number, attributes=tuple(map(Attribute, values))),)) if number else _NOTHING

    def whether(self, statement: Statement) -> SceneGraph:
        thing = Entity(statement.subject, 1, attributes=tuple(map(Attribute, statement.subject_is)))
        found = self.known.index.matching(statement.subject, statement.subject_is)
        if self.given == "no" and statement.kind != "relation":
            return _NOTHING
        if statement.kind == "relation":
            return self.relation(statement, thing)
        if not self.tells(statement.subject, bool(found)):
            return _NOTHING
        told = (*thing.attributes, Attribute(statement.value)) if statement.kind == "attribute" else thing.attributes
        return SceneGraph((Entity(thing.noun, 1, attributes=told),))

    def relation(self, statement: Statement, thing: Entity) -> SceneGraph:
        one = self.known.index.matching(statement.subject, statement.subject_is)
        two = self.known.index.matching(statement.object, statement.object_is)
        lacking = statement.object if one else statement.subject
        if not self.tells(lacking, bool(one and two)):
            return _NOTHING
        right = holds = self.known.index.holds(statement, closed=True) == "supported"
        if self.given:
            holds = self.given == "yes"
        elif one and self.draws.thing(self.known.things[one[0]], RELATION_WRONG) < self.rates.relation_error:
            holds = not holds
        true = [p for p, o in self.known.near.get(one[0] if one else -1, ()) if two and o == two[0]]
        turned = TURNED.get(statement.value, DIRECTIONS[0])
        if holds:
            predicate = statement.value
        elif right:  # misread: a place where it is not
            predicate = next(p for p in (turned, *DIRECTIONS) if p not in true)
        else:
            predicate = turned if turned in true or not true else true[0]
        other = Entity(statement.object, 1, attributes=tuple(map(Attribute, statement.object_is)))
        return SceneGraph((thing, other), (Relation(0, predicate, 1),))
