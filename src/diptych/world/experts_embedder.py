"""`sim:embedder`: pictures and texts as sums of the vectors of their facts, as far as it sees or heeds them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diptych.data.graphs import Entity, Relation, SceneGraph
from diptych.language.parse import parse
from diptych.language.predicates import sense
from diptych.models.abilities import Embedded, EmbedRequest, Failed
from diptych.world.catalogue import BY_NOUN
from diptych.world.latents import Voice, stream
from diptych.world.lookup import ABSENT, Known, Lookup
from diptych.world.rates import EmbedderRates

WIDTH = 512  # of the vectors; those of two different facts have a cosine of about 1 / sqrt(WIDTH)
KEPT = 1 << 15  # vectors remembered
HALF = 0.5**0.5  # a value counts half by itself and half as somebody's
_PREFIX = "a photo depicts "

Feature = tuple[str, float]  # a fact's name and its weight


@dataclass(frozen=True, slots=True)
class SimulatedEmbedder:
    """One space for pictures and texts."""

    lookup: Lookup
    rates: EmbedderRates
    voice: Voice
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict, compare=False, repr=False)  # of pictures, by key

    def embed(self, requests: list[EmbedRequest]) -> list[Embedded | Failed]:
        """A vector for each request."""
        return [self._one(request) for request in requests]

    def _one(self, request: EmbedRequest) -> Embedded | Failed:
        if request.picture is None:
            text = request.text
            read = parse(text[len(_PREFIX) :] if text.lower().startswith(_PREFIX) else text)
            return self._vector(f"text {text}", read, read.relations)
        if request.picture.key in self.vectors:
            return Embedded(self.vectors[request.picture.key])
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        found = self._vector(known.key, known.graph, nearest(known))
        if len(self.vectors) >= KEPT:
            self.vectors.clear()
        self.vectors[known.key] = found.vector
        return found

    def _vector(self, key: str, graph: SceneGraph, places: Sequence[Relation]) -> Embedded:
        guessing = self.voice.alone(1, key, "embed")[0]
        if guessing < self.rates.guessing:
            return Embedded(_direction(f"{self.voice.seed} {self.voice.name} {key}").astype(np.float32))
        # each fact once, however often it is told
        features = dict(self._features(key, graph, places)) or {"nothing": 1.0}
        whole = np.zeros(WIDTH)
        for name, weight in features.items():
            whole += weight * _direction(name)
        noise = _direction(f"{self.voice.seed} {self.voice.name} noise {key}")
        whole += float(np.linalg.norm(whole)) * self.rates.noise * noise
        return Embedded(whole.astype(np.float32))

    def _features(self, key: str, graph: SceneGraph, places: Sequence[Relation]) -> Iterator[Feature]:
        seen = [not (e.negated or e.hedged) and self._draw(key, f"thing {i}") >= self.rates.missed for i, e in enumerate(graph.entities)]
        for index, entity in enumerate(graph.entities):
            if seen[index]:
                yield from self._thing(key, index, entity)
        for noun, number in _numbers(graph.entities, seen).items():
            if number > 1 and self._draw(key, f"count {noun}") >= self.rates.count_blind:
                yield f"{number} {noun}", 1.0
        for relation in places:
            if seen[relation.subject] and seen[relation.object]:
                name = _place(graph, relation)
                if self._draw(key, name) >= self.rates.relation_blind:
                    yield name, 1.0
        for quote in graph.texts:
            if self._draw(key, f"words {quote.words}") >= self.rates.text_missed:
                yield f"words {quote.words.upper()}", 1.0

    def _thing(self, key: str, index: int, entity: Entity) -> Iterator[Feature]:
        yield f"a {entity.noun}", 1.0
        known = BY_NOUN.get(entity.noun)
        if known is not None and known.kind:
            yield f"a {known.kind}", 0.5
        for value in entity.values:
            missed, blind = self.voice.draws(2, key, f"embed {index} {value}")
            if missed >= self.rates.attribute_missed:
                yield f"some {value}", HALF
                if blind >= self.rates.binding_blind:
                    yield f"a {value} {entity.noun}", HALF

    def _draw(self, key: str, fact: str) -> float:
        return self.voice.draws(1, key, f"embed {fact}")[0]


def nearest(known: Known) -> tuple[Relation, ...]:
    """What each thing's place is relative to the nearest other: what an eye takes in of all that holds."""
    found: Mapping[int, tuple[tuple[str, int], ...]] = known.near
    return tuple(Relation(i, predicate, other) for i, rows in found.items() for predicate, other in rows if other == rows[0][1])


def _numbers(entities: Sequence[Entity], seen: Sequence[bool]) -> Counter[str]:
    """How many of each noun; a bare plural says no number."""
    found = Counter[str]()
    vague = {e.noun for e in entities if e.at_least is not None}
    for entity, there in zip(entities, seen, strict=True):
        if there and entity.noun not in vague:
            found[entity.noun] += 1 if entity.count is None else entity.count
    return found


def _place(graph: SceneGraph, relation: Relation) -> str:
    one, two = graph.entities[relation.subject].noun, graph.entities[relation.object].noun
    meant = sense(relation.predicate)
    if meant.flip or (meant.symmetric and two < one):
        one, two = two, one
    return f"{one} {meant.name} {two}"


@lru_cache(1 << 15)
def _direction(name: str) -> NDArray[np.float64]:
    signs = np.where(stream(WIDTH, "embedder", name) < 0.5, -1.0, 1.0) / WIDTH**0.5
    signs.setflags(write=False)
    return signs  # type: ignore[no-any-return]
