"""The ground, compiled: its patterns, the shadows on it, the daylight that things keep from it; and the whole picture from its rays."""

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.world.cast import FAR, Canvas, Vector, along, hit, local, on_screen, window
from diptych.world.geometry import BALLR, MATERIAL, OWNER, WORDS, Floats, X, Y, Z
from diptych.world.shade import (
    AROUND,
    BASE,
    CENTRE,
    CHECKERED,
    FOOT,
    LAMP,
    PATTERN,
    SKY,
    STRENGTH,
    STRIPED,
    TONES,
    Stage,
    misses,
    surface,
)  # fmt: skip

PLAIN, PLANKS, TILES, SPECKLE, DUNES = 0, 1, 2, 3, 4
SKY_DEPTH = 100.0  # where a ray meets nothing
_HAZE_FROM, _HAZE_OVER = 14.0, 30.0  # distances


@compiled
def _noise(x: float, y: float) -> float:
    # a value from 0 to 1 that hangs on the cell of a unit grid
    a = np.int64(np.floor(x)) * 374761393 + np.int64(np.floor(y)) * 668265263
    a = (a ^ (a >> 13)) * 1274126177
    return float((a ^ (a >> 16)) & 1023) / 1023.0


@compiled
def ground_tone(pattern: float, x: float, y: float) -> float:
    """Share of the ground's second tone at a place."""
    if pattern == PLANKS:
        lane = np.floor(x / 0.62)
        joint = 0.75 if x / 0.62 - lane < 0.05 else 0.0
        return max(joint, 0.55 * _noise(lane, np.floor(y / 2.6 + 0.37 * lane)))
    if pattern == TILES:
        u, v = x / 1.1, y / 1.1
        if u - np.floor(u) < 0.035 or v - np.floor(v) < 0.035:
            return 1.6
        return float((np.int64(np.floor(u)) + np.int64(np.floor(v))) & 1) * 0.7
    if pattern == SPECKLE:
        return 0.6 * _noise(x * 14.0, y * 14.0) + 0.5 * _noise(x * 5.3 + 7.0, y * 5.3)
    if pattern == DUNES:
        return 0.5 + 0.5 * float(np.sin(5.0 * y + 1.3 * np.sin(1.7 * x)))
    return 0.0


@compiled
def _ray(view: Floats, size: int, px: int, py: int) -> Vector:
    # through the middle of a pixel; its length along the line of sight is 1
    step = 2.0 * view[12] / size
    sx, sy = (px + 0.5) * step - view[12], view[12] - (py + 0.5) * step
    return view[9] + sx * view[3] + sy * view[6], view[10] + sx * view[4] + sy * view[7], view[11] + sx * view[5] + sy * view[8]


@compiled
def _ground_at(view: Floats, ray: Vector) -> Vector:
    # x, y and the distance along the line of sight
    t = -view[2] / ray[2] if ray[2] < -1e-9 else FAR
    return view[0] + t * ray[0], view[1] + t * ray[1], t


@compiled
def cast_shadows(rows: Floats, lamp: Vector, view: Floats, seen: Canvas, weights_SS2: Floats) -> None:
    """Sets the lamp's share to 0 where a solid keeps it from the ground."""
    size = seen.depth.shape[0]
    for i in range(rows.shape[0]):
        row = rows[i]
        left, top, right, bottom = window(row, view, size, lamp)
        d, middle, radius = along(row, lamp), (row[X], row[Y], row[Z]), row[BALLR]
        for py in range(top, bottom):
            for px in range(left, right):
                if seen.solid[py, px] >= 0 or weights_SS2[py, px, 0] == 0.0:
                    continue
                x, y, t = _ground_at(view, _ray(view, size, px, py))
                if t < FAR and not misses(middle, radius, (x, y, 0.0), lamp) and hit(row, local(row, (x, y, 0.0)), d) < FAR:
                    weights_SS2[py, px, 0] = 0.0


