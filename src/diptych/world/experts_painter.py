"""`sim:painter`: draws what it reads in a text, with the errors of text-to-image models; what the text leaves open is of the prior."""

from dataclasses import dataclass, field, replace
from functools import partial

from diptych.data.draws import digest, generator
from diptych.data.graphs import Attribute, Entity, Quote, SceneGraph
from diptych.language.parse import parse
from diptych.models.abilities import Failed, Painted, PaintRequest
from diptych.world.catalogue import WORDS
from diptych.world.compose import compose, wish
from diptych.world.corrupt import colour_of, coloured
from diptych.world.experts import pick
from diptych.world.facts import truth_of
from diptych.world.latents import Voice
from diptych.world.lookup import PAINTED, SLOT_OF, SLOTS, Lookup
from diptych.world.rates import PainterRates
from diptych.world.sample import Options, scene_at
from diptych.world.scenes import Scene
from diptych.world.source import picture_of

_DRAWS = 12  # of one entity: left out, number, which way, colours exchanged, words, which, then an error and its value for each slot
_PLACE = {slot: place for place, slot in enumerate(SLOTS)}


@dataclass(frozen=True, slots=True)
class SimulatedPainter:
    """Texts to scenes of the world. What it drew is known to the other simulated experts of this process, by the picture's key."""

    lookup: Lookup
    rates: PainterRates
    voice: Voice
    scenes: dict[tuple[str, int], Scene] = field(default_factory=dict, compare=False, repr=False)  # painted before

    def paint(self, requests: list[PaintRequest]) -> list[Painted | Failed]:
        """A picture for each request."""
        return [self._one(request) for request in requests]

    def _one(self, request: PaintRequest) -> Painted | Failed:
        if not 8 <= request.size <= 2048:
            return Failed(f"sim:painter draws pictures of 8 to 2048 pixels, not {request.size}")
        scene = self.scenes.get((request.text, request.draw)) or self.scene(request.text, request.draw)
        if len(self.scenes) >= PAINTED:
            self.scenes.clear()
        self.scenes[request.text, request.draw] = scene
        picture = picture_of(scene, request.size)
        self.lookup.add(picture.key, partial(truth_of, scene))
        return Painted(picture)

    def scene(self, text: str, draw: int = 0) -> Scene:
        """The scene that it makes of a text: a function of the text, the draw and the voice alone."""
        guessing, additions = self.voice.alone(2, text, "painting", draw)
        if guessing < self.rates.guessing:
            return scene_at(Options(), int.from_bytes(digest(self.voice.seed, self.voice.name)[:6], "little"), _number(text, draw))
        rng = generator(self.voice.seed, self.voice.name, "painting", text, draw)
        return compose(wish(self._understood(text, draw), rng, additions < self.rates.additions), rng)

    def _understood(self, text: str, draw: int) -> SceneGraph:
        """The graph that is drawn: the text's, with this painter's errors."""
        graph = parse(text)
        u = [self.voice.draws(_DRAWS, text, f"entity {number}", draw) for number in range(len(graph.entities))]
        entities = [self._entity(entity, row) for entity, row in zip(graph.entities, u, strict=True)]
        self._swap(entities, u)
        places = tuple(r for n, r in enumerate(graph.relations) if self._heeded(text, n, draw))
        texts = tuple(self._quote(quote, u[quote.entity]) for quote in graph.texts if quote.entity is not None)
        return SceneGraph(tuple(entities), places, texts)

    def _entity(self, entity: Entity, u: list[float]) -> Entity:
        many = entity.count if entity.count is not None else entity.at_least
        attributes = tuple(self._attribute(attribute, u) for attribute in entity.attributes)
        if u[0] < self.rates.missed:
            # of one thing nothing is left
            return replace(entity, negated=True) if (many or 1) < 2 else replace(entity, count=(many or 1) - 1, attributes=attributes)
        if many is not None and many > 1 and u[1] < self.rates.count_error:
            return replace(entity, count=many + (1 if u[2] < 0.5 else -1), attributes=attributes)
        return replace(entity, attributes=attributes)

    def _attribute(self, attribute: Attribute, u: list[float]) -> Attribute:
        slot = SLOT_OF.get(attribute.value)
        if slot is None or u[6 + _PLACE[slot]] >= self.rates.attribute_error:
            return attribute
        return Attribute(pick([value for value in SLOTS[slot] if value != attribute.value], u[9 + _PLACE[slot]]))

    def _swap(self, entities: list[Entity], u: list[list[float]]) -> None:
        """Colours that land on the next thing of another colour, whose colour comes here."""
        for i, row in enumerate(u):
            mine = colour_of(entities[i])
            other = next((j for j in range(i + 1, len(entities)) if colour_of(entities[j]) not in ("", mine)), None)
            if row[3] < self.rates.swapped and mine and other is not None:
                theirs = colour_of(entities[other])
                entities[i], entities[other] = coloured(entities[i], theirs), coloured(entities[other], mine)

    def _heeded(self, text: str, number: int, draw: int) -> bool:
        return self.voice.draws(1, text, f"relation {number}", draw)[0] >= self.rates.relation_error

    def _quote(self, quote: Quote, u: list[float]) -> Quote:
        return replace(quote, words=pick([w for w in WORDS if w != quote.words], u[5])) if u[4] < self.rates.text_error else quote


def _number(text: str, draw: int) -> int:
    return int.from_bytes(digest("guessed", text, draw)[:4], "little")
