"""Where things stand, compiled: draws places until nothing collides, everything is seen and nothing leaves the frame."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.world.cast import FAR, Canvas, canvas, draw, on_screen, place
from diptych.world.geometry import Floats, Ints, X, Y, Z

LEAST_SEEN = 24  # pixels of 64 x 64
LEAST_SHARE = 0.55
MOST_OVERLAP = 0.45  # of the smaller box
SIZE = 64
_TRIES = 80


@compiled
def _uniform(state: NDArray[np.uint64]) -> float:
    # splitmix64
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * 2.0**-53


class Plan(NamedTuple):
    """What is to be placed: rows at the origin, already scaled; where each thing's begin; half width, half depth and height; the most
    it may be turned (radians); index of its support or -1.
    """

    rows: Floats
    first: Ints
    foot: Floats
    turns: Floats
    on: Ints


class Sheet(NamedTuple):
    """Scratch of an arrangement: what all placed things cover, what the thing in hand covers, and for each thing its rectangle on the
    ground (x, y, half width, half depth, cosine, sine), its box in pixels, and its pixels alone and as seen.
    """

    whole: Canvas
    own: Canvas
    feet: Floats
    boxes: Floats
    pixels: Ints


def sheet(n: int) -> Sheet:
    """Scratch for n things."""
    return Sheet(canvas(SIZE), canvas(SIZE), np.zeros((n, 6)), np.zeros((n, 4)), np.zeros((n, 2), dtype=np.int64))


@compiled
def extend(box: Floats, x: int, y: int) -> None:
    """Widens a box (left, top, right, bottom) to hold a pixel."""
    box[0], box[1], box[2], box[3] = min(box[0], x), min(box[1], y), max(box[2], x + 1), max(box[3], y + 1)


@compiled
def measure(depth_SS: Floats, box: Floats) -> int:
    """Pixels that are not FAR and, in `box`, their left, top, right, bottom in pixels (half open)."""
    size, count = depth_SS.shape[0], 0
    box[0], box[1], box[2], box[3] = size, size, 0, 0
    for y in range(size):
        for x in range(size):
            if depth_SS[y, x] < FAR:
                count += 1
                extend(box, x, y)
    return count


@compiled
def _apart(a: Floats, b: Floats) -> bool:
    # two turned rectangles (x, y, half width, half depth, cos, sin): apart along one of their four sides
    dx, dy = b[0] - a[0], b[1] - a[1]
    for k in range(4):
        r = b if k & 1 else a
        ux, uy = (-r[5], r[4]) if k & 2 else (r[4], r[5])
        reach_a = a[2] * abs(a[4] * ux + a[5] * uy) + a[3] * abs(a[4] * uy - a[5] * ux)
        reach_b = b[2] * abs(b[4] * ux + b[5] * uy) + b[3] * abs(b[4] * uy - b[5] * ux)
        if abs(dx * ux + dy * uy) > reach_a + reach_b:
            return True
    return False


@compiled
def _framed(rows_RW: Floats, view: Floats) -> bool:
    # whether the middles of all solids lie in the picture: cheap, and all things in the frame pass
    edge = 1.0 - 2.0 / SIZE
    for i in range(rows_RW.shape[0]):
        x, y, ahead = on_screen(view, (rows_RW[i, X], rows_RW[i, Y], rows_RW[i, Z]))
        if ahead < 0.05 or abs(x) > edge or abs(y) > edge:
            return False
    return True


@compiled
def _fits(boxes: Floats, i: int, on: Ints) -> bool:
    # one pixel inside the frame, and no box hides too much of a smaller one
    b = boxes[i]
    if b[0] < 1 or b[1] < 1 or b[2] > SIZE - 1 or b[3] > SIZE - 1:
        return False
    area = (b[2] - b[0]) * (b[3] - b[1])
    for j in range(i):
        o = boxes[j]
        both = max(0.0, min(b[2], o[2]) - max(b[0], o[0])) * max(0.0, min(b[3], o[3]) - max(b[1], o[1]))
        if on[i] != j and both > MOST_OVERLAP * min(area, (o[2] - o[0]) * (o[3] - o[1])):
            return False
    return True


@compiled
def _enters(whole: Canvas, own: Canvas, pixels_N2: Ints, i: int) -> bool:
    # enters thing i into the whole; False (and nothing entered) where too little of any thing would be left
    for j in range(i + 1):
        pixels_N2[j, 1] = 0
    for y in range(SIZE):
        for x in range(SIZE):
            j = i if own.depth[y, x] < whole.depth[y, x] else whole.solid[y, x]
            if j >= 0:
                pixels_N2[j, 1] += 1
    for j in range(i + 1):
        if pixels_N2[j, 1] < LEAST_SEEN or pixels_N2[j, 1] < LEAST_SHARE * pixels_N2[j, 0]:
            return False
    for y in range(SIZE):
        for x in range(SIZE):
            if own.depth[y, x] < whole.depth[y, x]:
                whole.depth[y, x] = own.depth[y, x]
                whole.solid[y, x] = i
    return True


@compiled
def _spot(plan: Plan, i: int, at_N4: Floats, eye: tuple[Floats, Floats], state: NDArray[np.uint64]) -> None:
    # draws a place for thing i: on its support, or anywhere on the ground that the picture shows
    view, middle = eye
    u, v, turn = 2.0 * _uniform(state) - 1.0, 2.0 * _uniform(state) - 1.0, 2.0 * _uniform(state) - 1.0
    at = at_N4[i]
    at[3] = np.arctan2(view[4], view[3]) + plan.turns[i] * turn
    if plan.on[i] >= 0:
        base, foot = at_N4[plan.on[i]], plan.foot[plan.on[i]]
        cos, sin = np.cos(base[3]), np.sin(base[3])
        reach = max(plan.foot[i, 0], plan.foot[i, 1])
        u, v = u * max(0.0, foot[0] - reach), v * max(0.0, foot[1] - reach)
        at[0], at[1], at[2] = base[0] + cos * u - sin * v, base[1] + sin * u + cos * v, base[2] + foot[2]
        return
    x, y, z = middle[0] - view[0], middle[1] - view[1], middle[2] - view[2]
    half, level = np.sqrt(x * x + y * y + z * z) * view[12], np.sqrt(view[9] * view[9] + view[10] * view[10])
    u, v = 1.2 * u * half, v * min(half / max(0.2, -view[11]), 2.2 * half)
    at[0], at[1], at[2] = middle[0] + u * view[3] + v * view[9] / level, middle[1] + u * view[4] + v * view[10] / level, 0.0


@compiled
def _stands_free(plan: Plan, i: int, at_N4: Floats, feet_N6: Floats) -> bool:
    foot, yaw = feet_N6[i], at_N4[i, 3]
    foot[0], foot[1], foot[2], foot[3] = at_N4[i, 0], at_N4[i, 1], plan.foot[i, 0], plan.foot[i, 1]
    foot[4], foot[5] = np.cos(yaw), np.sin(yaw)
    for j in range(i):
        if plan.on[j] != plan.on[i]:
            continue
        if not _apart(foot, feet_N6[j]):
            return False
    return True


@compiled
def arrange(plan: Plan, scratch: Sheet, eye: tuple[Floats, Floats], state: NDArray[np.uint64], placed: tuple[Floats, Floats]) -> bool:
    """Whether all things found a place in the picture; `eye` is the view and the middle of the picture, `state` seeds the draws.

    Written to `placed`: rows in the world, and x, y, z, yaw (radians) of each thing.
    """
    rows, at = placed
    own = scratch.own
    for i in range(plan.turns.shape[0]):
        found, begin, end = False, plan.first[i], plan.first[i + 1]
        for _ in range(_TRIES):
            _spot(plan, i, at, eye, state)
            if not _stands_free(plan, i, at, scratch.feet):
                continue
            place(plan.rows[begin:end], rows[begin:end], 1.0, (at[i, 0], at[i, 1], at[i, 2], at[i, 3]), i)
            if not _framed(rows[begin:end], eye[0]):
                continue
            own.depth.fill(FAR)
            draw(rows, begin, end, eye[0], own)
            scratch.pixels[i, 0] = measure(own.depth, scratch.boxes[i])
            if _fits(scratch.boxes, i, plan.on) and _enters(scratch.whole, own, scratch.pixels, i):
                found = True
                break
        if not found:
            return False
    return True
