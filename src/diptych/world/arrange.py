"""Where things stand, compiled: draws places until nothing collides, everything is seen and nothing leaves the frame."""

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.world.cast import FAR, draw, local, on_words, place
from diptych.world.geometry import OWNER, WORDS, Floats, Ints

# columns of what a survey finds for each thing: pixels and box (left, top, right, bottom) as if alone, then as seen; the sum and the
# least of the depths seen; the same pixels of the words on it, and their box
ALONE, ALONE_BOX, SEEN, SEEN_BOX, DEPTH, NEAREST, WORDS_ALONE, WORDS_SEEN, WORDS_BOX, STATS = 0, 1, 5, 6, 10, 11, 12, 13, 14, 18
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


@compiled
def _apart(ax: float, ay: float, a: Floats, bx: float, by: float, b: Floats) -> bool:
    # two turned rectangles (half width, half depth, cos, sin): apart along one of their four sides
    dx, dy = bx - ax, by - ay
    for k in range(2):
        r = b if k else a
        for side in range(2):
            ux, uy = (-r[3], r[2]) if side else (r[2], r[3])
            reach_a = a[0] * abs(a[2] * ux + a[3] * uy) + a[1] * abs(a[2] * uy - a[3] * ux)
            reach_b = b[0] * abs(b[2] * ux + b[3] * uy) + b[1] * abs(b[2] * uy - b[3] * ux)
            if abs(dx * ux + dy * uy) > reach_a + reach_b:
                return True
    return False


@compiled
def _extend(box: Floats, x: int, y: int) -> None:
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
                _extend(box, x, y)
    return count


@compiled
def _shows_words(row: Floats, ratios: Floats, view: Floats, sx: float, sy: float, t: float) -> bool:
    if row[WORDS] <= 0:
        return False
    x = view[0] + t * (view[9] + sx * view[3] + sy * view[6])
    y = view[1] + t * (view[10] + sx * view[4] + sy * view[7])
    z = view[2] + t * (view[11] + sx * view[5] + sy * view[8])
    return on_words(row, ratios[int(row[WORDS]) - 1], *local(row, x, y, z))


@compiled
def survey(rows_RW: Floats, first: Ints, ratios: Floats, view: Floats, size: int) -> Floats:
    """What the camera sees of each thing (rows `first[i]` to `first[i + 1]`) on a grid of size x size rays."""
    n, step = first.shape[0] - 1, 2.0 * view[12] / size
    stats = np.zeros((n, STATS))
    depth, solid = np.full((size, size), FAR), np.full((size, size), -1)
    own, part = np.full((size, size), FAR), np.full((size, size), -1)
    for i in range(n):
        own[:], part[:] = FAR, -1
        draw(rows_RW, first[i], first[i + 1], view, own, part)
        stats[i, ALONE] = measure(own, stats[i, ALONE_BOX : ALONE_BOX + 4])
        for box in (SEEN_BOX, WORDS_BOX):
            stats[i, box], stats[i, box + 1] = size, size
        stats[i, NEAREST] = FAR
        for y in range(size):
            for x in range(size):
                k = part[y, x]
                if k < 0:
                    continue
                if _shows_words(rows_RW[k], ratios, view, (x + 0.5) * step - view[12], view[12] - (y + 0.5) * step, own[y, x]):
                    stats[i, WORDS_ALONE] += 1
                if own[y, x] < depth[y, x]:
                    depth[y, x], solid[y, x] = own[y, x], k
    for y in range(size):
        for x in range(size):
            k = solid[y, x]
            if k < 0:
                continue
            s = stats[int(rows_RW[k, OWNER])]
            s[SEEN] += 1
            s[DEPTH] += depth[y, x]
            s[NEAREST] = min(s[NEAREST], depth[y, x])
            _extend(s[SEEN_BOX : SEEN_BOX + 4], x, y)
            if _shows_words(rows_RW[k], ratios, view, (x + 0.5) * step - view[12], view[12] - (y + 0.5) * step, depth[y, x]):
                s[WORDS_SEEN] += 1
                _extend(s[WORDS_BOX : WORDS_BOX + 4], x, y)
    return stats


