"""Trees over points of the plane."""

import numpy as np
from numpy.typing import ArrayLike


def spanning_walk(points_N2: ArrayLike, start: int) -> list[tuple[int, int]]:
    """The edges (from, to) of the minimum spanning tree in the order of a walk from `start`, nearest first (Prim, 1957).

    Ties go to the point of the lower number.
    """
    points = np.asarray(points_N2, dtype=float).reshape(-1, 2)
    far = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    near = {n: (float(far[start, n]), start) for n in range(len(points)) if n != start}
    below: dict[int, list[int]] = {n: [] for n in range(len(points))}
    while near:
        new = min(near, key=lambda n: (near[n][0], n))
        below[near.pop(new)[1]].append(new)
        near = {n: min(one, (float(far[new, n]), new), key=lambda pair: pair[0]) for n, one in near.items()}
    return list(_walk(below, start))


def _walk(below: dict[int, list[int]], start: int) -> list[tuple[int, int]]:
    edges: list[tuple[int, int]] = []
    waiting = [(start, n) for n in reversed(below[start])]
    while waiting:
        edges.append(edge := waiting.pop())
        waiting += [(edge[1], n) for n in reversed(below[edge[1]])]
    return edges


def ways(points_N2: ArrayLike) -> list[int]:
    """Where a walk may begin: the outermost points left, right, up and down, and the one nearest to the middle; each once."""
    points = np.asarray(points_N2, dtype=float).reshape(-1, 2)
    middle = np.hypot(*(points - np.median(points, axis=0)).T)
    outer = (points[:, 0].argmin(), points[:, 0].argmax(), points[:, 1].argmin(), points[:, 1].argmax(), middle.argmin())
    return list(dict.fromkeys(int(n) for n in outer))
