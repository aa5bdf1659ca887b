"""What a simulated captioner makes of hints: it looks again at what they speak of, and often gives in where they are wrong."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph, Statement
from diptych.language.parse import parse
from diptych.world.catalogue import BY_NOUN
from diptych.world.lookup import SLOT_OF, Known
from diptych.world.rates import CaptionerRates

_MORE = re.compile(r"\bdetail", re.IGNORECASE)
_RECALLS = ("recall", "colour_recall", "size_recall", "material_recall", "text_recall", "count_recall", "relation_recall", "spatial_recall")
_FALSEHOODS = ("hallucination", "attribute_error", "count_error", "relation_error")
Draw = Callable[[str], float]  # of a fact


def pressed(rates: CaptionerRates, hints: Iterable[str]) -> CaptionerRates:
    """The rates of a captioner that is asked for more detail, by one hint or several: it says more, and less of it is true."""
    if not any(map(_MORE.search, hints)):
        return rates
    more = {name: (r := getattr(rates, name)) + rates.detail_gain * (1 - r) for name in _RECALLS}
    worse = {name: min(1.0, getattr(rates, name) + rates.detail_error) for name in _FALSEHOODS}
    return replace(rates, **more, **worse)


def heeding(known: Known, graph: SceneGraph, hints: Iterable[str], rates: CaptionerRates, draw: Draw) -> SceneGraph:
    """The graph as it stands once each hint is heeded or not, one after another."""
    again = _Again(known, graph, rates, draw)
    for hint in hints:
        again.look(parse(hint))
    return again.graph


def heeding_of_one(known: Known, graph: SceneGraph, hints: Iterable[str], rates: CaptionerRates, draw: Draw) -> SceneGraph:
    """The same of one thing alone, whose caption other things do not enter."""
    found = heeding(known, graph, hints, rates, draw).entities[:1]
    return SceneGraph(found) if found and found[0].noun == graph.entities[0].noun else graph


@dataclass(slots=True)
class _Again:
    known: Known
    graph: SceneGraph
    rates: CaptionerRates
    draw: Draw

    def look(self, said: SceneGraph) -> None:
        places: list[int | None] = []
        for entity in said.entities:
            known = entity.noun in BY_NOUN
            if known and entity.negated:
                self.without(entity.noun)
            places.append(self.thing(entity) if known and not entity.negated else None)
        for relation in said.relations:
            self.place(relation, places[relation.subject], places[relation.object])
        for quote in said.texts:
            place = None if quote.entity is None else places[quote.entity]
            if place is not None and self.follows(Statement(0, "text", self.graph.entities[place].noun, quote.words)):
                others = tuple(q for q in self.graph.texts if q.entity != place)
                self.graph = replace(self.graph, texts=(*others, replace(quote, entity=place, span=None)))

    def follows(self, statement: Statement) -> bool:
        """Whether the captioner says from now on what the hint says."""
        true = self.known.index.holds(statement, closed=True) == "supported"
        return self.draw("\x1e".join(statement.key)) < (self.rates.hint_heeded if true else self.rates.hint_believed)

    def without(self, noun: str) -> None:
        kept = [i for i, entity in enumerate(self.graph.entities) if entity.noun != noun]
        if len(kept) < len(self.graph.entities) and self.follows(Statement(0, "exists", noun, negated=True)):
            place = {old: new for new, old in enumerate(kept)}
            self.graph = SceneGraph(
                tuple(self.graph.entities[i] for i in kept),
                tuple(
                    replace(r, subject=place[r.subject], object=place[r.object])
                    for r in self.graph.relations
                    if r.subject in place and r.object in place
                ),
                tuple(replace(q, entity=place[q.entity]) for q in self.graph.texts if q.entity in place),
            )

    def thing(self, said: Entity) -> int | None:
        """The place of the thing that the hint speaks of, said now if it was not; None where it stays unsaid."""
        place = self.meant(said)
        if place is None:
            if not self.follows(Statement(0, "exists", said.noun)):
                return None
            place = len(self.graph.entities)
            self.graph = replace(self.graph, entities=(*self.graph.entities, Entity(said.noun, 1)))
        for value in said.values:
            self.value(place, said.noun, value)
        if said.count is not None and said.count > 1 and self.follows(Statement(0, "count", said.noun, str(said.count))):
            self.put(place, replace(self.graph.entities[place], count=said.count, at_least=None))
        return place

    def meant(self, said: Entity) -> int | None:
        """Of the things of this noun the one with these values, else one that lacks them, else the first; a new one where there is room."""
        named = [i for i, entity in enumerate(self.graph.entities) if entity.noun == said.noun and not entity.negated]
        slots = {SLOT_OF[value] for value in said.values if value in SLOT_OF}

        def taken(i: int) -> set[str]:
            return {SLOT_OF[v] for v in self.graph.entities[i].values if v in SLOT_OF} & slots

        fits = [i for i in named if {*said.values} <= {*self.graph.entities[i].values}] or [i for i in named if not taken(i)]
        if fits or not named:
            return next(iter(fits), None)
        spoken = sum(self.graph.entities[i].count or 2 for i in named)
        return None if spoken < len(self.known.index.matching(said.noun)) else named[0]

    def value(self, place: int, noun: str, value: str) -> None:
        """An attribute said of one thing, in place of another of its sort; of several only what all of them have."""
        entity = self.graph.entities[place]
        if value in entity.values or not self.follows(Statement(0, "attribute", noun, value)):
            return
        things = self.known.index.matching(noun)
        if entity.count != 1 and not all(self.known.index.has(i, value) for i in things):
            return
        slot = SLOT_OF.get(value)
        kept = tuple(a for a in entity.attributes if slot is None or SLOT_OF.get(a.value) != slot)
        self.put(place, replace(entity, attributes=(*kept, Attribute(value))))

    def place(self, said: Relation, subject: int | None, other: int | None) -> None:
        if subject is None or other is None or subject == other:
            return
        nouns = self.graph.entities[subject].noun, self.graph.entities[other].noun
        if self.follows(Statement(0, "relation", nouns[0], said.predicate, nouns[1])):
            kept = tuple(r for r in self.graph.relations if {r.subject, r.object} != {subject, other})
            self.graph = replace(self.graph, relations=(*kept, Relation(subject, said.predicate, other)))

    def put(self, place: int, entity: Entity) -> None:
        self.graph = replace(self.graph, entities=(*self.graph.entities[:place], entity, *self.graph.entities[place + 1 :]))