@compiled
def _fits(boxes: Floats, i: int, on: Ints) -> bool:
    # one pixel inside the frame, and no box hides too much of a smaller one
    b = boxes[i]
    if b[0] < 1 or b[1] < 1 or b[2] > SIZE - 1 or b[3] > SIZE - 1:
        return False
    area = (b[2] - b[0]) * (b[3] - b[1])
    for j in range(i):
        if on[i] == j:
            continue
        o = boxes[j]
        shared = max(0.0, min(b[2], o[2]) - max(b[0], o[0])) * max(0.0, min(b[3], o[3]) - max(b[1], o[1]))
        if shared > MOST_OVERLAP * min(area, (o[2] - o[0]) * (o[3] - o[1])):
            return False
    return True


@compiled
def _seen(depth: Floats, owner: Ints, own: Floats, i: int, alone: Floats) -> bool:
    # enters thing i into the buffers; False (and nothing entered) where too little of any thing would be left
    before, old = depth.copy(), owner.copy()
    for y in range(SIZE):
        for x in range(SIZE):
            if own[y, x] < depth[y, x]:
                depth[y, x], owner[y, x] = own[y, x], i
    seen = np.zeros(i + 1)
    for y in range(SIZE):
        for x in range(SIZE):
            if owner[y, x] >= 0:
                seen[owner[y, x]] += 1
    for j in range(i + 1):
        if seen[j] < LEAST_SEEN or seen[j] < LEAST_SHARE * alone[j]:
            depth[:], owner[:] = before, old
            return False
    return True


@compiled
def arrange(
    rows_RW: Floats, first: Ints, foot_N3: Floats, turns: Floats, on: Ints, view: Floats, middle: Floats, seed: int
) -> tuple[bool, Floats]:  # fmt: skip
    """Whether all n things found a place, and their x, y, z, yaw (radians).

    `rows_RW` are templates already scaled, `foot_N3` half width, half depth and height; a thing `on` another stands on its top.
    """
    state = np.array([seed], dtype=np.uint64)
    n = turns.shape[0]
    at, feet, boxes, alone = np.zeros((n, 4)), np.zeros((n, 4)), np.zeros((n, 4)), np.zeros(n)
    depth, owner = np.full((SIZE, SIZE), FAR), np.full((SIZE, SIZE), -1)
    placed = rows_RW.copy()
    level = np.hypot(view[9], view[10])
    ahead_x, ahead_y, yaw0 = view[9] / level, view[10] / level, np.arctan2(view[4], view[3])
    half = np.sqrt((middle[0] - view[0]) ** 2 + (middle[1] - view[1]) ** 2 + (middle[2] - view[2]) ** 2) * view[12]
    for i in range(n):
        found = False
        for _ in range(_TRIES):
            u, v, yaw = 2.0 * _uniform(state) - 1.0, 2.0 * _uniform(state) - 1.0, yaw0 + turns[i] * (2.0 * _uniform(state) - 1.0)
            feet[i, 0], feet[i, 1], feet[i, 2], feet[i, 3] = foot_N3[i, 0], foot_N3[i, 1], np.cos(yaw), np.sin(yaw)
            z = 0.0
            if on[i] >= 0:
                base = on[i]
                room_x, room_y = max(0.0, foot_N3[base, 0] - foot_N3[i, 0]), max(0.0, foot_N3[base, 1] - foot_N3[i, 1])
                cos, sin = feet[base, 2], feet[base, 3]
                x, y = at[base, 0] + cos * u * room_x - sin * v * room_y, at[base, 1] + sin * u * room_x + cos * v * room_y
                z = at[base, 2] + foot_N3[base, 2]
            else:
                u, v = 1.2 * u * half, v * min(half / max(0.2, -view[11]), 2.2 * half)
                x, y = middle[0] + u * view[3] + v * ahead_x, middle[1] + u * view[4] + v * ahead_y
            free = True
            for j in range(i):
                if on[j] == on[i] and not _apart(x, y, feet[i], at[j, 0], at[j, 1], feet[j]):
                    free = False
            if not free:
                continue
            place(rows_RW[first[i] : first[i + 1]], placed[first[i] : first[i + 1]], 1.0, x, y, z, yaw, i)
            own, solid = np.full((SIZE, SIZE), FAR), np.full((SIZE, SIZE), -1)
            draw(placed, first[i], first[i + 1], view, own, solid)
            alone[i] = measure(own, boxes[i])
            if alone[i] >= LEAST_SEEN and _fits(boxes, i, on) and _seen(depth, owner, own, i, alone):
                at[i, 0], at[i, 1], at[i, 2], at[i, 3] = x, y, z, yaw
                found = True
                break
        if not found:
            return False, at
    return True, at
