"""Edits differ from their scene by exactly one fact, and bags are what the source says they are."""

from collections import Counter
from dataclasses import replace

import pytest

from diptych.data.errors import InputError, SourceError
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.world.edits import difference, edits
from diptych.world.facts import truth_of
from diptych.world.sample import Options, scene_at
from diptych.world.source import WorldTruths, world_source

SCENES = [scene_at(Options(), 3, index) for index in range(30)]


def told(graph):
    return Counter((s.kind, s.key) for s in graph.statements()), [(e.noun, e.values) for e in graph.entities]


def test_every_edit_differs_from_its_scene_by_one_fact_and_from_the_others():
    kinds = Counter()
    for number, scene in enumerate(SCENES):
        found = edits(scene, 6, keys=(3, number))
        truth = truth_of(scene).graph
        kinds.update(difference(truth, truth_of(edited).graph) for edited in found)
        graphs = [told(truth_of(edited).graph) for edited in (scene, *found)]
        assert all(graphs.count(one) == 1 or graphs[0] != one for one in graphs)
    assert "" not in kinds and set(kinds) == {"attribute", "exists", "text", "count", "relation"}


def test_a_larger_bag_begins_with_the_smaller():
    assert edits(SCENES[0], 6, keys=(1,))[:2] == edits(SCENES[0], 2, keys=(1,))
    assert edits(SCENES[0], 2, keys=(1,)) != edits(SCENES[0], 2, keys=(2,))


A, B, C = (Entity(noun, 1, attributes=(Attribute(colour),)) for noun, colour in (("mug", "red"), ("car", "blue"), ("mug", "red")))
BASE = SceneGraph((A, B, C), (Relation(0, "left of", 1), Relation(1, "right of", 0), Relation(2, "behind", 1)))


def _with(**changes):
    return replace(BASE, **changes)


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (BASE, ""),
        (_with(entities=(replace(A, attributes=(Attribute("green"),)), B, C)), "attribute"),
        (_with(entities=(replace(A, attributes=(Attribute("red"), Attribute("shiny"))), B, C)), "attribute"),
        (_with(entities=(replace(A, attributes=(Attribute("green"), Attribute("shiny"))), B, C)), ""),
        (_with(entities=(replace(A, noun="cup"), B, C)), "exists"),
        (_with(entities=(replace(A, noun="cup", attributes=()), B, C)), ""),
        (_with(entities=(replace(A, noun="cup"), replace(B, noun="truck"), C)), ""),
        (_with(relations=(Relation(0, "right of", 1), Relation(1, "left of", 0), Relation(2, "behind", 1))), "relation"),
        (_with(relations=(Relation(0, "right of", 1), Relation(1, "left of", 0))), ""),
        (SceneGraph((A, B), (Relation(0, "left of", 1), Relation(1, "right of", 0))), "count"),
        (SceneGraph((A, C), ()), ""),
    ],
)
def test_what_counts_as_one_fact(other, kind):
    assert difference(BASE, other) == difference(other, BASE) == kind


def test_bags_of_a_world_are_named_and_their_truths_found():
    address = "world:4?seed=5&bags=3"
    world, truths = world_source(address), WorldTruths(address)
    rows = list(world)
    assert len(rows) == len(world) == 12 and len({row.subject.key for row in rows}) == 12
    assert [row.labels["bag"] for row in rows] == [f"w5-b{n // 3:06d}" for n in range(12)]
    plain = list(world_source("world:4?seed=5"))
    assert [row.subject.key for row in rows[::3]] == [row.subject.key for row in plain]  # a bag begins with its scene
    for first in range(0, 12, 3):
        graphs = [truths[row.subject.key].graph for row in rows[first : first + 3]]
        assert all(difference(graphs[0], graph) for graph in graphs[1:])
    assert "bag" not in plain[0].labels


def test_too_many_edits_are_refused():
    with pytest.raises(InputError, match="edited 0 to 9 times, got 10"):
        edits(SCENES[0], 10, keys=())
    with pytest.raises(SourceError, match="bags must be a whole number from 1 to 10"):
        world_source("world:4?bags=11")
