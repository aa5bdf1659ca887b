from itertools import combinations

import numpy as np
import pytest

from diptych.arrays.trees import spanning_walk, ways

# a corner, two to its right, one far below
POINTS = [(0.0, 0.0), (2.0, 0.0), (3.0, 0.0), (0.0, 5.0)]


def test_a_walk_over_a_hand_worked_tree():
    assert spanning_walk(POINTS, 0) == [(0, 1), (1, 2), (0, 3)]
    assert spanning_walk(POINTS, 2) == [(2, 1), (1, 0), (0, 3)]
    assert spanning_walk(POINTS, 3) == [(3, 0), (0, 1), (1, 2)]


def shortest(points: np.ndarray) -> float:
    """Kruskal's way: edges from the shortest on, those left out that close a ring."""
    ends = sorted(combinations(range(len(points)), 2), key=lambda pair: np.hypot(*(points[pair[0]] - points[pair[1]])))
    group = list(range(len(points)))
    total = 0.0
    for i, j in ends:
        if group[i] != group[j]:
            total += np.hypot(*(points[i] - points[j]))
            group = [group[i] if one == group[j] else one for one in group]
    return total


@pytest.mark.parametrize("number", range(12))
def test_the_tree_is_as_short_as_kruskals_and_every_edge_goes_on_from_what_was_reached(number):
    points = np.random.default_rng(number).random((1 + number, 2))
    edges = spanning_walk(points, number // 2)
    assert sum(np.hypot(*(points[i] - points[j])) for i, j in edges) == pytest.approx(shortest(points))
    reached = {number // 2}
    for here, there in edges:
        assert here in reached and there not in reached
        reached.add(there)
    assert len(reached) == len(points)


def test_a_walk_may_begin_at_an_outermost_or_the_middle_point():
    assert ways([(0, 1), (4, 1), (2, 0), (2, 3), (2.1, 1.2), (1, 1.4)]) == [0, 1, 2, 3, 4]
    assert ways([(5, 5)]) == [0]
