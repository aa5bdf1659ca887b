"""Rays against solids, compiled. A ray is o + t d; the answer is the first t > 0, or FAR."""

from typing import NamedTuple

import numpy as np

from diptych.arrays.compiled import compiled
from diptych.world.geometry import AXES, BALLR, KIND, OWNER, TX, TY, A, B, C, Floats, Ints, X, Y, Z
from diptych.world.solids import BALL, BOX, TUBE

Vector = tuple[float, float, float]
FAR = 1e9
_HOOP_STEPS = 64


class Canvas(NamedTuple):
    """What rays have met: depth along the line of sight (S, S) and the row of the solid (S, S), FAR and -1 where none."""

    depth: Floats
    solid: Ints


def canvas(size: int) -> Canvas:
    """Nothing met yet."""
    return Canvas(np.full((size, size), FAR), np.full((size, size), -1))


@compiled
def hit_ball(row: Floats, o: Vector, d: Vector) -> float:
    """Ellipsoid with radii A, B, C."""
    ox, oy, oz = o[0] / row[A], o[1] / row[B], o[2] / row[C]
    dx, dy, dz = d[0] / row[A], d[1] / row[B], d[2] / row[C]
    dd = dx * dx + dy * dy + dz * dz
    od = ox * dx + oy * dy + oz * dz
    rest = od * od - dd * (ox * ox + oy * oy + oz * oz - 1.0)
    if rest < 0.0:
        return FAR
    root = np.sqrt(rest)
    t = (-od - root) / dd
    if t <= 0.0:
        t = (-od + root) / dd
    return t if t > 0.0 else FAR


@compiled
def _clip(near: float, far: float, above: float, slope: float) -> tuple[float, float]:
    # keeps the part of the ray where above + t slope <= 0
    if slope > 1e-12:
        far = min(far, -above / slope)
    elif slope < -1e-12:
        near = max(near, -above / slope)
    elif above > 0.0:
        far = -1.0
    return near, far


@compiled
def slopes(row: Floats) -> tuple[float, float, float, float]:
    """Of a box's walls |x| + kx z = mx and |y| + ky z = my: kx, mx, ky, my."""
    a, b, c = row[A], row[B], row[C]
    return a * (1.0 - row[TX]) / (2.0 * c), a * (1.0 + row[TX]) / 2.0, b * (1.0 - row[TY]) / (2.0 * c), b * (1.0 + row[TY]) / 2.0


@compiled
def hit_box(row: Floats, o: Vector, d: Vector) -> float:
    """Box with half extents A, B, C whose top is TX, TY times as wide as its bottom."""
    kx, mx, ky, my = slopes(row)
    near, far = 0.0, FAR
    near, far = _clip(near, far, o[2] - row[C], d[2])
    near, far = _clip(near, far, -o[2] - row[C], -d[2])
    if near > far:
        return FAR
    near, far = _clip(near, far, o[0] + kx * o[2] - mx, d[0] + kx * d[2])
    near, far = _clip(near, far, -o[0] + kx * o[2] - mx, -d[0] + kx * d[2])
    near, far = _clip(near, far, o[1] + ky * o[2] - my, d[1] + ky * d[2])
    near, far = _clip(near, far, -o[1] + ky * o[2] - my, -d[1] + ky * d[2])
    if near > far or far <= 0.0:
        return FAR
    return near if near > 0.0 else far


@compiled
def hit_tube(row: Floats, o: Vector, d: Vector) -> float:
    """Frustum with radius A at z = -C and B at z = C, closed at both ends."""
    a, b, c = row[A], row[B], row[C]
    best = FAR
    if abs(d[2]) > 1e-12:
        for end in range(2):
            t = ((c if end else -c) - o[2]) / d[2]
            r = b if end else a
            x, y = o[0] + t * d[0], o[1] + t * d[1]
            if 0.0 < t < best and x * x + y * y <= r * r:
                best = t
    k = (b - a) / (2.0 * c)
    r0, rd = (a + b) / 2.0 + k * o[2], k * d[2]
    dd = d[0] * d[0] + d[1] * d[1] - rd * rd
    od = o[0] * d[0] + o[1] * d[1] - r0 * rd
    rest = od * od - dd * (o[0] * o[0] + o[1] * o[1] - r0 * r0)
    if rest < 0.0 or abs(dd) < 1e-14:
        return best
    root = np.sqrt(rest)
    for side in range(2):
        t = (-od + root) / dd if side else (-od - root) / dd
        if 0.0 < t < best and abs(o[2] + t * d[2]) <= c and r0 + rd * t >= 0.0:
            best = t
    return best


@compiled
def hit_hoop(row: Floats, o: Vector, d: Vector) -> float:
    """Torus of radius A and thickness B, by sphere tracing inside its bounding ball."""
    length = np.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
    ux, uy, uz = d[0] / length, d[1] / length, d[2] / length
    od = o[0] * ux + o[1] * uy + o[2] * uz
    reach = row[A] + row[B]
    rest = od * od - (o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - reach * reach)
    if rest < 0.0:
        return FAR
    t, end = max(0.0, -od - np.sqrt(rest)), -od + np.sqrt(rest)
    for _ in range(_HOOP_STEPS):
        if t > end:
            return FAR
        x, y, z = o[0] + t * ux, o[1] + t * uy, o[2] + t * uz
        ring = np.sqrt(x * x + y * y) - row[A]
        away = np.sqrt(ring * ring + z * z) - row[B]
        if away < 2e-3 * row[B]:
            return t / length if t > 0.0 else FAR
        t += max(away, 0.02 * row[B])  # or grazing rays would creep
    return FAR


