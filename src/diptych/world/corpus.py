"""Captions of a training corpus: what they mention by chance, how often they say numbers, and noise of several kinds."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from diptych.data.draws import Key, generator
from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.world.catalogue import COLOURS, MATERIALS, SIZES
from diptych.world.grammar import STYLES, say
from diptych.world.truth import Truth

CLEAN, SWAPPED, GENERIC, PARTIAL = "clean", "swapped", "generic", "partial"
NOISE = (SWAPPED, GENERIC, PARTIAL)
_GENERIC = ("a picture", "a nice photo", "things on the ground", "some things", "an image of some things", "a stock photo")
_TWICE = 0.5  # chance that two facts of a partial caption are wrong


@dataclass(frozen=True, slots=True)
class Telling:
    """How captions tell of a scene; chances unless said.

    Things of a noun that are told the same way are told together, with their number ("three red balls") in a share `numbers` of
    captions and without it ("several red balls") in the others; one thing alone is "a red ball". Attributes are mentioned or not by
    noun and caption, so that things told together share what is told.
    `noise` are shares of captions by kind: "swapped" is another scene's, "generic" says nothing of the scene, "partial" has one or two
    wrong attributes, numbers or nouns. `wrong` maps nouns to the word that stands for them in a share `wrongly` of clean captions: the
    same mistake everywhere, as of an annotator who takes mugs for vases.
    """

    style: str = "short"
    kinds: float = 1.0  # a noun of the scene is named at all
    most: int = 0  # at most so many nouns in a caption, the commonest first; 0 is all
    colour: float = 1.0
    size: float = 0.0
    material: float = 0.0
    relations: float = 0.0  # share of captions with one relation
    numbers: float = 1.0
    noise: Mapping[str, float] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    wrongly: float = 1.0
    nouns: tuple[str, ...] = ()  # that a partial caption may say wrongly; () leaves nouns alone
    colours: tuple[str, ...] = tuple(COLOURS)

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise InputError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if set(self.noise) - set(NOISE) or not 0 <= sum(self.noise.values()) <= 1 or min(self.noise.values(), default=0) < 0:
            raise InputError(f"noise must give shares of {', '.join(NOISE)} that sum to at most 1, got {dict(self.noise)}")


@dataclass(frozen=True, slots=True)
class Told:
    """A caption, what it says, and the kind of its noise, which is truth and belongs in no record."""

    text: str
    graph: SceneGraph
    label: str = CLEAN


def tell(truth: Truth, telling: Telling, *, keys: tuple[Key, ...], other: Callable[[], Truth] | None = None) -> Told:
    """A caption of a scene; `other` gives the scene that a swapped one is of. It hangs on the keys alone."""
    rng = generator("telling", *keys)
    label = _label(float(rng.random()), telling.noise)
    if label == GENERIC or not truth.graph.entities:
        return Told(_GENERIC[int(rng.integers(len(_GENERIC)))], SceneGraph(), label)
    if label == SWAPPED and other is None:
        raise InputError("swapped captions are another scene's: give `other`")
    graph = mentioned((other() if label == SWAPPED and other else truth).graph, telling, rng)
    if label == PARTIAL:
        wrong = corrupted(graph, telling, rng)
        graph, label = wrong, PARTIAL if wrong != graph else CLEAN
    elif label == CLEAN and telling.wrong and rng.random() < telling.wrongly:
        renamed = {noun: telling.wrong.get(noun, noun) for noun in (e.noun for e in graph.entities)}
        if any(noun != word for noun, word in renamed.items()):
            graph, label = replace(graph, entities=tuple(replace(e, noun=renamed[e.noun]) for e in graph.entities)), "wrong-word"
    said = say(graph, telling.style, rng.random(32).tolist())
    return Told(said.text, said.graph, label)


def _label(u: float, noise: Mapping[str, float]) -> str:
    for label in NOISE:
        u -= noise.get(label, 0.0)
        if u < 0:
            return label
    return CLEAN


def mentioned(graph: SceneGraph, telling: Telling, rng: np.random.Generator) -> SceneGraph:
    """What a caption mentions of the truth: things alike in what is told are one entity with a count, or without (`numbers`)."""
    common = Counter(entity.noun for entity in graph.entities)
    named = [noun for noun in common if rng.random() < telling.kinds] or [max(common, key=lambda noun: common[noun])]
    if telling.most:
        named = sorted(named, key=lambda noun: -common[noun])[: telling.most]
    counted = rng.random() < telling.numbers
    slots = {noun: _told(telling, rng) for noun in named}
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for index in rng.permutation(len(graph.entities)).tolist():
        entity = graph.entities[index]
        if entity.noun in slots:
            groups.setdefault((entity.noun, tuple(v for v in entity.values if v in slots[entity.noun])), []).append(index)
    entities = tuple(
        Entity(noun, len(members) if counted or len(members) == 1 else None, attributes=tuple(map(Attribute, values)))
        for (noun, values), members in groups.items()
    )
    found = SceneGraph(entities)
    return replace(found, relations=_related(graph, list(groups.values()), rng)) if rng.random() < telling.relations else found


def _told(telling: Telling, rng: np.random.Generator) -> frozenset[str]:
    """The values that are told of a noun's things."""
    kinds = ((telling.colour, COLOURS), (telling.size, SIZES), (telling.material, MATERIALS))
    return frozenset(value for chance, values in kinds if rng.random() < chance for value in values)


