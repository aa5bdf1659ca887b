"""Rays against solids, compiled. A ray is o + t d; the answer is the first t > 0, or FAR."""

import numpy as np

from diptych.arrays.compiled import compiled
from diptych.world.geometry import AXES, BALLR, KIND, OWNER, TX, TY, A, B, C, Floats, Ints, X, Y, Z
from diptych.world.shapes import BALL, BOX, TUBE

FAR = 1e9
_HOOP_STEPS = 40


@compiled
def hit_ball(a: float, b: float, c: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Ellipsoid with radii a, b, c."""
    ox, oy, oz, dx, dy, dz = ox / a, oy / b, oz / c, dx / a, dy / b, dz / c
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
def hit_box(
    a: float, b: float, c: float, tx: float, ty: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> float:  # fmt: skip
    """Box whose top is tx, ty times as wide as its bottom: six planes."""
    kx, mx = a * (1.0 - tx) / (2.0 * c), a * (1.0 + tx) / 2.0
    ky, my = b * (1.0 - ty) / (2.0 * c), b * (1.0 + ty) / 2.0
    near, far = 0.0, FAR
    near, far = _clip(near, far, oz - c, dz)
    near, far = _clip(near, far, -oz - c, -dz)
    if near > far:
        return FAR
    near, far = _clip(near, far, ox + kx * oz - mx, dx + kx * dz)
    near, far = _clip(near, far, -ox + kx * oz - mx, -dx + kx * dz)
    near, far = _clip(near, far, oy + ky * oz - my, dy + ky * dz)
    near, far = _clip(near, far, -oy + ky * oz - my, -dy + ky * dz)
    if near > far or far <= 0.0:
        return FAR
    return near if near > 0.0 else far


@compiled
def hit_tube(a: float, b: float, c: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Frustum with radius a at z = -c and b at z = c, closed at both ends."""
    best = FAR
    if abs(dz) > 1e-12:
        for side in range(2):
            t = ((c if side else -c) - oz) / dz
            r = b if side else a
            x, y = ox + t * dx, oy + t * dy
            if 0.0 < t < best and x * x + y * y <= r * r:
                best = t
    k = (b - a) / (2.0 * c)
    r0 = (a + b) / 2.0 + k * oz
    kd = k * dz
    aa = dx * dx + dy * dy - kd * kd
    bb = ox * dx + oy * dy - r0 * kd
    rest = bb * bb - aa * (ox * ox + oy * oy - r0 * r0)
    if rest < 0.0 or abs(aa) < 1e-14:
        return best
    root = np.sqrt(rest)
    for side in range(2):
        t = (-bb + root) / aa if side else (-bb - root) / aa
        z = oz + t * dz
        if 0.0 < t < best and -c <= z <= c and r0 + kd * t >= 0.0:
            best = t
    return best


@compiled
def hit_hoop(a: float, b: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Torus of radius a and thickness b, by sphere tracing inside its bounding ball."""
    length = np.sqrt(dx * dx + dy * dy + dz * dz)
    ux, uy, uz = dx / length, dy / length, dz / length
    od = ox * ux + oy * uy + oz * uz
    rest = od * od - (ox * ox + oy * oy + oz * oz - (a + b) * (a + b))
    if rest < 0.0:
        return FAR
    root = np.sqrt(rest)
    t, end = max(0.0, -od - root), -od + root
    for _ in range(_HOOP_STEPS):
        if t > end:
            return FAR
        x, y, z = ox + t * ux, oy + t * uy, oz + t * uz
        ring = np.sqrt(x * x + y * y) - a
        away = np.sqrt(ring * ring + z * z) - b
        if away < 2e-3 * b:
            return t / length if t > 0.0 else FAR
        t += away
    return FAR


@compiled
def word_half(row: Floats, ratio: float) -> tuple[float, float]:
    """Half width and half height that words of width / height `ratio` take on a box's front."""
    tall = min(0.66 * row[C], 0.88 * row[A] / ratio)
    return tall * ratio, tall


@compiled
def on_words(row: Floats, ratio: float, x: float, y: float, z: float) -> bool:
    """Whether a point of a box, in its own axes, lies where its words are."""
    half_x, half_z = word_half(row, ratio)
    return y < -row[B] * (1.0 - 1e-6) and abs(x) < half_x and abs(z) < half_z


@compiled
def local(row: Floats, x: float, y: float, z: float) -> tuple[float, float, float]:
    """A point of the world in the solid's own axes."""
    m = row[AXES : AXES + 9]
    qx, qy, qz = x - row[X], y - row[Y], z - row[Z]
    return m[0] * qx + m[1] * qy + m[2] * qz, m[3] * qx + m[4] * qy + m[5] * qz, m[6] * qx + m[7] * qy + m[8] * qz


@compiled
def hit(row: Floats, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """One solid, the ray in its own axes."""
    kind = row[KIND]
    if kind == BALL:
        return hit_ball(row[A], row[B], row[C], ox, oy, oz, dx, dy, dz)
    if kind == BOX:
        return hit_box(row[A], row[B], row[C], row[TX], row[TY], ox, oy, oz, dx, dy, dz)
    if kind == TUBE:
        return hit_tube(row[A], row[B], row[C], ox, oy, oz, dx, dy, dz)
    return hit_hoop(row[A], row[B], ox, oy, oz, dx, dy, dz)


@compiled
def place(template_RW: Floats, out_RW: Floats, scale: float, x: float, y: float, z: float, yaw: float, owner: int) -> None:
    """A template's rows, scaled, turned by `yaw` (radians) about the vertical and moved, written to `out_RW`."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    for i in range(template_RW.shape[0]):
        row, out = template_RW[i], out_RW[i]
        out[:] = row
        out[A] *= scale
        out[B] *= scale
        out[C] *= scale
        out[BALLR] *= scale
        out[X] = x + scale * (cos * row[X] - sin * row[Y])
        out[Y] = y + scale * (sin * row[X] + cos * row[Y])
        out[Z] = z + scale * row[Z]
        for k in range(AXES, AXES + 9, 3):
            out[k] = cos * row[k] - sin * row[k + 1]
            out[k + 1] = sin * row[k] + cos * row[k + 1]
        out[OWNER] = owner


@compiled
def _window(row: Floats, view: Floats, size: int) -> tuple[int, int, int, int]:
    # pixels that the solid's own bounding box can touch: left, top, right, bottom (half open)
    hx, hy, hz = row[A], row[B], row[C]
    if row[KIND] == BOX:
        hx, hy = hx * max(1.0, row[TX]), hy * max(1.0, row[TY])
    elif row[KIND] == TUBE:
        hx = max(hx, hy)
        hy = hx
    elif row[KIND] != BALL:
        hx, hy = hx + hy, hx + hy
    left, top, right, bottom = 1e9, 1e9, -1e9, -1e9
    for corner in range(8):
        u = hx if corner & 1 else -hx
        v = hy if corner & 2 else -hy
        w = hz if corner & 4 else -hz
        px = row[X] + u * row[AXES] + v * row[AXES + 3] + w * row[AXES + 6] - view[0]
        py = row[Y] + u * row[AXES + 1] + v * row[AXES + 4] + w * row[AXES + 7] - view[1]
        pz = row[Z] + u * row[AXES + 2] + v * row[AXES + 5] + w * row[AXES + 8] - view[2]
        ahead = px * view[9] + py * view[10] + pz * view[11]
        if ahead < 0.05:  # beside or behind the lens: no bound to be had
            return 0, 0, size, size
        sx = (px * view[3] + py * view[4] + pz * view[5]) / (ahead * view[12])
        sy = (px * view[6] + py * view[7] + pz * view[8]) / (ahead * view[12])
        left, right = min(left, sx), max(right, sx)
        top, bottom = min(top, -sy), max(bottom, -sy)
    half = size / 2.0
    return (
        max(0, int(np.floor((left + 1.0) * half))),
        max(0, int(np.floor((top + 1.0) * half))),
        min(size, int(np.ceil((right + 1.0) * half)) + 1),
        min(size, int(np.ceil((bottom + 1.0) * half)) + 1),
    )


@compiled
def draw(rows_RW: Floats, begin: int, end: int, view: Floats, depth_SS: Floats, solid_SS: Ints) -> None:
    """Enters rows `begin` to `end` into the depth buffer (along the line of sight) and the buffer of row numbers, one ray a pixel."""
    size = depth_SS.shape[0]
    step = 2.0 * view[12] / size
    for i in range(begin, end):
        row = rows_RW[i]
        m = row[AXES : AXES + 9]
        left, top, right, bottom = _window(row, view, size)
        qx, qy, qz = view[0] - row[X], view[1] - row[Y], view[2] - row[Z]
        ox, oy, oz = (m[0] * qx + m[1] * qy + m[2] * qz, m[3] * qx + m[4] * qy + m[5] * qz, m[6] * qx + m[7] * qy + m[8] * qz)
        for py in range(top, bottom):
            sy = view[12] - (py + 0.5) * step
            down = view[11] + sy * view[8]  # the same along a row: the camera never rolls
            ground = -view[2] / down if down < -1e-9 else FAR
            for px in range(left, right):
                sx = (px + 0.5) * step - view[12]
                wx = view[9] + sx * view[3] + sy * view[6]
                wy = view[10] + sx * view[4] + sy * view[7]
                dx = m[0] * wx + m[1] * wy + m[2] * down
                dy = m[3] * wx + m[4] * wy + m[5] * down
                dz = m[6] * wx + m[7] * wy + m[8] * down
                t = hit(row, ox, oy, oz, dx, dy, dz)
                if t < depth_SS[py, px] and t < ground:
                    depth_SS[py, px] = t
                    solid_SS[py, px] = i
