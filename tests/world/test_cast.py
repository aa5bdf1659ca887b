import numpy as np
import pytest

from diptych.world.cast import FAR, hit
from diptych.world.geometry import KIND, TX, TY, WIDTH, A, B, C
from diptych.world.solids import BALL, BOX, HOOP, TUBE


def row(kind: int, a: float, b: float, c: float, top: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    made = np.zeros(WIDTH)
    made[[KIND, A, B, C, TX, TY]] = kind, a, b, c, *top
    return made


DOWN = (0.0, 0.0, -1.0)


@pytest.mark.parametrize(
    ("solid", "o", "d", "expected"),
    [
        (row(BALL, 1, 2, 3), (0.0, 0.0, 10.0), DOWN, 7.0),
        (row(BALL, 1, 2, 3), (0.0, 0.0, 0.0), DOWN, 3.0),  # from inside
        (row(BALL, 1, 2, 3), (1.1, 0.0, 10.0), DOWN, FAR),
        (row(BOX, 1, 1, 1), (0.5, 0.5, 10.0), (0.0, 0.0, -2.0), 4.5),  # t counts in lengths of d
        (row(BOX, 1, 1, 1, (0.0, 0.0)), (0.5, 0.0, 10.0), DOWN, 10.0),  # half way up a pyramid
        (row(BOX, 1, 1, 1, (0.0, 1.0)), (0.0, 0.9, 10.0), DOWN, 9.0),  # the ridge of a roof
        (row(TUBE, 1, 1, 2), (0.5, 0.0, 10.0), DOWN, 8.0),
        (row(TUBE, 1, 0, 1), (0.5, 0.0, 10.0), DOWN, 10.0),  # half way up a cone
        (row(TUBE, 1, 0, 1), (5.0, 0.0, 0.0), (-1.0, 0.0, 0.0), 4.5),
        (row(TUBE, 1, 0, 1), (5.0, 0.0, 1.5), (-1.0, 0.0, 0.0), FAR),  # the other half of the double cone
        (row(HOOP, 2, 0.5, 0.5), (2.0, 0.0, 10.0), DOWN, 9.5),
        (row(HOOP, 2, 0.5, 0.5), (0.0, 0.0, 10.0), DOWN, FAR),  # through the hole
        (row(HOOP, 2, 0.5, 0.5), (9.0, 0.0, 0.0), (-1.0, 0.0, 0.0), 6.5),
    ],
)
def test_first_hit_worked_by_hand(solid: np.ndarray, o: tuple, d: tuple, expected: float) -> None:
    assert hit(solid, o, d) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(
    "solid", [row(BALL, 1, 0.5, 0.7), row(BOX, 1, 0.6, 0.5, (0.3, 0.8)), row(TUBE, 0.9, 0.3, 0.6), row(HOOP, 0.8, 0.2, 0.2)]
)
def test_agrees_with_walking_along_the_ray(solid: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    t = np.linspace(0, 8, 4001)
    for _ in range(60):
        o = rng.normal(size=3)
        o *= 3 / np.linalg.norm(o)
        d = rng.normal(size=3) * 0.4 - o
        d /= np.linalg.norm(d)
        inside = _inside(solid, o + t[:, None] * d)
        found = hit(solid, tuple(o.tolist()), tuple(d.tolist()))
        if inside.any():
            assert found == pytest.approx(t[inside.argmax()], abs=6e-3)
        else:  # a ray may graze between two of the walk's points
            assert found == FAR or not _inside(solid, o + found * d + 0.01 * d).any()


def _inside(s: np.ndarray, p: np.ndarray) -> np.ndarray:
    p = np.atleast_2d(p)
    x, y, z = p.T
    r = np.hypot(x, y)
    up = (z / s[C] + 1) / 2
    if s[KIND] == BALL:
        return (x / s[A]) ** 2 + (y / s[B]) ** 2 + (z / s[C]) ** 2 <= 1
    if s[KIND] == BOX:
        return (np.abs(z) <= s[C]) & (np.abs(x) <= s[A] * (1 + up * (s[TX] - 1))) & (np.abs(y) <= s[B] * (1 + up * (s[TY] - 1)))
    if s[KIND] == TUBE:
        return (np.abs(z) <= s[C]) & (r <= s[A] + up * (s[B] - s[A]))
    return (r - s[A]) ** 2 + z**2 <= s[B] ** 2
