"""True captions made worse by degrees, or only otherwise, each with the statements behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from diptych.data.draws import Key, generator
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.world.captions import describe
from diptych.world.catalogue import CATEGORIES, COLOURS
from diptych.world.experts import DIRECTIONS, TURNED
from diptych.world.grammar import say
from diptych.world.latents import stream
from diptych.world.lookup import SLOT_OF, SLOTS
from diptych.world.truth import Truth

HARMLESS = ("intact", "reorder", "paraphrase")
HARMFUL = ("drop", "attribute", "swap", "hallucinate", "relation")
STEPS = 3  # degrees of what can be done more than once


@dataclass(frozen=True, slots=True)
class Corrupted:
    """A caption with the graph behind it; what was done to it, and how often."""

    text: str
    graph: SceneGraph
    kind: str
    steps: int = 0


def ladder(truth: Truth, *, keys: tuple[Key, ...], style: str = "dense", steps: int = STEPS) -> tuple[Corrupted, ...]:
    """A true caption; the same reordered and in held-out phrasings; and with 1 to `steps` things left out, attributes falsified,
    colours exchanged between two things, things invented, places turned round, as far as the caption has them.

    Each step goes beyond the one before. Wordings are drawn alike for all.
    """
    told = describe(truth, style, keys=("corrupted", *keys))
    words = stream(25, "ladder", truth.key, *keys).tolist()
    rng = generator("ladder", truth.key, *keys)
    plain = say(told.graph, style, words)
    found = [Corrupted(plain.text, plain.graph, "intact")]
    again = say(reordered(told.graph, rng), style, words)
    other = say(told.graph, style, words, "held_out")
    found += [Corrupted(again.text, again.graph, "reorder"), Corrupted(other.text, other.graph, "paraphrase")]
    for kind, makes in (("drop", drops), ("attribute", falsified), ("swap", swapped), ("relation", turned)):
        for step, graph in zip(range(1, steps + 1), makes(told.graph, rng), strict=False):
            said = say(graph, style, words)
            found.append(Corrupted(said.text, said.graph, kind, step))
    for step, graph in zip(range(1, steps + 1), invented(told.graph, absent(truth), rng), strict=False):
        said = say(graph, style, words)
        found.append(Corrupted(said.text, said.graph, "hallucinate", step))
    return tuple(found)


def absent(truth: Truth) -> tuple[str, ...]:
    """Nouns of the world that the picture does not show."""
    there = {entity.noun for entity in truth.graph.entities}
    return tuple(category.noun for category in CATEGORIES if category.noun not in there)


def reordered(graph: SceneGraph, rng: np.random.Generator) -> SceneGraph:
    """The same things and places in another order."""
    order = rng.permutation(len(graph.entities)).tolist()
    shuffled = _kept(graph, order)
    return replace(shuffled, relations=tuple(shuffled.relations[i] for i in rng.permutation(len(shuffled.relations)).tolist()))


def drops(graph: SceneGraph, rng: np.random.Generator) -> Iterator[SceneGraph]:
    """One thing fewer each time, with all that is said of it; one is always left."""
    order = rng.permutation(len(graph.entities)).tolist()
    for number in range(1, len(order)):
        yield _kept(graph, sorted(order[number:]))


def falsified(graph: SceneGraph, rng: np.random.Generator) -> Iterator[SceneGraph]:
    """One attribute more each time is another of its sort, which nothing of its noun in the caption has."""
    places = [(i, k) for i, entity in enumerate(graph.entities) for k, a in enumerate(entity.attributes) if a.value in SLOT_OF]
    for at in rng.permutation(len(places)).tolist():
        index, part = places[at]
        entity = graph.entities[index]
        taken = {value for e in graph.entities if e.noun == entity.noun for value in e.values}
        others = [value for value in SLOTS[SLOT_OF[entity.attributes[part].value]] if value not in taken]
        if others:
            value = Attribute(others[int(rng.integers(len(others)))])
            attributes = (*entity.attributes[:part], value, *entity.attributes[part + 1 :])
            graph = _with(graph, index, replace(entity, attributes=attributes))
            yield graph


def swapped(graph: SceneGraph, rng: np.random.Generator) -> Iterator[SceneGraph]:
    """Two things of different nouns exchange their colours, another pair more each time: all words stay, and belong to the wrong."""
    free = [i for i in rng.permutation(len(graph.entities)).tolist() if colour_of(graph.entities[i])]
    while len(free) > 1:
        one = free.pop()
        mine = graph.entities[one]
        other = next((i for i in free if graph.entities[i].noun != mine.noun and colour_of(graph.entities[i]) != colour_of(mine)), None)
        if other is not None:
            free.remove(other)
            theirs = graph.entities[other]
            graph = _with(_with(graph, one, coloured(mine, colour_of(theirs))), other, coloured(theirs, colour_of(mine)))
            yield graph


def turned(graph: SceneGraph, rng: np.random.Generator) -> Iterator[SceneGraph]:
    """One place more each time is the opposite, or where it has none another direction."""
    for at in rng.permutation(len(graph.relations)).tolist():
        relation = graph.relations[at]
        opposite = TURNED.get(relation.predicate) or DIRECTIONS[int(rng.integers(len(DIRECTIONS)))]
        relations = (*graph.relations[:at], replace(relation, predicate=opposite), *graph.relations[at + 1 :])
        graph = replace(graph, relations=relations)
        yield graph


def invented(graph: SceneGraph, nouns: Sequence[str], rng: np.random.Generator) -> Iterator[SceneGraph]:
    """One thing more each time that is one of the nouns, with a colour."""
    colours = tuple(COLOURS)
    for at in rng.permutation(len(nouns)).tolist():
        colour = Attribute(colours[int(rng.integers(len(colours)))])
        graph = replace(graph, entities=(*graph.entities, Entity(nouns[at], 1, attributes=(colour,))))
        yield graph


def _kept(graph: SceneGraph, order: Sequence[int]) -> SceneGraph:
    place = {old: new for new, old in enumerate(order)}
    relations = tuple(
        Relation(place[r.subject], r.predicate, place[r.object]) for r in graph.relations if r.subject in place and r.object in place
    )
    texts = tuple(replace(q, entity=place[q.entity]) for q in graph.texts if q.entity is not None and q.entity in place)
    return SceneGraph(tuple(graph.entities[old] for old in order), relations, texts)


def _with(graph: SceneGraph, index: int, entity: Entity) -> SceneGraph:
    return replace(graph, entities=(*graph.entities[:index], entity, *graph.entities[index + 1 :]))


def colour_of(entity: Entity) -> str:
    """The colour that is said of it, or nothing."""
    return next((value for value in entity.values if value in COLOURS), "")


def coloured(entity: Entity, colour: str) -> Entity:
    """The same with another colour for its own."""
    return replace(entity, attributes=tuple(Attribute(colour) if a.value in COLOURS else a for a in entity.attributes))
