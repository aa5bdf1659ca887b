"""Which caption is literally true of which scene, by what is behind both: no parser and no model stands between.

Shapes: N scenes, M captions.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.data.graphs import Entity, SceneGraph
from diptych.world.truth import Truth

Row = NDArray[np.bool_]
_Named = tuple[str, frozenset[str]]


def true_of(graphs: Sequence[SceneGraph], truths: Sequence[Truth], *, complete: bool = False) -> NDArray[np.bool_]:
    """(N, M): a stated number must be the number of such things, one thing must be there, several at least twice.

    Relations must hold between some such things; words in the picture are not looked at. With `complete` a caption is taken to name
    all that is there, and is not true of a scene of more things. Each different thing that captions say is tried on every scene once.
    """
    scenes = [_Scene(truth.graph) for truth in truths]
    kept: dict[object, Row] = {}

    def tried(key: object, holds: Callable[["_Scene"], bool]) -> Row:
        if key not in kept:
            kept[key] = np.array([holds(scene) for scene in scenes], bool)
        return kept[key]

    table = np.ones((len(scenes), len(graphs)), bool)
    for column, graph in enumerate(graphs):
        for entity in graph.entities:
            named, least, most = _named(entity), *_numbers(entity)
            table[:, column] &= tried((named, least, most), lambda scene, n=named, a=least, b=most: a <= scene.count(n) <= b)  # type: ignore[misc]
        for relation in graph.relations:
            ends = _named(graph.entities[relation.subject]), relation.predicate, _named(graph.entities[relation.object])
            table[:, column] &= tried(ends, lambda scene, e=ends: scene.related(*e))  # type: ignore[misc]
    if complete:
        said_M = np.array([sum(_numbers(entity)[0] for entity in graph.entities) for graph in graphs])
        table &= np.array([scene.things.total() for scene in scenes])[:, None] == said_M
    return table


def _named(entity: Entity) -> _Named:
    return entity.noun, frozenset(entity.values)


def _numbers(entity: Entity) -> tuple[int, int]:
    if entity.negated or entity.count == 0:
        return 0, 0
    if entity.count is None:
        return entity.at_least or 2, 99
    return (1, 99) if entity.count == 1 else (entity.count, entity.count)


class _Scene:
    """A scene's things, quick to count."""

    def __init__(self, graph: SceneGraph):
        self.things = Counter(map(_named, graph.entities))
        self.graph = graph

    def count(self, named: _Named) -> int:
        return sum(n for (noun, values), n in self.things.items() if noun == named[0] and named[1] <= values)

    def related(self, subject: _Named, predicate: str, other: _Named) -> bool:
        graph = self.graph
        pairs = ((graph.entities[r.subject], graph.entities[r.object]) for r in graph.relations if r.predicate == predicate)
        return any(a.noun == subject[0] and subject[1] <= {*a.values} and b.noun == other[0] and other[1] <= {*b.values} for a, b in pairs)