@compiled
def hit(row: Floats, o: Vector, d: Vector) -> float:
    """One solid, the ray in its own axes."""
    kind = row[KIND]
    if kind == BALL:
        return hit_ball(row, o, d)
    if kind == BOX:
        return hit_box(row, o, d)
    if kind == TUBE:
        return hit_tube(row, o, d)
    return hit_hoop(row, o, d)


@compiled
def along(row: Floats, v: Vector) -> Vector:
    """A direction of the world in the solid's own axes."""
    return (
        row[AXES] * v[0] + row[AXES + 1] * v[1] + row[AXES + 2] * v[2],
        row[AXES + 3] * v[0] + row[AXES + 4] * v[1] + row[AXES + 5] * v[2],
        row[AXES + 6] * v[0] + row[AXES + 7] * v[1] + row[AXES + 8] * v[2],
    )


@compiled
def local(row: Floats, p: Vector) -> Vector:
    """A point of the world in the solid's own axes."""
    return along(row, (p[0] - row[X], p[1] - row[Y], p[2] - row[Z]))


@compiled
def place(template_RW: Floats, out_RW: Floats, scale: float, at: tuple[float, float, float, float], owner: int) -> None:
    """A template's rows, scaled, turned by at[3] (radians) about the vertical and moved, written to `out_RW`."""
    cos, sin = np.cos(at[3]), np.sin(at[3])
    for i in range(template_RW.shape[0]):
        row, out = template_RW[i], out_RW[i]
        out[:] = row
        for k in (A, B, C, BALLR):
            out[k] *= scale
        out[X] = at[0] + scale * (cos * row[X] - sin * row[Y])
        out[Y] = at[1] + scale * (sin * row[X] + cos * row[Y])
        out[Z] = at[2] + scale * row[Z]
        for k in range(AXES, AXES + 9, 3):
            out[k] = cos * row[k] - sin * row[k + 1]
            out[k + 1] = sin * row[k] + cos * row[k + 1]
        out[OWNER] = owner


@compiled
def _corner(row: Floats, k: int) -> Vector:
    # k-th corner of the box along the solid's own axes, in the world
    hx, hy, hz = row[A], row[B], row[C]
    if row[KIND] == BOX:
        hx, hy = hx * max(1.0, row[TX]), hy * max(1.0, row[TY])
    elif row[KIND] == TUBE:
        hx = max(hx, hy)
        hy = hx
    elif row[KIND] != BALL:
        hx, hy = hx + hy, hx + hy
    u, v, w = hx if k & 1 else -hx, hy if k & 2 else -hy, hz if k & 4 else -hz
    return (
        row[X] + u * row[AXES] + v * row[AXES + 3] + w * row[AXES + 6],
        row[Y] + u * row[AXES + 1] + v * row[AXES + 4] + w * row[AXES + 7],
        row[Z] + u * row[AXES + 2] + v * row[AXES + 5] + w * row[AXES + 8],
    )


@compiled
def on_screen(view: Floats, p: Vector) -> Vector:
    """Right and down in half widths of the picture from its middle, and the distance along the line of sight."""
    x, y, z = p[0] - view[0], p[1] - view[1], p[2] - view[2]
    ahead = x * view[9] + y * view[10] + z * view[11]
    scale = 1.0 / (max(ahead, 1e-6) * view[12])
    return (x * view[3] + y * view[4] + z * view[5]) * scale, -(x * view[6] + y * view[7] + z * view[8]) * scale, ahead


@compiled
def window(row: Floats, view: Floats, size: int, lamp: Vector) -> tuple[int, int, int, int]:
    """Pixels that the solid can touch: left, top, right, bottom (half open); with a lamp, those that its shadow on the ground can."""
    left, top, right, bottom = 1e9, 1e9, -1e9, -1e9
    for k in range(8):
        p = _corner(row, k)
        if lamp[2] > 0.0:
            t = max(0.0, p[2]) / lamp[2]
            p = (p[0] - t * lamp[0], p[1] - t * lamp[1], 0.0)
        x, y, ahead = on_screen(view, p)
        if ahead < 0.05:  # beside or behind the lens: no bound to be had
            return 0, 0, size, size
        left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
    half = size / 2.0
    return (
        max(0, int(np.floor((left + 1.0) * half))),
        max(0, int(np.floor((top + 1.0) * half))),
        min(size, int(np.ceil((right + 1.0) * half)) + 1),
        min(size, int(np.ceil((bottom + 1.0) * half)) + 1),
    )


@compiled
def draw(rows_RW: Floats, begin: int, end: int, view: Floats, into: Canvas) -> None:
    """Enters rows `begin` to `end` into the canvas, one ray a pixel; what lies under the ground is not seen."""
    size = into.depth.shape[0]
    step = 2.0 * view[12] / size
    for i in range(begin, end):
        row = rows_RW[i]
        left, top, right, bottom = window(row, view, size, (0.0, 0.0, 0.0))
        o = local(row, (view[0], view[1], view[2]))
        ahead, across = along(row, (view[9], view[10], view[11])), along(row, (view[3], view[4], view[5]))
        upward = along(row, (view[6], view[7], view[8]))
        for py in range(top, bottom):
            sy = view[12] - (py + 0.5) * step
            down = view[11] + sy * view[8]  # the same along a row: the camera never rolls
            ground = -view[2] / down if down < -1e-9 else FAR
            bx, by, bz = ahead[0] + sy * upward[0], ahead[1] + sy * upward[1], ahead[2] + sy * upward[2]
            for px in range(left, right):
                sx = (px + 0.5) * step - view[12]
                t = hit(row, o, (bx + sx * across[0], by + sx * across[1], bz + sx * across[2]))
                if t < into.depth[py, px] and t < ground:
                    into.depth[py, px] = t
                    into.solid[py, px] = i
