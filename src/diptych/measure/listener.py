"""The oracle listener: whom does a caption tell apart, for one who knows every scene and reads only what is said?

It keeps the scenes of a bag that bear the caption out and picks one of them at random, so its score cannot be won by pleasing a
learnt scorer. A symbolic stand-in for the listeners of Dessi et al., 2023, arXiv:2304.01662 and Gaur et al., 2024, arXiv:2409.03025.
"""

import math
from collections.abc import Mapping, Sequence

from diptych.data.errors import InputError
from diptych.data.graphs import Entity, SceneGraph
from diptych.language.index import Index, least
from diptych.measure.bags import Bags, hard_bags
from diptych.measure.fact_scores import Truth
from diptych.measure.intervals import RESAMPLES
from diptych.measure.rows import scored_rows
from diptych.measure.scores import Scored
from diptych.measure.self_retrieval import Queries

_HOW = "scenes of the bag that bear out all that is said; 1 over their number where the target is among them, else 0"


class Listener:
    """The scenes that captions may be about, prepared for many captions."""

    __slots__ = ("_indices",)

    def __init__(self, truths: Mapping[str, Truth]) -> None:
        self._indices = {id: Index(graph, kinds) for id, (graph, kinds) in truths.items()}

    def __contains__(self, id: str) -> bool:
        return id in self._indices

    def kept(self, said: SceneGraph, bag: Sequence[str]) -> tuple[str, ...]:
        """The scenes of the bag with which the caption is consistent, in the bag's order."""
        return tuple(id for id in bag if consistent(said, self._indices[id]))

    def score(self, said: SceneGraph, target: str, bag: Sequence[str]) -> float:
        """Chance that a listener who picks among the scenes kept picks the target."""
        if not consistent(said, self._indices[target]):
            return 0.0
        return 1 / len(self.kept(said, bag))


def consistent(said: SceneGraph, scene: Index) -> bool:
    """Whether a scene bears a caption out: every statement is true of it, and the things mentioned can be as many different objects.

    A thing needs an object with its noun and all its attributes at once, "three balls" three, "a ball and a ball" two.
    """
    wanted = [entity for entity in said.entities if not (entity.negated or entity.hedged)]
    could = [scene.matching(entity.noun, entity.values) for entity in wanted]
    if not all(len(objects) >= least(entity) for entity, objects in zip(wanted, could, strict=True)):
        return False  # most scenes of a bag end here
    return all(scene.holds(one) == "supported" for one in said.statements()) and _apart(wanted, could)


def _apart(wanted: Sequence[Entity], could: Sequence[tuple[int, ...]]) -> bool:
    """Whether every thing can have objects of its own (augmenting paths)."""
    slots = [objects for entity, objects in zip(wanted, could, strict=True) for _ in range(least(entity))]
    owner: dict[int, int] = {}

    def seat(slot: int, tried: set[int]) -> bool:
        for place in slots[slot]:
            if place not in tried:
                tried.add(place)
                if place not in owner or seat(owner[place], tried):
                    owner[place] = slot
                    return True
        return False

    return all(seat(slot, set()) for slot in range(len(slots)))


def oracle_listener(
    captions: Mapping[str, SceneGraph], truths: Mapping[str, Truth], bags: Bags, *, queries: Queries = "all", seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """For each size of bag `listener_SIZE`: 1 over the number of scenes kept where the target is kept, else 0.

    `captions` are what is said of each scene, `truths` what is true of it with the coarser nouns of its things. A row is a bag; its
    value is the mean over the captions that ask (`queries="first"`: the first scene's alone). A caption that says nothing keeps
    every scene and gets chance. Raises InputError for bags of fewer than two scenes, and ids without caption or truth.
    """
    knows = Listener(truths)
    for bag in bags:
        _check(bag, bag if queries == "all" else bag[:1], captions, knows)
    found: list[Scored] = []
    for size in sorted({len(bag) for bag in bags}):
        rows = [bag for bag in bags if len(bag) == size]
        table = [[knows.score(captions[id], id, bag) for id in (bag if queries == "all" else bag[:1])] for bag in rows]
        names = [f"{number}:{bag[0]}" for number, bag in enumerate(rows)]
        how = f"{_HOW}; {queries} captions ask"
        found.append(scored_rows(f"listener_{size}", names, table, of="captions", how=how, seed=seed, resamples=resamples))
    return tuple(found)


def _check(bag: Sequence[str], asking: Sequence[str], captions: Mapping[str, object], knows: Listener) -> None:
    if len(bag) < 2 or len(set(bag)) < len(bag):
        raise InputError(f"a bag needs two scenes or more, each once, got {list(bag)}")
    for id in bag:
        if id not in knows or (id in asking and id not in captions):
            lacks = "caption" if id in knows else "truth"
            raise InputError(f"scene {id!r} of a bag has no {lacks}: give it or leave the bag out")


def near_bags(
    truths: Mapping[str, Truth], size: int, *, count: int | None = None, seed: int = 0
) -> tuple[tuple[str, ...], ...]:  # fmt: skip
    """Bags of scenes that hold nearly the same: nearest by the things, their attributes and their number; none twice.

    Near are those whose counts of "ball", "red ball" and "ball x 2" have a high cosine (`bags.hard_bags`). Scenes that no such count
    tells apart may share a bag: the ceiling of a listener is then below 1, which the true captions' score says.
    """
    vectors = _vectors(truths)
    return hard_bags(vectors, size, count=count, seed=seed)


def _vectors(truths: Mapping[str, Truth]) -> dict[str, list[float]]:
    counts = {id: _features(graph) for id, (graph, _) in truths.items()}
    places = {name: place for place, name in enumerate(sorted({name for row in counts.values() for name in row}))}
    found = {}
    for id, row in counts.items():
        vector = [0.0] * (len(places) + 1)
        vector[-1] = 1e-3  # a scene without things has a vector too
        for name, number in row.items():
            vector[places[name]] = math.sqrt(number)
        found[id] = vector
    return found


def _features(graph: SceneGraph) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for entity in graph.entities:
        for value in ("", *entity.values):
            found[entity.noun, value] = found.get((entity.noun, value), 0) + 1
    return found
