import numpy as np
import pytest

from diptych.world.facts import truth_of
from diptych.world.relations import CONVERSE, PREDICATES, relations
from diptych.world.sample import Options, scene_at
from diptych.world.scenes import Camera, Scene, Thing


def said(places: list[tuple[float, float]], on: list[int | None] | None = None, half: float = 0.4) -> set[tuple[int, str, int]]:
    """Relations of things of one size on the ground; their boxes as seen from above, 10 units wide."""
    ground = np.array(places, dtype=float)
    middle = 0.5 + ground * [0.1, -0.1]
    boxes = np.concatenate([middle - half / 10, middle + half / 10], axis=1)
    found = relations(ground, np.full(len(ground), half), boxes, on or [None] * len(places))
    return {(r.subject, r.predicate, r.object) for r in found}


def test_side_by_side() -> None:
    assert said([(-1.5, 0), (1.5, 0)]) == {(0, "left of", 1), (1, "right of", 0)}


def test_one_behind_the_other() -> None:
    assert said([(0, 2), (0, -1)]) == {(1, "in front of", 0), (0, "behind", 1)}


def test_a_diagonal_is_both() -> None:
    assert said([(-2, 2), (1, -1)]) == {(0, "left of", 1), (1, "right of", 0), (0, "behind", 1), (1, "in front of", 0)}


def test_unclear_directions_are_left_out() -> None:
    # 0.3 sideways against 3 in depth is not beside; 0.3 in depth against 3 sideways is not behind
    assert said([(0, 0), (0.3, 3)]) == {(0, "in front of", 1), (1, "behind", 0)}
    assert said([(0, 0), (3, 0.3)]) == {(0, "left of", 1), (1, "right of", 0)}


def test_next_to_is_a_matter_of_the_gap() -> None:
    # gap = 1.1 - 0.8 = 0.3, less than half of 0.8; at 1.3 it is more
    assert {(0, "next to", 1), (1, "next to", 0)} <= said([(0, 0), (1.1, 0)])
    assert not [r for r in said([(0, 0), (1.3, 0)]) if r[1] == "next to"]


def test_a_thing_on_another_is_above_it_and_not_beside_it() -> None:
    found = said([(0, 0), (0.1, 0.5)], [None, 0])
    assert found == {(1, "on", 0), (1, "above", 0), (0, "below", 1)}


def test_things_on_one_table_may_be_next_to_each_other_but_not_to_the_floor() -> None:
    found = said([(0, 0), (-0.5, 0), (0.5, 0), (1.2, 0)], [None, 0, 0, None])
    assert (1, "next to", 2) in found
    assert (2, "next to", 3) not in found
    assert (2, "left of", 3) not in found or (3, "right of", 2) in found


@pytest.mark.parametrize("index", range(12))
def test_converses_hold_and_no_pair_contradicts_itself(index: int) -> None:
    found = {(r.subject, r.predicate, r.object) for r in truth_of(scene_at(Options(least=4), 1, index)).graph.relations}
    for a, predicate, b in found:
        assert predicate in PREDICATES
        assert a != b
        if predicate in CONVERSE:
            assert (b, CONVERSE[predicate], a) in found
            assert predicate == "next to" or (a, CONVERSE[predicate], b) not in found


def test_the_viewer_decides_what_is_left() -> None:
    scene = Scene((Thing("cube", "red", x=-1.5), Thing("ball", "blue", x=1.5)))
    front = {(r.subject, r.predicate) for r in truth_of(scene).graph.relations}
    back = {(r.subject, r.predicate) for r in truth_of(scene, Camera(yaw=180.0)).graph.relations}
    side = {(r.subject, r.predicate) for r in truth_of(scene, Camera(yaw=90.0)).graph.relations}
    assert (0, "left of") in front
    assert (0, "right of") in back
    # turned by 90 degrees the viewer stands on the right, where the ball is
    assert side == {(0, "behind"), (1, "in front of")}
