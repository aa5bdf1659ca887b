from dataclasses import replace

import numpy as np
import pytest

from diptych.arrays.boxes import iou
from diptych.arrays.masks import box_of
from diptych.data.errors import InputError
from diptych.world.catalogue import BY_LIGHT, CATEGORIES, COLOURS, GROUNDS
from diptych.world.facts import truth_of
from diptych.world.render import render
from diptych.world.sample import Options, scene_at
from diptych.world.scenes import Camera, Scene, Thing
from diptych.world.views import cloud, points, ring

BALL = Scene((Thing("ball", "red"),), Camera(target=(0.0, 0.0, 0.0)))


def test_the_same_scene_gives_the_same_picture() -> None:
    scene = scene_at(Options(), 0, 4)
    one, two = render(scene, size=48), render(scene, size=48)
    assert (one.rgb == two.rgb).all()
    assert (one.depth == two.depth).all()
    assert (one.instances == two.instances).all()
    assert one.rgb.shape == (48, 48, 3)


def test_depth_of_a_ball_and_of_the_ground_worked_by_hand() -> None:
    camera = Camera(elevation=90.0, distance=10.0, target=(0.0, 0.0, 0.0))
    seen = render(BALL, camera, 65)
    radius = seen_radius = 0.5 * 1.22 / np.sqrt(0.77 + 0.64)  # scaled so that all categories look alike in size
    assert seen.depth[32, 32] == pytest.approx(10 - 2 * radius, abs=2e-2)
    assert seen.depth[2, 2] == pytest.approx(10.0, abs=1e-4)  # the ground is level with the picture's plane
    half = 10 * np.tan(np.radians(14.5))
    across = (seen.instances[32] == 1).sum() / 65 * 2 * half
    assert across == pytest.approx(2 * seen_radius * 10 / (10 - radius), abs=0.12)


def test_the_nearer_thing_hides_the_farther() -> None:
    # one unit behind another, in line with the viewer
    both = Scene((Thing("cube", "blue", y=1.2), Thing("cube", "red", "large", y=-0.3)))
    seen = render(both, size=64)
    alone = render(Scene(both.things[:1]), size=64)
    assert 0 < (seen.instances == 1).sum() < (alone.instances == 1).sum()
    hidden = (alone.instances == 1) & (seen.instances == 2)
    assert hidden.any()
    assert (seen.depth[hidden] < alone.depth[hidden]).all()


def test_instances_match_the_boxes_of_truth() -> None:
    for index in range(12):
        scene = scene_at(Options(), 3, index)
        seen = render(scene, size=224)
        for region in truth_of(scene).regions:
            if region.kind == "object":
                box, true = box_of(seen.instances == int(region.id[1:]) + 1), region.box
                pair = [[b.left, b.top, b.right, b.bottom] for b in (box, true)]
                assert iou(pair[:1], pair[1:])[0, 0] > 0.8
                assert np.abs(np.subtract(*pair)).max() < 2.5 / 96  # a thin tip may fall between rays of the coarse pass


def test_colours_are_told_apart() -> None:
    means = {}
    for colour in COLOURS:
        seen = render(replace(BALL, things=(Thing("ball", colour),)), Camera(distance=6.0), 32)
        means[colour] = seen.rgb[seen.instances == 1].astype(float).mean(axis=0)
    values = np.array(list(means.values()))
    apart = np.linalg.norm(values[:, None] - values[None, :], axis=2) + 999 * np.eye(len(values))
    assert apart.min() > 40
    assert means["red"][0] > 2 * means["red"][1]
    assert means["white"].min() > 150
    assert means["black"].max() < 80


def test_the_lamp_casts_shadows_away_from_itself() -> None:
    # lamp on the viewer's left: the ground right of the ball is darker
    scene = replace(BALL, things=(replace(BALL.things[0], z=0.4),), sun=90.0, light="evening")
    seen = render(scene, Camera(elevation=80.0, target=(0.0, 0.0, 0.0)), 64)
    grey = seen.rgb.astype(int).sum(axis=2)
    ground = seen.instances == 0
    dark = ground & (grey < 0.85 * np.median(grey[ground]))
    assert np.nonzero(dark)[1].mean() > 36
    assert dark.sum() > 20


@pytest.mark.parametrize("material", ["striped", "checkered"])
def test_patterns_have_two_tones(material: str) -> None:
    seen = render(replace(BALL, things=(Thing("ball", "blue", "large", material),)), size=64)
    own = seen.rgb[seen.instances == 1].astype(int)
    pale = own.min(axis=1) > 0.55 * own.max(axis=1)
    assert 0.2 < pale.mean() < 0.7


def test_words_are_written_on_the_front() -> None:
    sign = Scene((Thing("sign", "blue", "large", words="OPEN"),), Camera(distance=5.0))
    blank = replace(sign, things=(replace(sign.things[0], words=""),))
    behind = replace(sign.camera, yaw=180.0)
    changed = (render(sign, size=96).rgb != render(blank, size=96).rgb).any(axis=2)
    assert 200 < changed.sum() < 2500
    assert (render(sign, behind, 96).rgb == render(blank, behind, 96).rgb).all()


@pytest.mark.parametrize("noun", [c.noun for c in CATEGORIES])
def test_every_category_can_be_seen_from_all_sides(noun: str) -> None:
    scene = Scene((Thing(noun, "green"),), Camera(distance=7.0))
    for camera in ring(scene, 3):
        seen = render(scene, camera, 32)
        assert (seen.instances == 1).sum() > 12


def test_grounds_and_lights_look_different() -> None:
    pictures = [render(replace(BALL, ground=g.name), size=24).rgb for g in GROUNDS] + [
        render(replace(BALL, light=n), size=24).rgb for n in BY_LIGHT
    ]
    assert len({p.tobytes() for p in pictures}) == len(pictures) - 1  # the default is drawn twice


def test_an_empty_scene_and_a_low_camera_can_be_rendered() -> None:
    seen = render(Scene(()), Camera(elevation=5.0), 32)
    assert (seen.instances == 0).all()
    assert seen.depth.max() == 100.0  # the sky
    assert np.isfinite(seen.depth).all()


def test_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match=r"must lie in 8..2048 pixels, got 4"):
        render(BALL, size=4)


def test_points_lie_on_what_was_seen() -> None:
    seen = render(BALL, size=48)
    found = points(seen, BALL.camera)
    radius = 0.5 * 1.22 / np.sqrt(0.77 + 0.64)
    on_ball = found.xyz[found.instances == 1]
    assert np.linalg.norm(on_ball - [0, 0, radius], axis=1) == pytest.approx(radius, abs=0.02)
    height = np.abs(found.xyz[found.instances == 0][:, 2])
    assert np.median(height) < 1e-3
    assert height.max() < 0.05  # at outlines, where fewer of a pixel's rays meet the ground


def test_a_cloud_from_a_ring_sees_the_ball_from_all_sides() -> None:
    found = cloud(BALL, views=4, size=32)
    ball = found.xyz[found.instances == 1]
    assert len(found.xyz) == 4 * 32 * 32
    assert (ball[:, :2].max(axis=0) > 0.4).all()
    assert (ball[:, :2].min(axis=0) < -0.4).all()
    with pytest.raises(InputError, match="1 to 64"):
        ring(BALL, 0)
