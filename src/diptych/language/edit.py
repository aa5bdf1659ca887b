"""A caption changed as little as its new meaning asks for."""

from diptych.data.graphs import SceneGraph
from diptych.language.realise import realise


def edit(text: str, graph: SceneGraph, target: SceneGraph) -> tuple[str, SceneGraph]:
    """The caption, whose graph (with spans) is `graph`, without what `target` no longer states and with what it states beyond."""
    if {s.key for s in graph.statements(hedged=True)} == {s.key for s in target.statements(hedged=True)}:
        return text, graph
    return realise(target)
