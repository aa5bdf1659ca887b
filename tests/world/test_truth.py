from pathlib import Path

import numpy as np
import pytest

from diptych.arrays.masks import decode
from diptych.data.errors import SourceError
from diptych.data.regions import Mask
from diptych.world.catalogue import BY_NOUN
from diptych.world.facts import depth_range, masked, truth_of
from diptych.world.geometry import view
from diptych.world.render import render
from diptych.world.sample import Options, scene_at
from diptych.world.scenes import Camera, Scene, Thing, key_of
from diptych.world.truth_table import read_truth, write_truth

SCENE = Scene(
    (
        Thing("table", "red", "large"),
        Thing("mug", "blue", "small", "shiny", z=1.0, on=0),
        Thing("sign", "green", "large", words="OPEN", x=1.1, y=-1.4),
    )
)


def test_entities_carry_what_can_be_said() -> None:
    graph = truth_of(SCENE).graph
    assert [(e.noun, e.count, e.values) for e in graph.entities] == [
        ("table", 1, ("large", "red")),
        ("mug", 1, ("small", "blue", "shiny")),
        ("sign", 1, ("large", "green")),
    ]
    assert [e.region for e in graph.entities] == ["t0", "t1", "t2"]
    assert [(q.words, q.entity) for q in graph.texts] == [("OPEN", 2)]


def test_medium_and_matte_go_without_saying() -> None:
    assert truth_of(Scene((Thing("ball", "pink"),))).graph.entities[0].values == ("pink",)


def test_key_is_that_of_scene_and_camera() -> None:
    camera = Camera(yaw=90.0)
    assert truth_of(SCENE).key == key_of(SCENE)
    assert truth_of(SCENE, camera).key == key_of(SCENE, camera) != key_of(SCENE)


def test_kinds_are_coarser_nouns() -> None:
    kinds = truth_of(SCENE).kinds
    assert kinds["mug"] == "cup"
    assert set(kinds) <= set(BY_NOUN)


def test_words_on_the_far_side_are_not_stated() -> None:
    truth = truth_of(SCENE, Camera(yaw=180.0))
    assert truth.graph.texts == ()
    assert not [r for r in truth.regions if r.kind == "text"]


def test_words_cut_by_the_frame_are_not_stated() -> None:
    shifted = Camera(target=(1.1, 0.0, 0.35))
    assert truth_of(SCENE, shifted).graph.texts
    cut = truth_of(SCENE, Camera(target=(-1.2, 0.0, 0.35)))
    assert [e.noun for e in cut.graph.entities] == ["table", "mug", "sign"]
    assert not cut.graph.texts


def test_words_have_a_region_on_their_thing() -> None:
    truth = truth_of(SCENE)
    by_id = {region.id: region for region in truth.regions}
    words, sign = by_id["t2w"], by_id["t2"]
    assert (words.kind, words.label, words.parents) == ("text", "OPEN", (("t2", "on"),))
    assert sign.box.left < words.box.left < words.box.right < sign.box.right
    assert sign.box.top <= words.box.top < words.box.bottom < sign.box.bottom


def test_what_cannot_be_seen_is_left_out() -> None:
    scene = Scene(
        (
            Thing("ball", "red"),
            Thing("ball", "blue", x=40.0),
            Thing("mug", "pink", "small", y=1.6),
            Thing("cube", "blue", "large", x=0.0, y=1.0),
        )
    )
    truth = truth_of(scene)
    assert [e.region for e in truth.graph.entities if e.noun == "ball"] == ["t0"]
    assert all(r.subject < len(truth.graph.entities) > r.object for r in truth.graph.relations)


def test_visible_share_falls_when_something_stands_before_it() -> None:
    alone = truth_of(Scene((Thing("cube", "blue", y=0.8),)))
    behind = truth_of(Scene((Thing("cube", "blue", y=0.8), Thing("cube", "red", y=-0.4))))
    assert alone.regions[0].score == 1.0
    assert 0.3 < (behind.regions[0].score or 0) < 0.95
    assert behind.regions[1].score == 1.0


def test_depth_runs_from_near_to_far_as_in_the_rendered_map() -> None:
    for index in range(6):
        scene = scene_at(Options(least=3), 2, index)
        seen = render(scene, size=96)
        low, high = seen.depth.min(), seen.depth.max()
        for region in truth_of(scene).regions:
            if region.kind == "object":
                own = seen.depth[seen.instances == int(region.id[1:]) + 1]
                assert region.depth == pytest.approx((own.mean() - low) / (high - low), abs=0.03)


def test_depth_range_worked_by_hand() -> None:
    # straight down from 10 above the ground: everything is 10 away, but for what is nearer
    sight = view(Camera(elevation=90.0, distance=10.0, target=(0.0, 0.0, 0.0)))
    assert depth_range(sight, 7.0) == (7.0, pytest.approx(10.0))


def test_masks_of_a_rendered_picture() -> None:
    scene = scene_at(Options(least=5), 0, 1)
    seen = render(scene, size=64)
    truth = masked(truth_of(scene), seen)
    total = np.zeros((64, 64), dtype=int)
    for region in truth.regions:
        if region.kind == "object":
            assert isinstance(region.shape, Mask)
            pixels = decode(region.shape)
            assert (pixels == (seen.instances == int(region.id[1:]) + 1)).all()
            total += pixels
    assert (total == (seen.instances > 0)).all()


def test_the_table_gives_truth_back(tmp_path: Path) -> None:
    scenes = [SCENE, *(scene_at(Options(), 0, i) for i in range(5))]
    truths = [truth_of(scene) for scene in scenes]
    truths[1] = masked(truths[1], render(scenes[1], size=32))
    path = write_truth([(truth, "swapped") for truth in truths], tmp_path)
    back = read_truth(path)
    assert path.name == "truth.parquet"
    assert back == {truth.key: (truth, "swapped") for truth in truths}


def test_a_missing_or_foreign_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no truth table"):
        read_truth(tmp_path / "truth.parquet")
    (tmp_path / "other.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(SourceError, match="no truth table"):
        read_truth(tmp_path / "other.parquet")
    with pytest.raises(SourceError, match="cannot be written"):
        write_truth([], tmp_path / "absent")
