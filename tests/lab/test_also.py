"""What experiments measure besides facts, by hand: a red mug left of a blue car, behind it a green duck."""

import pytest

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.nodes import ROOT
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Region
from diptych.lab.also import Table, answers, graphs, pooled
from diptych.lab.swaps import exchanged, neighbours, told_right, turned
from diptych.language.parse import parse
from diptych.world.lookup import know
from diptych.world.truth import Truth

LOOKS = {"mug": "red", "car": "blue", "duck": "green"}
BOXES = (Box(0.1, 0.6, 0.2, 0.7), Box(0.4, 0.6, 0.6, 0.8), Box(0.45, 0.1, 0.55, 0.2))
TRUTH = Truth(
    "key",
    SceneGraph(
        tuple(Entity(noun, 1, attributes=(Attribute(colour),), region=f"t{n}") for n, (noun, colour) in enumerate(LOOKS.items())),
        (Relation(0, "left of", 1), Relation(1, "right of", 0), Relation(2, "behind", 1), Relation(1, "in front of", 2)),
    ),
    tuple(Region(f"t{n}", box, label=noun, score=1.0) for n, (noun, box) in enumerate(zip(LOOKS, BOXES, strict=True))),
    {},
)
TRUTHS = {"key": TRUTH}


def row(*captions: str, regions: tuple[Region, ...] = (), more: tuple[Caption, ...] = ()) -> Record:
    said = tuple(Caption(str(n), text, "m", "short") for n, text in enumerate(captions))
    return Record("r", Image("r.png", key="key"), (*said, *more), regions, chosen=tuple(caption.id for caption in said))


def test_neighbours_and_what_is_asked_of_them():
    known = know(TRUTH)
    assert neighbours(known) == {frozenset((0, 1)), frozenset((1, 2))}
    assert [(true.relations[0].predicate, false.relations[0].predicate) for true, false in turned(known)] == [
        ("left of", "right of"), ("in front of", "behind"),
    ]  # fmt: skip
    assert [[[*e.values, e.noun] for e in false.entities] for _, false in exchanged(known)] == [
        [["blue", "mug"], ["red", "car"]], [["green", "car"], ["blue", "duck"]],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("caption", "relations", "colours"),
    [
        ("a red mug left of a blue car", 1.5, 2.0),  # the blue car speaks for the second pair too: false makes it green
        ("a mug left of a car", 1.5, 1.0),
        ("a blue car left of a red mug", 0.5, 2.0),
        ("a car in front of a duck. A mug is to the right of the car.", 1.0, 1.0),
        ("a blue mug and a red car", 1.0, 0.5),  # the red car rules out both of the second pair
        ("a green duck", 1.0, 1.5),
        ("a picture", 1.0, 1.0),
    ],
)
def test_swaps_by_hand(caption, relations, colours):
    known, said = know(TRUTH), [parse(caption)]
    assert told_right(turned(known), said) == (relations, 2)
    assert told_right(exchanged(known), said) == (colours, 2)


def test_captions_are_taken_together():
    known = know(TRUTH)
    one, other = parse("a mug left of a car"), parse("a mug right of a car")
    assert told_right(turned(known), [one, other]) == (1.0, 2) and told_right(turned(known), [one, one]) == (1.5, 2)


def graph() -> tuple[tuple[Region, ...], tuple[Caption, ...]]:
    """Nodes on the mug, twice on the car, on nothing; a relation node with a right and a wrong edge, a composition of the two cars."""
    root = Region("root", Box(0, 0, 1, 1), "crop", ROOT)
    near = Box(0.41, 0.61, 0.6, 0.8)
    things = [("a", "mug", BOXES[0]), ("b", "car", BOXES[1]), ("c", "car", near), ("d", "duck", BOXES[0])]
    nodes = [Region(id, box, "object", noun, parents=((root.id, noun),)) for id, noun, box in things]
    groups = [Region(id, root.box, "group", label, parents=((root.id, label),)) for id, label in (("g", "relation"), ("h", "car"))]

    def of(style: str, region: str, ids: str, *relations: Relation) -> Caption:
        entities = tuple(Entity(next(n for i, n, _ in things if i == id), 1, region=id) for id in ids)
        return Caption(f"c{region}", "...", "m", style, region=region, graph=SceneGraph(entities, relations))

    said = of("relation", "g", "abd", Relation(0, "left of", 1), Relation(1, "left of", 0), Relation(2, "behind", 1))
    return (root, *nodes, *groups), (said, of("composition", "h", "bc", Relation(0, "left of", 1)))


def test_nodes_and_edges_by_hand():
    regions, captions = graph()
    found = {name: table.rows for name, table in graphs([row("a red mug", regions=regions, more=captions)], TRUTHS).items()}
    assert found["node_recall"] == [(2, 3)] and found["node_precision"] == [(2, 4)] and found["node_duplicates"] == [(1, 4)]
    assert found["edge_precision"] == [(1, 4)] and found["edge_recall"] == [(1, 2)]
    assert found["edge_precision_of_relations"] == [(1, 3)] and found["edge_precision_of_arrangements"] == [(0, 1)]
    assert all(table.how for table in graphs([], TRUTHS).values())
    assert found["words_per_row"] == [(3, 1)] and found["relation_swaps_told"] == [(1.0, 2)]
    assert found["swaps_told"] == [(found["relation_swaps_told"][0][0] + found["attribute_swaps_told"][0][0], 4)]


def test_a_dropped_row_has_no_nodes_and_guesses():
    regions, captions = graph()
    found = graphs([row("a red mug left of a car", regions=regions, more=captions).drop("Step", "why")], TRUTHS)
    assert found["node_recall"].rows == [(0, 3)] and found["swaps_told"].rows == [(2.0, 4)] and found["words_per_row"].rows == [(0, 1)]


def test_questions_are_answered_from_the_captions_alone():
    full = answers([row("a red mug left of a blue car", "a green duck behind a blue car")], TRUTHS)["answers_right"].rows[0]
    none = answers([row("a picture")], TRUTHS)["answers_right"].rows[0]
    dropped = answers([row("a red mug").drop("Step", "why")], TRUTHS)
    assert full[1] == none[1] and full[0] > none[0] + 1 and dropped["answers_right"].rows[0][0] <= none[0]
    assert dropped["words_per_row"].rows == [(0, 1)]


def test_tables_are_pooled_and_told_with_intervals():
    table = pooled([Table([(1, 2), (1, 1)], "lower", "said"), Table([(0, 1)], "lower", "said")])
    result = table.result("name")
    assert (result.value, result.n, result.better) == (0.5, 3, "lower") and result.low <= 0.5 <= result.high
