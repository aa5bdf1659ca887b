"""Where things stand, compiled: draws places until nothing collides, everything is seen and nothing leaves the frame."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.world.cast import FAR, Canvas, draw, on_screen, place
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
    """Scratch of an arrangement: depth and owner of all placed, of the thing in hand, copies to go back to."""

    depth: Floats
    owner: Ints
    own: Canvas
    old_depth: Floats
    old_owner: Ints


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
def _seen(sheet: Sheet, i: int, alone: Ints) -> bool:
    # enters thing i into the sheet; False (and nothing entered) where too little of any thing would be left
    sheet.old_depth[:], sheet.old_owner[:] = sheet.depth, sheet.owner
    seen = np.zeros(i + 1)
    for y in range(SIZE):
        for x in range(SIZE):
            if sheet.own.depth[y, x] < sheet.depth[y, x]:
                sheet.depth[y, x], sheet.owner[y, x] = sheet.own.depth[y, x], i
            if sheet.owner[y, x] >= 0:
                seen[sheet.owner[y, x]] += 1
    for j in range(i + 1):
        if seen[j] < LEAST_SEEN or seen[j] < LEAST_SHARE * alone[j]:
            sheet.depth[:], sheet.owner[:] = sheet.old_depth, sheet.old_owner
            return False
    return True


@compiled
def _spot(plan: Plan, i: int, at: Floats, eye: tuple[Floats, Floats], state: NDArray[np.uint64]) -> None:
    # draws a place for thing i: on its support, or anywhere on the ground that the picture shows
    view, middle = eye
    u, v, turn = 2.0 * _uniform(state) - 1.0, 2.0 * _uniform(state) - 1.0, 2.0 * _uniform(state) - 1.0
    at[i, 3] = np.arctan2(view[4], view[3]) + plan.turns[i] * turn
    base = plan.on[i]
    if base >= 0:
        cos, sin = np.cos(at[base, 3]), np.sin(at[base, 3])
        reach = max(plan.foot[i, 0], plan.foot[i, 1])
        u, v = u * max(0.0, plan.foot[base, 0] - reach), v * max(0.0, plan.foot[base, 1] - reach)
        at[i, 0], at[i, 1], at[i, 2] = at[base, 0] + cos * u - sin * v, at[base, 1] + sin * u + cos * v, at[base, 2] + plan.foot[base, 2]
        return
    half = np.sqrt((middle[0] - view[0]) ** 2 + (middle[1] - view[1]) ** 2 + (middle[2] - view[2]) ** 2) * view[12]
    level = np.hypot(view[9], view[10])
    u, v = 1.2 * u * half, v * min(half / max(0.2, -view[11]), 2.2 * half)
    at[i, 0] = middle[0] + u * view[3] + v * view[9] / level
    at[i, 1] = middle[1] + u * view[4] + v * view[10] / level
    at[i, 2] = 0.0


@compiled
def arrange(plan: Plan, view: Floats, middle: Floats, seed: int) -> tuple[bool, Floats]:
    """Whether all n things found a place in the picture whose middle is `middle`, and their x, y, z, yaw (radians)."""
    state = np.array([seed], dtype=np.uint64)
    n = plan.turns.shape[0]
    at, feet, boxes, alone = np.zeros((n, 4)), np.zeros((n, 6)), np.zeros((n, 4)), np.zeros(n, dtype=np.int64)
    shape = (SIZE, SIZE)
    own = Canvas(np.full(shape, FAR), np.full(shape, -1))
    sheet = Sheet(np.full(shape, FAR), np.full(shape, -1), own, np.full(shape, FAR), np.full(shape, -1))
    placed = plan.rows.copy()
    for i in range(n):
        found, begin, end = False, plan.first[i], plan.first[i + 1]
        for _ in range(_TRIES):
            _spot(plan, i, at, (view, middle), state)
            feet[i] = at[i, 0], at[i, 1], plan.foot[i, 0], plan.foot[i, 1], np.cos(at[i, 3]), np.sin(at[i, 3])
            free = True
            for j in range(i):
                free = free and (plan.on[j] != plan.on[i] or _apart(feet[i], feet[j]))
            if not free:
                continue
            place(plan.rows[begin:end], placed[begin:end], 1.0, (at[i, 0], at[i, 1], at[i, 2], at[i, 3]), i)
            if not _framed(placed[begin:end], view):
                continue
            own.depth[:] = FAR
            draw(placed, begin, end, view, own)
            alone[i] = measure(own.depth, boxes[i])
            if alone[i] >= LEAST_SEEN and _fits(boxes, i, plan.on) and _seen(sheet, i, alone):
                found = True
                break
        if not found:
            return False, at
    return True, at
