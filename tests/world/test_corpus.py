from collections import Counter

import pytest

from diptych.data.errors import InputError, SourceError
from diptych.data.graphs import Attribute, Entity, SceneGraph
from diptych.language.parse import parse
from diptych.world.catalogue import COLOURS
from diptych.world.corpus import CLEAN, GENERIC, PARTIAL, SWAPPED, Telling, confusions, tell
from diptych.world.source import world_source
from diptych.world.truth import Truth

NARROW = "nouns=12&colours=8&materials=matte&written=0&stacked=0"
COPIES = f"world:60?copies=2-7&others=0-2&{NARROW}"


def scene(*things: tuple[str, ...]) -> Truth:
    entities = tuple(Entity(noun, 1, attributes=tuple(map(Attribute, values))) for noun, *values in things)
    return Truth("key", SceneGraph(entities), (), {})


BALLS = scene(("ball", "red"), ("ball", "red", "small"), ("ball", "red"), ("cone", "blue"))


def test_things_told_alike_are_told_together_with_their_number_or_without() -> None:
    with_number = {tell(BALLS, Telling(numbers=1), keys=(n,)).text for n in range(40)}
    without = {tell(BALLS, Telling(numbers=0), keys=(n,)).text for n in range(40)}
    assert all("three red balls" in text and "a blue cone" in text for text in with_number)
    assert not any("three" in text for text in without) and any("several red balls" in text for text in without)
    apart = tell(BALLS, Telling(size=1), keys=(0,)).graph
    assert Counter((e.noun, e.values, e.count) for e in apart.entities)["ball", ("red",), 2] == 1  # the small one is told alone


def test_shares_are_kept() -> None:
    told = [tell(BALLS, Telling(numbers=0.1, colour=0.3, most=1), keys=("share", n)) for n in range(2000)]
    assert sum("three" in one.text for one in told) / 2000 == pytest.approx(0.1, abs=0.02)
    assert sum("red" in one.text for one in told) / 2000 == pytest.approx(0.3, abs=0.04)
    assert not any("cone" in one.text for one in told)  # the commonest noun alone


def test_a_caption_hangs_on_its_keys_and_its_graph_is_what_the_parser_reads() -> None:
    world = world_source(f"world:40?things=1-6&{NARROW}&seed=3")
    for index in range(40):
        one = tell(world.truth(index), Telling(relations=0.5), keys=(5, index))
        assert one == tell(world.truth(index), Telling(relations=0.5), keys=(5, index)) and one.label == CLEAN
        read = parse(one.text)
        assert {(e.noun, e.values) for e in read.entities} == {(e.noun, e.values) for e in one.graph.entities}, one.text


def test_noise_by_kind_and_label() -> None:
    other = scene(("duck", "green"))
    noise = {SWAPPED: 0.2, GENERIC: 0.1, PARTIAL: 0.3}
    told = [tell(BALLS, Telling(noise=noise, nouns=("ball", "cone", "cube")), keys=(n,), other=lambda: other) for n in range(2000)]
    labels = Counter(one.label for one in told)
    assert {label: round(labels[label] / 2000, 1) for label in (*noise, CLEAN)} == noise | {CLEAN: 0.4}
    for one in told:
        assert ("duck" in one.text) == (one.label == SWAPPED)
        assert bool(one.graph.entities) == (one.label != GENERIC)
        true = {("ball", ("red",), 3), ("cone", ("blue",), 1)}
        said = {(e.noun, e.values, e.count) for e in one.graph.entities}
        assert (said == true) == (one.label == CLEAN) or one.label in (SWAPPED, GENERIC)
        assert one.label != PARTIAL or 1 <= len(said - true) <= 2


def test_a_wrong_word_is_the_same_everywhere() -> None:
    wrong = confusions(("ball", "cone", "cube"), 2)
    assert len(wrong) == 2 and all(noun != word for noun, word in wrong.items())
    told = [tell(BALLS, Telling(wrong={"ball": "vase"}, wrongly=0.5), keys=(n,)) for n in range(400)]
    assert {("vases" in one.text, "balls" in one.text, one.label) for one in told} == {(True, False, "wrong-word"), (False, True, CLEAN)}


def test_tellings_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="style must be one of"):
        Telling(style="poem")
    for noise in ({"lies": 0.1}, {SWAPPED: 0.7, PARTIAL: 0.5}):
        with pytest.raises(InputError, match="noise must give shares"):
            Telling(noise=noise)
    with pytest.raises(InputError, match="give `other`"):
        tell(BALLS, Telling(noise={SWAPPED: 1.0}), keys=(0,))


def test_scenes_with_copies() -> None:
    world = world_source(f"{COPIES}&seed=1")
    numbers = Counter()
    for index in range(60):
        things = world.scene(index).things
        noun, number = Counter(thing.noun for thing in things).most_common(1)[0]
        same = [thing for thing in things if thing.noun == noun]
        others = [thing for thing in things if thing.noun != noun]
        assert 2 <= number <= 7 and len({(t.colour, t.material) for t in same}) == 1
        assert len(others) <= 2 and len({t.noun for t in others}) == len(others)
        assert all(t.material == "matte" and t.on is None and not t.words for t in things)
        numbers[number] += 1
    assert set(numbers) == {2, 3, 4, 5, 6, 7}


def test_held_out_counts_are_in_no_seen_scene_and_in_every_unseen_one() -> None:
    seen, unseen = (world_source(f"{COPIES}&seed=1&counts={side}") for side in ("seen", "unseen"))
    held = unseen.options.only_counts
    assert held and held == seen.options.never_counts
    for world, inside in ((seen, False), (unseen, True)):
        for index in range(60):
            assert (Counter(t.noun for t in world.scene(index).things).most_common(1)[0] in held) == inside


def test_narrow_pairs_are_those_of_the_wide_world() -> None:
    wide, narrow = (world_source(f"world:5?pairs=unseen{more}").options.only for more in ("", "&nouns=12&colours=8"))
    nouns, colours = (set(part) for part in zip(*narrow, strict=True))
    assert narrow < wide and len(nouns) <= 12 and colours <= set(list(COLOURS)[:8])


def test_a_tail_makes_later_nouns_rare() -> None:
    world = world_source("world:300?things=1-1&nouns=ball,mug,cone,duck&tail=1.5")
    found = Counter(world.scene(index).things[0].noun for index in range(300))
    assert found["ball"] > found["mug"] > found["duck"] and found["ball"] / 300 == pytest.approx(0.61, abs=0.09)


def test_the_world_is_as_it_was_where_nothing_new_is_asked_for() -> None:
    assert world_source("world:3?seed=1").scene(0) == world_source("world:3?seed=1&tail=0").scene(0)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("nouns=ball,dog", "nouns must be one of cube"),
        ("nouns=99", "nouns must be a whole number from 1 to 36"),
        ("counts=seen", "add copies=LEAST-MOST"),
        ("tail=x", r"tail must lie in \[0.0, 4.0\]"),
    ],
)
def test_addresses_that_ask_for_what_is_not_there(asked: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        world_source(f"world:5?{asked}")


def test_copies_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="together at most 9"):
        world_source("world:5?copies=2-8&others=0-2")
