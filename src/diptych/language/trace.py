"""Where the parts of a new text's graph come from, told from the graph that it was written from."""

from dataclasses import replace

from diptych.data.graphs import SceneGraph
from diptych.language.compare import match_graphs


def traced(graph: SceneGraph, source: SceneGraph) -> SceneGraph:
    """The graph with the source's origins and regions on whatever both state; the rest has none."""
    match = match_graphs(graph, source)
    things, values = dict(match.entities), dict(match.attributes)
    links, quotes = dict(match.relations), dict(match.texts)
    entities = []
    for index, entity in enumerate(graph.entities):
        at = things.get(index)
        if at is None:
            entities.append(entity)
            continue
        own = [(attribute, values.get((index, place))) for place, attribute in enumerate(entity.attributes)]
        attributes = tuple(a if w is None else replace(a, origins=source.entities[w[0]].attributes[w[1]].origins) for a, w in own)
        entities.append(replace(entity, attributes=attributes, region=source.entities[at].region, origins=source.entities[at].origins))
    return SceneGraph(
        tuple(entities),
        tuple(replace(r, origins=source.relations[links[n]].origins) if n in links else r for n, r in enumerate(graph.relations)),
        tuple(replace(q, origins=source.texts[quotes[n]].origins) if n in quotes else q for n, q in enumerate(graph.texts)),
    )
