"""The oracle listener by hand, against a slow one that tries every way to seat things on objects, and on a world's true captions."""

from itertools import permutations

import pytest

from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.language.index import Index
from diptych.language.parse import parse
from diptych.measure.bags import random_bags
from diptych.measure.listener import Listener, consistent, near_bags, oracle_listener
from diptych.measure.repetition import repetition
from diptych.world.captions import describe
from diptych.world.source import world_source

KINDS = {"mug": "cup"}


def scene(*things: str, relations: tuple[tuple[int, str, int], ...] = ()) -> tuple[SceneGraph, dict[str, str]]:
    """Objects by their words, the noun last."""
    entities = [Entity(words[-1], 1, attributes=tuple(map(Attribute, words[:-1]))) for words in (thing.split() for thing in things)]
    return SceneGraph(tuple(entities), tuple(Relation(*one) for one in relations)), KINDS


BAG = {
    "red": scene("red ball", "blue cube"),
    "blue": scene("blue ball", "red cube"),
    "two": scene("red ball", "red ball", "blue cube"),
    "mug": scene("green mug"),
}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a red ball", ["red", "two"]),
        ("a ball", ["red", "blue", "two"]),
        ("a red ball and a blue cube", ["red", "two"]),
        ("two balls", ["two"]),
        ("three balls", []),
        ("a red ball and another red ball", ["two"]),
        ("a blue ball", ["blue"]),
        ("a shiny red ball", []),
        ("a cup", ["mug"]),  # the coarser noun
        ("a zebra", []),
        ("", ["red", "blue", "two", "mug"]),
        ("no ball", ["mug"]),
    ],
)  # fmt: skip
def test_who_is_kept(text: str, kept: list[str]) -> None:
    assert list(Listener(BAG).kept(parse(text), list(BAG))) == kept


def test_what_belongs_to_one_thing_is_asked_of_one_object() -> None:
    truths = {"apart": scene("red ball", "shiny ball"), "one": scene("red shiny ball", "ball")}
    assert Listener(truths).kept(parse("a shiny red ball"), list(truths)) == ("one",)


def test_places_tell_scenes_apart() -> None:
    truths = {"left": scene("ball", "cube", relations=((0, "left of", 1), (1, "right of", 0)))}
    truths["right"] = scene("ball", "cube", relations=((0, "right of", 1), (1, "left of", 0)))
    assert Listener(truths).kept(parse("a ball left of a cube"), list(truths)) == ("left",)


def test_the_score_by_hand() -> None:
    said = {"red": parse("a red ball"), "blue": parse("a red ball"), "two": parse("two red balls"), "mug": parse("")}
    (found,) = oracle_listener(said, BAG, [tuple(BAG)], resamples=0)
    assert found.name == "listener_4" and found.value == pytest.approx((1 / 2 + 0 + 1 + 1 / 4) / 4)
    pairs = oracle_listener(said, BAG, [("red", "two"), ("mug", "blue"), ("blue", "red", "mug")], queries="first", resamples=0)
    assert [one.values_N.tolist() for one in pairs] == [[1 / 2, 1 / 2], [0.0]]


def seated(said: SceneGraph, truth: SceneGraph) -> bool:
    """Slow: some way to give every thing mentioned an object of its own with its noun and its attributes."""
    slots = [entity for entity in said.entities for _ in range(entity.count or entity.at_least or 1)]
    fits = [[e.noun == o.noun and set(e.values) <= set(o.values) for o in truth.entities] for e in slots]
    return any(all(fits[i][o] for i, o in enumerate(ways)) for ways in permutations(range(len(truth.entities)), len(slots)))


def test_things_apart_as_the_slow_listener_has_it() -> None:
    truths = {index: world_source("world:40?things=1-6&seed=2").truth(index) for index in range(40)}
    known = {index: Index(truth.graph) for index, truth in truths.items()}
    both = 0
    for one in range(40):
        for number in range(3):
            graph = truths[one].graph
            things = [Entity(e.noun, 1, attributes=e.attributes[:number]) for e in graph.entities[: number + 1]]
            said = SceneGraph(tuple(things))
            for other in range(one % 7, 40, 7):
                found = consistent(said, known[other])
                assert found == seated(said, truths[other].graph)
                both += found
    assert both > 20


@pytest.mark.parametrize("style", ["short", "dense", "spatial", "alt"])
def test_true_captions_keep_their_own_scene(style: str) -> None:
    world = world_source("world:60?seed=5")
    for index in range(60):
        truth = world.truth(index)
        assert consistent(describe(truth, style, keys=(index,)).graph, Index(truth.graph, truth.kinds))


def test_near_bags_are_harder_than_random_ones_of_their_size() -> None:
    world = world_source("world:150?seed=4&nouns=6&colours=4&things=1-3")
    truths = {str(n): (world.truth(n).graph, world.truth(n).kinds) for n in range(150)}
    said = {id: SceneGraph(tuple(Entity(e.noun) for e in graph.entities)) for id, (graph, _) in truths.items()}
    (near,) = oracle_listener(said, truths, near_bags(truths, 5), resamples=0)
    (far,) = oracle_listener(said, truths, random_bags(list(truths), 5), resamples=0)
    assert 0.2 < near.value < far.value - 0.1
    assert near_bags(truths, 5) == near_bags(dict(reversed(truths.items())), 5)


@pytest.mark.parametrize(
    ("bags", "rule"), [([("red",)], "two scenes or more"), ([("red", "red")], "each once"), ([("red", "gone")], "'gone' .* no truth")]
)  # fmt: skip
def test_what_is_no_bag_is_refused(bags: list[tuple[str, ...]], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        oracle_listener({"red": parse("a ball"), "gone": parse("")}, BAG, bags)
    with pytest.raises(InputError, match="'blue' of a bag has no caption"):
        oracle_listener({"red": parse("a ball")}, BAG, [("red", "blue")])


def test_repetition_by_hand() -> None:
    found = repetition({"a": "a ball and a ball", "b": "a red ball", "c": "ball", "d": "red red red red"})
    assert found.values_N.tolist() == pytest.approx([1 / 4, 0, 0, 2 / 3]) and found.result.better == "lower"
