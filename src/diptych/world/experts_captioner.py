"""`sim:captioner`: says a part of the truth, with errors, in the words of the grammar."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.regions import Box
from diptych.models.abilities import CaptionRequest, Described, Failed
from diptych.world.catalogue import BY_NOUN, CATEGORIES
from diptych.world.experts import (
    COUNT,
    COUNT_WRONG,
    DIRECTIONS,
    EXISTS,
    FIRES,
    INVENTED_COLOUR,
    INVENTED_PLACE,
    INVENTED_RELATION,
    LISTED,
    PARTNER,
    RELATION,
    RELATION_WRONG,
    TEXT,
    TURNED,
    Layout,
    invented_colour,
    invention,
    layout,
    mistaken,
    pick,
)
from diptych.world.experts_captioner_asked import answering
from diptych.world.experts_captioner_told import Told, in_front, told_by, with_texts, within
from diptych.world.grammar import STYLES, Said, say
from diptych.world.heeding import heeding, heeding_of_one, pressed
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, Known, Lookup, Thing, overlap
from diptych.world.rates import CaptionerRates

_SLOTS = ("size", "material", "colour")


@dataclass(frozen=True, slots=True)
class SimulatedCaptioner:
    """Captions of a picture, or of the object in a box."""

    lookup: Lookup
    rates: CaptionerRates
    voice: Voice

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """A caption for each request, in the style asked for."""
        return [self._one(request) for request in requests]

    def _one(self, request: CaptionRequest) -> Described | Failed:
        if request.style not in STYLES:
            return Failed(f"sim:captioner knows the styles {', '.join(STYLES)}, not {request.style!r}")
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        told = told_by(request)
        if told and (request.region is not None or request.style == "region"):
            return Failed("sim:captioner heeds questions, texts, examples and words for whole pictures alone: ask without a region")
        return Described(self.said(known, request.style, request.region, request.draw, request.hints, told=told).text)

    def said(
        self, known: Known, style: str, region: Box | None = None, draw: int = 0, hints: tuple[str, ...] = (), *, told: Told | None = None
    ) -> Said:
        """The text with the graph behind it."""
        if region is not None or style == "region":
            style, graph = "region", self._region(known, region, draw)
        else:
            graph = content(known, layout(self.voice, known, draw), pressed(self.rates, hints), style)
        if hints:
            heed = heeding_of_one if style == "region" else heeding
            graph = heed(known, graph, hints, self.rates, lambda fact: self.voice.draws(1, known.key, f"heeds {fact}", draw)[0])
        asked = SceneGraph()
        if told:
            asked = answering(known, told.question, told.answer, self.rates, self.voice, draw=draw) if told.question else asked
            graph = in_front(asked, with_texts(graph, told.texts, known, self.rates, self.voice, draw=draw))
        first, *wordings = self.voice.alone(25, known.key, f"words {style} {region}", draw)

        def worded(graph: SceneGraph) -> Said:
            return say(graph, style, wordings, "held_out" if first < self.rates.held_out else "seen")

        return within(graph, asked, told.limit, worded) if told else worded(graph)

    def _region(self, known: Known, region: Box | None, draw: int) -> SceneGraph:
        """One object: the one in the box, without a box the largest."""
        best = max(known.things, key=lambda t: overlap(t.box, region) if region else t.box.area, default=None)
        if best is None or (region and overlap(best.box, region) <= 0.05):
            names = [c.noun for c in CATEGORIES]
            return SceneGraph((Entity(pick(names, self.voice.alone(1, known.key, f"nothing {region}", draw)[0]), 1),))
        draws = self.voice.draws(8, known.key, f"region {best.index}", draw)
        noun = best.noun
        if draws[0] < self.rates.hallucination and noun in BY_NOUN:
            like = [c.noun for c in CATEGORIES if c.family == BY_NOUN[noun].family and c.noun != noun]
            noun = pick(like, draws[1])
        values = []
        for slot, *u in zip(_SLOTS, draws[2:5], draws[5:8], strict=True):
            value = _value(known, best, slot, self.rates, (u[0], u[1]))
            if value:
                values.append(Attribute(value))
        return SceneGraph((Entity(noun, 1, attributes=tuple(values)),))


def content(known: Known, draws: Layout, rates: CaptionerRates, style: str) -> SceneGraph:
    """What a captioner with these rates and draws says of the picture."""
    teller = _Content(known, draws, rates)
    teller.name()
    teller.invent()
    teller.relate(rates.spatial_recall if style == "spatial" else rates.relation_recall)
    return SceneGraph(tuple(teller.entities), tuple(teller.relations), tuple(teller.texts()))


@dataclass(slots=True)
class _Content:
    known: Known
    draws: Layout
    rates: CaptionerRates
    entities: list[Entity] = field(default_factory=list)
    behind: list[Thing | int] = field(default_factory=list)  # what each entity stands for: a thing, an invented noun, -1 for several things
    relations: list[Relation] = field(default_factory=list)

    def name(self) -> None:
        draws, rates = self.draws, self.rates
        for group in self.known.groups:
            first = group[0]
            if len(group) > 1 and draws.thing(first, LISTED) < 0.5 and _told_apart(group):
                for thing in group:
                    if draws.thing(thing, EXISTS) < rates.recall:
                        self.add(Entity(thing.noun, 1, attributes=self.attributes(thing, always="colour")), thing)
            elif draws.thing(first, EXISTS) >= rates.recall:
                continue
            elif len(group) == 1:
                self.add(Entity(first.noun, 1, attributes=self.attributes(first)), first)
            else:
                self.add(self.several(group), -1)

    def add(self, entity: Entity, behind: Thing | int) -> None:
        self.entities.append(entity)
        self.behind.append(behind)

    def several(self, group: tuple[Thing, ...]) -> Entity:
        draws, rates, first = self.draws, self.rates, group[0]
        shared = {slot for slot in _SLOTS if len({thing.values.get(slot) for thing in group}) == 1}
        attributes = self.attributes(first, only=shared)
        if draws.thing(first, COUNT) >= rates.count_recall:
            return Entity(first.noun, at_least=2, attributes=attributes)
        number, u = len(group), draws.thing(first, COUNT_WRONG)
        if u < rates.count_error:
            number += 1 if number == 2 or u < rates.count_error / 2 else -1
        return Entity(first.noun, number, attributes=attributes)

    def attributes(self, thing: Thing, *, always: str = "", only: set[str] | None = None) -> tuple[Attribute, ...]:
        found = []
        for slot in _SLOTS:
            if only is None or slot in only:
                stated = 0.0 if slot == always else self.draws.stated(thing, slot)
                value = _value(self.known, thing, slot, self.rates, (stated, self.draws.wrong(thing, slot)))
                if value:
                    found.append(Attribute(value))
        return tuple(found)

    def invent(self) -> None:
        """Nouns not in the picture, so many that on average `hallucination` of the nouns named are such, while there are nouns left."""
        share = min(self.rates.hallucination, 0.999)
        expected = self.rates.recall * len(self.known.groups) * share / (1 - share)
        for numbers, chance in invention(self.known, expected, self.rates.cooccurrence):
            for number in numbers:
                if self.draws.noun(number, FIRES) < chance:
                    u = self.draws.noun(number, INVENTED_COLOUR)
                    told = u < self.rates.colour_recall
                    colour = (Attribute(invented_colour(self.known, u / self.rates.colour_recall)),) if told else ()
                    place = int(self.draws.noun(number, INVENTED_PLACE) * (len(self.entities) + 1))
                    self.entities.insert(place, Entity(CATEGORIES[number].noun, 1, attributes=colour))
                    self.behind.insert(place, number)

    def relate(self, recall: float) -> None:
        places = {thing.index: place for place, thing in enumerate(self.behind) if isinstance(thing, Thing)}
        taken: set[frozenset[int]] = set()
        for place, thing in enumerate(self.behind):
            if isinstance(thing, Thing):
                if self.draws.thing(thing, RELATION) < recall:
                    self.relate_thing(thing, place, places, taken)
            elif thing >= 0 and places and (u := self.draws.noun(thing, INVENTED_RELATION)) < recall:
                target = list(places.values())[int(u / recall * len(places))]
                self.relations.append(Relation(place, pick(DIRECTIONS, u / recall * 17 % 1), target))

    def relate_thing(self, thing: Thing, place: int, places: dict[int, int], taken: set[frozenset[int]]) -> None:
        near = self.known.near.get(thing.index, ())
        partner = next((o for _, o in near if o in places and frozenset((thing.index, o)) not in taken), None)
        if partner is None:
            return
        taken.add(frozenset((thing.index, partner)))
        true = [p for p, o in near if o == partner]
        predicate = pick(true, self.draws.thing(thing, PARTNER))
        u = self.draws.thing(thing, RELATION_WRONG)
        if u < self.rates.relation_error:
            false = [p for p in DIRECTIONS if p not in true]
            turned = TURNED.get(predicate)
            predicate = turned if turned and turned not in true else pick(false, u / self.rates.relation_error)
        self.relations.append(Relation(place, predicate, places[partner]))

    def texts(self) -> Iterator[Quote]:
        for place, thing in enumerate(self.behind):
            if isinstance(thing, Thing) and thing.words and self.draws.thing(thing, TEXT) < self.rates.text_recall:
                yield Quote(thing.words, place)


def _value(known: Known, thing: Thing, slot: str, rates: CaptionerRates, u: tuple[float, float]) -> str:
    stated, wrong = u
    recall = {"colour": rates.colour_recall, "size": rates.size_recall, "material": rates.material_recall}[slot]
    value = thing.values.get(slot, "")
    if stated >= recall or not value:
        return ""
    return mistaken(known, thing, slot, wrong / rates.attribute_error) if wrong < rates.attribute_error else value


def _told_apart(group: tuple[Thing, ...]) -> bool:
    colours = {thing.values.get("colour") for thing in group}
    return None not in colours and len(colours) == len(group)
