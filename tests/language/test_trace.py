"""Origins and regions go from the graph a text was written from to the text's own."""

from dataclasses import replace

from diptych.data.graphs import SceneGraph
from diptych.language.parse import parse
from diptych.language.trace import traced


def marked(graph: SceneGraph) -> SceneGraph:
    """Every part with an origin of its own."""
    entities = []
    for n, entity in enumerate(graph.entities):
        attributes = tuple(replace(a, origins=(f"a{n}.{p}",)) for p, a in enumerate(entity.attributes))
        entities.append(replace(entity, origins=(f"e{n}",), region=f"r{n}", attributes=attributes))
    relations = tuple(replace(r, origins=(f"l{n}",)) for n, r in enumerate(graph.relations))
    return SceneGraph(tuple(entities), relations, tuple(replace(q, origins=(f"q{n}",)) for n, q in enumerate(graph.texts)))


def test_what_both_state_is_traced_and_the_rest_is_not() -> None:
    source = marked(parse('A brown dog sits on a red couch. A sign says "stop". A white cat sleeps.'))
    graph = parse('On a red couch sits a happy brown dog. There is a sign that says "stop" and a lamp.')
    found = traced(graph, source)
    things = {e.noun: (e.origins, e.region, {a.value: a.origins for a in e.attributes}) for e in found.entities}
    assert things == {
        "couch": (("e1",), "r1", {"red": ("a1.0",)}),
        "dog": (("e0",), "r0", {"happy": (), "brown": ("a0.0",)}),
        "sign": (("e2",), "r2", {}),
        "lamp": ((), None, {}),
    }
    assert [r.origins for r in found.relations] == [("l0",)]
    assert [q.origins for q in found.texts] == [("q0",)]


def test_a_graph_traced_to_itself_is_its_source() -> None:
    source = marked(parse("Two brown dogs and a black dog chase a ball near a house."))
    bare = parse("Two brown dogs and a black dog chase a ball near a house.")
    assert traced(bare, source) == source
    assert traced(bare, SceneGraph()) == bare and traced(SceneGraph(), source) == SceneGraph()
