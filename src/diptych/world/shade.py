"""What colour a ray brings back, compiled: patterns, words, one lamp with its shadow, light from all round, gloss, the ground."""

from typing import NamedTuple

import numpy as np

from diptych.arrays.compiled import compiled
from diptych.world.cast import FAR, Vector, along, hit, local, slopes
from diptych.world.geometry import AXES, BALLR, COAT, KIND, MATERIAL, OWNER, PARTNER, WORDS, A, B, C, Floats, Ints, X, Y, Z
from diptych.world.lettering import ink_at
from diptych.world.solids import BALL, BOX, TUBE

MATTE, STRIPED, CHECKERED, SHINY = 0, 1, 2, 3
# columns of a body (one for each thing): bounding ball, foot (x, y, z), cosine and sine of its yaw, radius on the ground, colour of
# words, first and one past the last of its rows
CENTRE, RADIUS, FOOT, TURN, BASE, LETTERS, BEGIN, END = 0, 3, 4, 7, 9, 10, 13, 14
# columns of the air: direction to the lamp, lamp, light from around, sky, ground's two tones, its pattern
LAMP, STRENGTH, AROUND, SKY, TONES, PATTERN = 0, 3, 6, 9, 12, 18
_PERIOD = 0.36  # of stripes
_CELL = 0.2303  # of checks
_LIFT = 0.012  # off the surface, or it would shade itself


class Stage(NamedTuple):
    """All that light can meet: solids, the bodies of things, the air, the words' stencils and how many columns of them each word fills."""

    rows: Floats
    bodies: Floats
    air: Floats
    sheet: Floats
    columns: Ints


@compiled
def _box_normal(row: Floats, p: Vector) -> Vector:
    kx, mx, ky, my = slopes(row)
    on_x = (abs(p[0]) + kx * p[2] - mx) / np.sqrt(1.0 + kx * kx)
    on_y = (abs(p[1]) + ky * p[2] - my) / np.sqrt(1.0 + ky * ky)
    on_z = abs(p[2]) - row[C]
    if on_z >= on_x and on_z >= on_y:
        return 0.0, 0.0, np.sign(p[2])
    if on_x >= on_y:
        return np.sign(p[0]), 0.0, kx
    return 0.0, np.sign(p[1]), ky


@compiled
def _normal(row: Floats, p: Vector) -> Vector:
    # not yet of unit length, in the solid's own axes
    kind, r = row[KIND], np.sqrt(p[0] * p[0] + p[1] * p[1]) + 1e-12
    if kind == BALL:
        return p[0] / (row[A] * row[A]), p[1] / (row[B] * row[B]), p[2] / (row[C] * row[C])
    if kind == BOX:
        return _box_normal(row, p)
    if kind == TUBE:
        if abs(p[2]) > row[C] * (1.0 - 1e-6):
            return 0.0, 0.0, np.sign(p[2])
        return p[0], p[1], -(row[B] - row[A]) / (2.0 * row[C]) * r
    return p[0] - p[0] / r * row[A], p[1] - p[1] / r * row[A], p[2]


@compiled
def _unit(x: float, y: float, z: float) -> Vector:
    length = np.sqrt(x * x + y * y + z * z) + 1e-12
    return x / length, y / length, z / length


@compiled
def normal(row: Floats, p: Vector) -> Vector:
    """Unit normal in the world's axes at a point on the solid in its own."""
    n = _normal(row, p)
    return _unit(
        row[AXES] * n[0] + row[AXES + 3] * n[1] + row[AXES + 6] * n[2],
        row[AXES + 1] * n[0] + row[AXES + 4] * n[1] + row[AXES + 7] * n[2],
        row[AXES + 2] * n[0] + row[AXES + 5] * n[1] + row[AXES + 8] * n[2],
    )


@compiled
def misses(ball: Vector, radius: float, p: Vector, lamp: Vector) -> bool:
    """Whether the way from p to the lamp passes the ball by."""
    x, y, z = ball[0] - p[0], ball[1] - p[1], ball[2] - p[2]
    ahead = x * lamp[0] + y * lamp[1] + z * lamp[2]
    return ahead < -radius or x * x + y * y + z * z - ahead * ahead > radius * radius


@compiled
def lit(rows: Floats, bodies: Floats, p: Vector, lamp: Vector) -> bool:
    """Whether the lamp reaches a point."""
    for i in range(bodies.shape[0]):
        if misses((bodies[i, CENTRE], bodies[i, CENTRE + 1], bodies[i, CENTRE + 2]), bodies[i, RADIUS], p, lamp):
            continue
        for k in range(int(bodies[i, BEGIN]), int(bodies[i, END])):
            if misses((rows[k, X], rows[k, Y], rows[k, Z]), rows[k, BALLR], p, lamp):
                continue
            row = rows[k]
            if hit(row, local(row, p), along(row, lamp)) < FAR:
                return False
    return True


