from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from diptych.data.errors import InputError
from diptych.world.arrange import LEAST_SEEN, MOST_OVERLAP
from diptych.world.catalogue import BY_NOUN, CATEGORIES, COLOURS, MATERIALS, PATTERNS, PLAIN_COLOURS, SIZES
from diptych.world.geometry import view
from diptych.world.letters import word_ratios
from diptych.world.render import rows_of
from diptych.world.sample import Options, held_out_pairs, scene_at
from diptych.world.scenes import Camera, Scene, Thing, key_of
from diptych.world.survey import ALONE_BOX, SEEN, survey

N = 150
SCENES = [scene_at(Options(), 0, i) for i in range(N)]


def test_catalogue_is_rich_enough() -> None:
    assert len(CATEGORIES) >= 24
    assert (len(COLOURS), len(SIZES), len(MATERIALS)) == (10, 3, 4)
    assert len({c.noun for c in CATEGORIES} | {c.plural for c in CATEGORIES}) == 2 * len(CATEGORIES)
    assert not {c.kind for c in CATEGORIES} & {c.noun for c in CATEGORIES}


def test_a_scene_hangs_on_seed_and_number_alone() -> None:
    assert [scene_at(Options(), 0, i) for i in (7, 3)] == [SCENES[7], SCENES[3]]
    assert scene_at(Options(), 1, 3) != SCENES[3]


def test_counts_are_kept_through_retries() -> None:
    # were crowded scenes given up, nine would be rarer than one: each count is expected 150 / 9 = 16.7 times, sd 3.9
    counts = Counter(len(scene.things) for scene in SCENES)
    assert set(counts) == set(range(1, 10))
    assert all(len(scene_at(Options(least=9, most=9), 2, i).things) == 9 for i in range(10))
    assert sum(counts[n] for n in (7, 8, 9)) >= 30  # 50 expected


def test_scenes_hold_several_of_a_kind() -> None:
    several = [max(Counter(t.noun for t in s.things).values()) for s in SCENES if len(s.things) > 3]
    assert np.mean([n > 1 for n in several]) > 0.5
    assert max(several) >= 4


def test_everything_in_the_catalogue_occurs() -> None:
    things = [t for s in SCENES for t in s.things]
    assert {t.noun for t in things} == set(BY_NOUN)
    assert {t.colour for t in things} == set(COLOURS)
    assert {t.material for t in things} == set(MATERIALS)
    assert {t.size for t in things} == set(SIZES)
    assert not [t for t in things if t.material in PATTERNS and (t.colour in PLAIN_COLOURS or t.words)]


def test_every_thing_is_seen_framed_and_not_hidden() -> None:
    for scene in SCENES:
        rows, first = rows_of(scene)
        stats, _ = survey(rows, first, word_ratios(), view(scene.camera), 64)
        # coordinates are rounded after they were chosen, which may move an edge by one ray
        assert (stats[:, SEEN] >= LEAST_SEEN - 2).all()
        boxes = stats[:, ALONE_BOX : ALONE_BOX + 4]
        assert boxes.min() >= 0
        assert boxes.max() <= 64
        for i, a in enumerate(boxes):
            for j, b in enumerate(boxes[:i]):
                if scene.things[i].on != j:
                    both = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
                    small = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
                    assert both <= (MOST_OVERLAP + 0.08) * small


def test_stacked_things_stand_on_what_comes_before_them() -> None:
    stacked = [(s.things[t.on], t) for s in SCENES for t in s.things if t.on is not None]
    assert len(stacked) > 15
    for scene in SCENES:
        assert all(t.on is None or t.on < i for i, t in enumerate(scene.things))
    assert all(BY_NOUN[base.noun].holds and t.z > 0.3 and base.z == 0 for base, t in stacked)
    assert all(np.hypot(base.x - t.x, base.y - t.y) < 1.2 for base, t in stacked)


def test_held_out_pairs_are_absent_or_present() -> None:
    held = held_out_pairs(0.1, 0)
    assert 25 <= len(held) <= 47  # 36 expected of 360
    assert held == held_out_pairs(0.1, 0) != held_out_pairs(0.1, 1)
    train, test = Options(never=held), Options(only=held)
    for i in range(40):
        assert not held & {(t.noun, t.colour) for t in scene_at(train, 5, i).things}
        assert held & {(t.noun, t.colour) for t in scene_at(test, 5, i).things}


def test_held_out_categories_and_counts_are_absent() -> None:
    nouns = ("cube", "ball", "mug")
    options = Options(nouns=nouns, never_counts=frozenset({("cube", 2), ("ball", 3)}))
    for i in range(40):
        counts = Counter(t.noun for t in scene_at(options, 0, i).things)
        assert set(counts) <= set(nouns)
        assert counts["cube"] != 2
        assert counts["ball"] != 3


def test_viewpoints_and_light_can_be_shifted() -> None:
    scene = scene_at(Options(elevations=(24.0, 26.0), lights=("night",), grounds=("beach",)), 0, 0)
    assert 24 <= scene.camera.elevation <= 26
    assert (scene.light, scene.ground) == ("night", "beach")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"least": 3, "most": 2}, "least <= most"),
        ({"most": 10}, "1 to 9"),
        ({"colours": ("teal",)}, "teal"),
        ({"nouns": ()}, "nouns must be"),
    ],
)
def test_wrong_options_say_what_is_wrong(wrong: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Options(**wrong)


def test_options_that_leave_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="leaves no colour for 'mug'"):
        scene_at(Options(nouns=("mug",), never=frozenset(("mug", c) for c in COLOURS)), 0, 0)
    with pytest.raises(InputError, match="never_counts"):
        scene_at(Options(nouns=("mug",), least=2, most=2, never_counts=frozenset({("mug", 2)})), 0, 0)


def test_key_depends_on_all_that_is_drawn() -> None:
    scene = Scene((Thing("mug", "red"), Thing("cube", "blue", x=2.0)))
    others = [
        replace(scene, ground="beach"), replace(scene, light="night"), replace(scene, sun=120.0), replace(scene, camera=Camera(yaw=5.0)),
        *(replace(scene, things=(replace(scene.things[0], **change), scene.things[1])) for change in
          ({"colour": "pink"}, {"x": 0.1}, {"size": "small"}, {"material": "shiny"}, {"words": "TEA"}, {"yaw": 10.0}, {"noun": "vase"})),
    ]  # fmt: skip
    assert len({key_of(s) for s in (scene, *others)}) == 1 + len(others)
    assert key_of(scene) == key_of(scene, scene.camera) == key_of(replace(scene))