@compiled
def _foot_window(body: Floats, reach: float, view: Floats, size: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = 1e9, 1e9, -1e9, -1e9
    for k in range(4):
        corner = (body[CENTRE] + (reach if k & 1 else -reach), body[CENTRE + 1] + (reach if k & 2 else -reach), 0.0)
        x, y, ahead = on_screen(view, corner)
        if ahead < 0.05:
            return 0, 0, size, size
        left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
    half = size / 2.0
    return (
        max(0, int((left + 1.0) * half)),
        max(0, int((top + 1.0) * half)),
        min(size, int((right + 1.0) * half) + 1),
        min(size, int((bottom + 1.0) * half) + 1),
    )


@compiled
def crowd(bodies: Floats, view: Floats, seen: Canvas, weights_SS2: Floats) -> None:
    """Lowers the share of the sky that the ground sees round the foot of each thing."""
    size = seen.depth.shape[0]
    for i in range(bodies.shape[0]):
        body, reach = bodies[i], 1.6 * bodies[i, BASE]
        if body[FOOT + 2] > 0.05:
            continue
        left, top, right, bottom = _foot_window(body, reach, view, size)
        for py in range(top, bottom):
            for px in range(left, right):
                x, y, _ = _ground_at(view, _ray(view, size, px, py))
                near = 1.0 - ((x - body[CENTRE]) ** 2 + (y - body[CENTRE + 1]) ** 2) / (reach * reach)
                if near > 0.0:
                    weights_SS2[py, px, 1] *= 1.0 - 0.5 * near * near


@compiled
def lay_ground(air: Floats, view: Floats, seen: Canvas, weights_SS2: Floats, rgb_HW3: Floats) -> None:
    """Adds the light of every ray that meets the ground, or the sky where there is none; far ground fades into the sky.

    `weights_SS2` are the shares of the lamp and of the sky that reach the ground. The ground's depth is entered into the canvas.
    """
    size = seen.depth.shape[0]
    for py in range(size):
        for px in range(size):
            if seen.solid[py, px] >= 0:
                continue
            x, y, t = _ground_at(view, _ray(view, size, px, py))
            seen.depth[py, px] = t
            haze = min(1.0, max(0.0, (t - _HAZE_FROM) / _HAZE_OVER))
            share = ground_tone(air[PATTERN], x, y) if haze < 1.0 else 0.0
            sun, free = weights_SS2[py, px, 0] * air[LAMP + 2], weights_SS2[py, px, 1]
            for k in range(3):
                tone = air[TONES + k] + share * (air[TONES + 3 + k] - air[TONES + k])
                near = tone * (air[STRENGTH + k] * sun + air[AROUND + k] * free)
                far = air[SKY + k] * (air[STRENGTH + k] + air[AROUND + k]) * 0.72
                rgb_HW3[py >> 1, px >> 1, k] += 0.25 * min(1.0, near + haze * (far - near))


@compiled
def lay_things(stage: Stage, view: Floats, seen: Canvas, rgb_HW3: Floats) -> None:
    """Adds the light of every ray that meets a thing, two rays for four where all meet the same plain solid."""
    depth, solid, size = seen.depth, seen.solid, seen.depth.shape[0]
    light, plain = np.zeros(6), np.zeros(stage.rows.shape[0], dtype=np.bool_)
    for i in range(plain.shape[0]):
        plain[i] = int(stage.rows[i, MATERIAL]) not in (STRIPED, CHECKERED) and stage.rows[i, WORDS] <= 0
    for top in range(0, size, 2):
        for left in range(0, size, 2):
            i, j, k, m = solid[top, left], solid[top, left + 1], solid[top + 1, left], solid[top + 1, left + 1]
            if max(i, j, k, m) < 0:
                continue
            even = i == j == k == m and plain[i]
            for k in range(0, 4, 3 if even else 1):
                px, py = left + (k & 1), top + (k >> 1)
                if solid[py, px] < 0:
                    continue
                t, ray = depth[py, px], _ray(view, size, px, py)
                length = np.sqrt(ray[0] * ray[0] + ray[1] * ray[1] + ray[2] * ray[2])
                point = (view[0] + t * ray[0], view[1] + t * ray[1], view[2] + t * ray[2])
                surface(stage, solid[py, px], point, (ray[0] / length, ray[1] / length, ray[2] / length), light)
                for c in range(3):
                    rgb_HW3[top >> 1, left >> 1, c] += (0.5 if even else 0.25) * min(1.0, light[c])


@compiled
def settle(rows: Floats, seen: Canvas, instances_HW: NDArray[np.uint8], depth_HW: NDArray[np.float32]) -> None:
    """The thing of each pixel (index + 1, 0 for none): that of the first ray of four which another agrees with, else the first; and
    the mean depth of the pixel's rays that meet it.
    """
    owner, depth = np.zeros(4, dtype=np.int64), np.zeros(4)
    for y in range(instances_HW.shape[0]):
        for x in range(instances_HW.shape[1]):
            for k in range(4):
                i = seen.solid[2 * y + (k >> 1), 2 * x + (k & 1)]
                depth[k] = seen.depth[2 * y + (k >> 1), 2 * x + (k & 1)]
                owner[k] = int(rows[i, OWNER]) + 1 if i >= 0 else 0
            first = 0
            if owner[0] != owner[1] and owner[0] != owner[2] and owner[0] != owner[3]:
                first = 1 if owner[1] == owner[2] or owner[1] == owner[3] else (2 if owner[2] == owner[3] else 0)
            total, n = 0.0, 0
            for k in range(4):
                if owner[k] == owner[first]:
                    total, n = total + min(depth[k], SKY_DEPTH), n + 1
            instances_HW[y, x], depth_HW[y, x] = owner[first], total / n


def develop(stage: Stage, view: Floats, seen: Canvas) -> Floats:
    """Adds up 2 x 2 rays of the canvas to a pixel, in linear light, and enters the ground's depth into the canvas."""
    size = len(seen.depth)
    weights, rgb = np.ones((size, size, 2)), np.zeros((size // 2, size // 2, 3))
    lamp = stage.air[LAMP : LAMP + 3].tolist()
    cast_shadows(stage.rows, (lamp[0], lamp[1], lamp[2]), view, seen, weights)
    crowd(stage.bodies, view, seen, weights)
    lay_ground(stage.air, view, seen, weights, rgb)
    lay_things(stage, view, seen, rgb)
    return rgb