@compiled
def _in_pattern(material: float, body: Floats, p: Vector) -> bool:
    # whether the pattern's partner colour lies here; patterns run through all parts of a thing
    x, y, z = p[0] - body[FOOT], p[1] - body[FOOT + 1], p[2] - body[FOOT + 2]
    u, v = body[TURN] * x + body[TURN + 1] * y, body[TURN] * y - body[TURN + 1] * x
    if material == STRIPED:
        phase = (z + 0.55 * u + 0.25 * v) / _PERIOD
        return bool(phase - np.floor(phase) > 0.56)
    cells = np.floor(u / _CELL + 0.47) + np.floor(v / _CELL + 0.47) + np.floor(z / _CELL + 0.03)
    return bool(cells - 2.0 * np.floor(cells / 2.0) > 0.5)


@compiled
def _mirror(air: Floats, r: Vector, out: Floats) -> None:
    # what a glossy surface mirrors: the ground below, a bright band, the sky, the lamp as a soft spot
    spot = max(0.0, r[0] * air[LAMP] + r[1] * air[LAMP + 1] + r[2] * air[LAMP + 2]) ** 16
    band = max(0.0, 1.0 - abs(r[2] - 0.60) / 0.14)
    for k in range(3):
        base = air[SKY + k] * (0.25 + 0.3 * r[2]) if r[2] > 0.0 else air[TONES + k] * 0.25
        out[k] = base + 2.2 * band + air[STRENGTH + k] * (9.0 * spot * spot + 1.2 * spot)


@compiled
def _gloss(air: Floats, body: Floats, p: Vector, seen: tuple[Vector, Vector], light: Floats) -> None:
    # flat faces are treated as slightly bulged, or nothing but curves would look glossy
    n, ray = seen
    bulge = 0.4 / body[RADIUS]
    x, y, z = _unit(
        n[0] + bulge * (p[0] - body[CENTRE]), n[1] + bulge * (p[1] - body[CENTRE + 1]), n[2] + bulge * (p[2] - body[CENTRE + 2])
    )
    facing = x * ray[0] + y * ray[1] + z * ray[2]
    grazing = 1.0 - min(1.0, abs(facing))
    share = 0.12 + 0.45 * grazing * grazing * grazing
    mirrored = light[3:]
    _mirror(air, (ray[0] - 2.0 * facing * x, ray[1] - 2.0 * facing * y, ray[2] - 2.0 * facing * z), mirrored)
    for k in range(3):
        light[k] = (1.0 - 0.4 * share) * light[k] + share * mirrored[k]


@compiled
def surface(stage: Stage, i: int, p: Vector, ray: Vector, light: Floats) -> None:
    """Light from solid i at p against the unit `ray`, in light[:3]; light[3:] is scratch."""
    row, air = stage.rows[i], stage.air
    body = stage.bodies[int(row[OWNER])]
    at = local(row, p)
    x, y, z = normal(row, at)
    if x * ray[0] + y * ray[1] + z * ray[2] > 0.0:
        x, y, z = -x, -y, -z
    lamp = (air[LAMP], air[LAMP + 1], air[LAMP + 2])
    sun = max(0.0, x * lamp[0] + y * lamp[1] + z * lamp[2])
    if sun > 0.0 and not lit(stage.rows, stage.bodies, (p[0] + _LIFT * x, p[1] + _LIFT * y, p[2] + _LIFT * z), lamp):
        sun = 0.0
    material = int(row[MATERIAL])
    tone = PARTNER if material in (STRIPED, CHECKERED) and _in_pattern(material, body, p) else COAT
    ink = ink_at(row, stage.sheet, stage.columns, at) if row[WORDS] > 0 else 0.0
    up, low = 0.5 + 0.5 * z, min(1.0, 0.62 + 0.6 * (p[2] - body[FOOT + 2]))
    for k in range(3):
        colour = row[tone + k] + ink * (body[LETTERS + k] - row[tone + k])
        around = air[AROUND + k] * (0.42 + 0.58 * up) * low + 0.16 * (1.0 - up) * air[TONES + k]
        light[k] = colour * (air[STRENGTH + k] * 1.12 * sun + around)
    if material == SHINY:
        _gloss(air, body, p, ((x, y, z), ray), light)