def _related(graph: SceneGraph, groups: list[list[int]], rng: np.random.Generator) -> tuple[Relation, ...]:
    """One relation between things that are each told alone."""
    place = {members[0]: index for index, members in enumerate(groups) if len(members) == 1}
    known = [r for r in graph.relations if r.subject in place and r.object in place]
    if not known:
        return ()
    chosen = known[int(rng.integers(len(known)))]
    return (Relation(place[chosen.subject], chosen.predicate, place[chosen.object]),)


def corrupted(graph: SceneGraph, telling: Telling, rng: np.random.Generator) -> SceneGraph:
    """One or two facts wrong: a colour, a number, or a noun of `telling.nouns`; the same where there is nothing to get wrong."""
    entities = list(graph.entities)
    # each way at most once, so that a second mistake never undoes the first
    ways = [(i, wrong) for i, entity in enumerate(entities) for wrong in _WRONG if wrong(entity, telling, rng)]
    for place in rng.permutation(len(ways))[: 1 + int(rng.random() < _TWICE)].tolist():
        index, wrong = ways[place]
        entities[index] = wrong(entities[index], telling, rng) or entities[index]
    return replace(graph, entities=tuple(entities))


def _other_colour(entity: Entity, telling: Telling, rng: np.random.Generator) -> Entity | None:
    said = [value for value in entity.values if value in COLOURS]
    others = [colour for colour in telling.colours if colour not in said]
    if not said or not others:
        return None
    value = others[int(rng.integers(len(others)))]
    return replace(entity, attributes=tuple(Attribute(value) if a.value == said[0] else a for a in entity.attributes))


def _other_number(entity: Entity, telling: Telling, rng: np.random.Generator) -> Entity | None:
    if entity.count is None or entity.count < 2:
        return None
    others = [n for n in range(2, entity.count + 3) if n != entity.count]
    return replace(entity, count=others[int(rng.integers(len(others)))])


def _other_noun(entity: Entity, telling: Telling, rng: np.random.Generator) -> Entity | None:
    others = [noun for noun in telling.nouns if noun != entity.noun]
    return replace(entity, noun=others[int(rng.integers(len(others)))]) if others else None


_WRONG = (_other_colour, _other_number, _other_noun)


def confusions(nouns: tuple[str, ...], number: int, *, seed: int = 0) -> dict[str, str]:
    """So many nouns each with the wrong word that always stands for it, for `Telling.wrong`."""
    if not 0 <= number <= len(nouns) or (number and len(nouns) < 2):
        raise InputError(f"wrong words can stand for 0 to {len(nouns)} nouns, got {number}")
    order = generator(seed, "confusions").permutation(len(nouns)).tolist()
    return {nouns[order[i]]: nouns[order[(i + 1) % len(order)]] for i in range(number)}
