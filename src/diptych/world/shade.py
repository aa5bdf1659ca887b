"""What colour a ray brings back, compiled: patterns, words, one lamp with its shadow, light from all round, gloss, the ground."""

import numpy as np

from diptych.arrays.compiled import compiled
from diptych.world.cast import FAR, hit, local, on_words, word_half
from diptych.world.geometry import AXES, BALLR, KIND, OWNER, TX, TY, WORDS, A, B, C, Floats, Ints, X, Y, Z
from diptych.world.shapes import BALL, BOX, TUBE

# columns of a coat (one for each row): tone's colour, its partner in a pattern, material; linear light
COAT, PARTNER, MATERIAL = 0, 3, 6
MATTE, STRIPED, CHECKERED, SHINY = 0, 1, 2, 3
# columns of a body (one for each thing): bounding ball, foot (x, y, z), cosine and sine of its yaw, radius on the ground, colour of its words
CENTRE, RADIUS, FOOT, TURN, BASE, LETTERS = 0, 3, 4, 7, 9, 10
# columns of the air: direction to the lamp, lamp, light from around, sky, ground's two tones, its pattern
LAMP, STRENGTH, AROUND, SKY, TONES, PATTERN = 0, 3, 6, 9, 12, 18
PLAIN, PLANKS, TILES, SPECKLE, DUNES = 0, 1, 2, 3, 4
_PERIOD = 0.34
_CELL = 0.2303


@compiled
def _box_normal(row: Floats, x: float, y: float, z: float) -> tuple[float, float, float]:
    a, b, c, tx, ty = row[A], row[B], row[C], row[TX], row[TY]
    kx, mx = a * (1.0 - tx) / (2.0 * c), a * (1.0 + tx) / 2.0
    ky, my = b * (1.0 - ty) / (2.0 * c), b * (1.0 + ty) / 2.0
    on_x = (abs(x) + kx * z - mx) / np.sqrt(1.0 + kx * kx)
    on_y = (abs(y) + ky * z - my) / np.sqrt(1.0 + ky * ky)
    on_z = abs(z) - c
    if on_z >= on_x and on_z >= on_y:
        return 0.0, 0.0, np.sign(z)
    if on_x >= on_y:
        return np.sign(x), 0.0, kx
    return 0.0, np.sign(y), ky


@compiled
def normal(row: Floats, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Unit normal in the world's axes at a point on the solid in its own."""
    kind = row[KIND]
    if kind == BALL:
        nx, ny, nz = x / (row[A] * row[A]), y / (row[B] * row[B]), z / (row[C] * row[C])
    elif kind == BOX:
        nx, ny, nz = _box_normal(row, x, y, z)
    elif kind == TUBE:
        k = (row[B] - row[A]) / (2.0 * row[C])
        r = np.sqrt(x * x + y * y)
        if abs(z) - row[C] > r - ((row[A] + row[B]) / 2.0 + k * z) - 1e-9 and abs(z) > row[C] - 1e-6:
            nx, ny, nz = 0.0, 0.0, np.sign(z)
        else:
            nx, ny, nz = x, y, -k * r
    else:
        r = np.sqrt(x * x + y * y) + 1e-12
        nx, ny, nz = x - x / r * row[A], y - y / r * row[A], z
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    nx, ny, nz = nx / length, ny / length, nz / length
    m = row[AXES : AXES + 9]
    return m[0] * nx + m[3] * ny + m[6] * nz, m[1] * nx + m[4] * ny + m[7] * nz, m[2] * nx + m[5] * ny + m[8] * nz


@compiled
def lit(rows: Floats, first: Ints, bodies: Floats, lamp: Floats, x: float, y: float, z: float) -> bool:
    """Whether the lamp reaches a point."""
    for i in range(bodies.shape[0]):
        body = bodies[i]
        qx, qy, qz = body[CENTRE] - x, body[CENTRE + 1] - y, body[CENTRE + 2] - z
        along = qx * lamp[0] + qy * lamp[1] + qz * lamp[2]
        if along < -body[RADIUS] or qx * qx + qy * qy + qz * qz - along * along > body[RADIUS] * body[RADIUS]:
            continue
        for k in range(first[i], first[i + 1]):
            row = rows[k]
            qx, qy, qz = row[X] - x, row[Y] - y, row[Z] - z
            along = qx * lamp[0] + qy * lamp[1] + qz * lamp[2]
            if along < -row[BALLR] or qx * qx + qy * qy + qz * qz - along * along > row[BALLR] * row[BALLR]:
                continue
            ox, oy, oz = local(row, x, y, z)
            m = row[AXES : AXES + 9]
            dx = m[0] * lamp[0] + m[1] * lamp[1] + m[2] * lamp[2]
            dy = m[3] * lamp[0] + m[4] * lamp[1] + m[5] * lamp[2]
            dz = m[6] * lamp[0] + m[7] * lamp[1] + m[8] * lamp[2]
            if hit(row, ox, oy, oz, dx, dy, dz) < FAR:
                return False
    return True


@compiled
def _noise(x: float, y: float) -> float:
    # a value from 0 to 1 that hangs on the cell of a unit grid
    a = np.int64(np.floor(x)) * 374761393 + np.int64(np.floor(y)) * 668265263
    a = (a ^ (a >> 13)) * 1274126177
    return float((a ^ (a >> 16)) & 1023) / 1023.0


@compiled
def _ground_tone(pattern: float, x: float, y: float) -> float:
    # share of the second tone
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
        return 0.55 * _noise(x * 9.0, y * 9.0) + 0.6 * _noise(x * 3.1 + 7.0, y * 3.1)
    if pattern == DUNES:
        return 0.5 + 0.5 * np.sin(5.0 * y + 1.3 * np.sin(1.7 * x))
    return 0.0


@compiled
def ground(bodies: Floats, rows: Floats, first: Ints, air: Floats, x: float, y: float, out: Floats) -> None:
    """Light from the ground at (x, y)."""
    share = _ground_tone(air[PATTERN], x, y)
    open_sky = 1.0
    for i in range(bodies.shape[0]):
        body = bodies[i]
        qx, qy = x - body[CENTRE], y - body[CENTRE + 1]
        reach = 1.6 * body[BASE]
        near = 1.0 - (qx * qx + qy * qy) / (reach * reach)
        if near > 0.0 and body[FOOT + 2] < 0.05:
            open_sky *= 1.0 - 0.5 * near * near
    lamp = air[LAMP : LAMP + 3]
    sun = lamp[2] if lit(rows, first, bodies, lamp, x, y, 1e-4) else 0.0
    for k in range(3):
        tone = air[TONES + k] + share * (air[TONES + 3 + k] - air[TONES + k])
        out[k] = tone * (air[STRENGTH + k] * sun + air[AROUND + k] * open_sky)


@compiled
def _in_pattern(material: float, body: Floats, x: float, y: float, z: float) -> bool:
    # whether the pattern's partner colour lies here; patterns run through all parts of a thing
    qx, qy, qz = x - body[FOOT], y - body[FOOT + 1], z - body[FOOT + 2]
    u, v = body[TURN] * qx + body[TURN + 1] * qy, body[TURN] * qy - body[TURN + 1] * qx
    if material == STRIPED:
        phase = (qz + 0.55 * u + 0.25 * v) / _PERIOD
        return phase - np.floor(phase) > 0.56
    cells = np.floor(u / _CELL + 0.47) + np.floor(v / _CELL + 0.47) + np.floor(qz / _CELL + 0.03)
    return cells - 2.0 * np.floor(cells / 2.0) > 0.5


@compiled
def ink_at(row: Floats, sheet: Floats, columns: Ints, x: float, y: float, z: float) -> float:
    """Ink of the words at a point of a box in its own axes; 0 off the words."""
    word = int(row[WORDS]) - 1
    ratio = columns[word] / sheet.shape[1]
    if not on_words(row, ratio, x, y, z):
        return 0.0
    half_x, half_z = word_half(row, ratio)
    u = int((x / half_x + 1.0) / 2.0 * columns[word])
    v = int((1.0 - z / half_z) / 2.0 * sheet.shape[1])
    return sheet[word, v, u]  # type: ignore[no-any-return]


@compiled
def _sky(air: Floats, rx: float, ry: float, rz: float, out: Floats) -> None:
    # what a glossy surface mirrors: the ground below, a bright band, the sky, the lamp as a soft spot
    lamp = max(0.0, rx * air[LAMP] + ry * air[LAMP + 1] + rz * air[LAMP + 2])
    spot = lamp * lamp
    spot *= spot
    spot *= spot
    wide = spot * spot * spot
    spot = wide * wide
    band = max(0.0, 1.0 - abs(rz - 0.55) / 0.22)
    for k in range(3):
        base = air[SKY + k] * (0.55 + 0.35 * rz) if rz > 0.0 else air[TONES + k] * 0.45
        out[k] = base + 0.55 * band + air[STRENGTH + k] * (3.2 * spot + 0.5 * wide)


@compiled
def surface(
    rows: Floats, first: Ints, coats: Floats, bodies: Floats, air: Floats, sheet: Floats, columns: Ints,
    i: int, point: Floats, ray: Floats, out: Floats, mirror: Floats,
) -> None:  # fmt: skip
    """Light from solid i at `point` against the unit `ray`."""
    row, coat = rows[i], coats[i]
    body = bodies[int(row[OWNER])]
    lx, ly, lz = local(row, point[0], point[1], point[2])
    nx, ny, nz = normal(row, lx, ly, lz)
    facing = nx * ray[0] + ny * ray[1] + nz * ray[2]
    if facing > 0.0:
        nx, ny, nz, facing = -nx, -ny, -nz, -facing
    material = coat[MATERIAL]
    swapped = (material == STRIPED or material == CHECKERED) and _in_pattern(material, body, point[0], point[1], point[2])
    ink = ink_at(row, sheet, columns, lx, ly, lz) if row[WORDS] > 0 else 0.0
    lamp = air[LAMP : LAMP + 3]
    sun = nx * lamp[0] + ny * lamp[1] + nz * lamp[2]
    if sun > 0.0 and not lit(rows, first, bodies, lamp, point[0] + 0.012 * nx, point[1] + 0.012 * ny, point[2] + 0.012 * nz):
        sun = 0.0
    sun = max(0.0, sun)
    above = 0.5 + 0.5 * nz
    low = min(1.0, 0.62 + 0.6 * (point[2] - body[FOOT + 2]))
    for k in range(3):
        tone = coat[PARTNER + k] if swapped else coat[COAT + k]
        if ink > 0.0:
            tone += ink * (body[LETTERS + k] - tone)
        around = air[AROUND + k] * (0.42 + 0.58 * above) * low + 0.16 * (1.0 - above) * air[TONES + k]
        out[k] = tone * (air[STRENGTH + k] * 1.12 * sun + around)
    if material == SHINY:
        # flat faces are treated as slightly bulged, or nothing but curves would look glossy
        bulge = 0.35 / body[RADIUS]
        gx, gy, gz = (
            nx + bulge * (point[0] - body[CENTRE]),
            ny + bulge * (point[1] - body[CENTRE + 1]),
            nz + bulge * (point[2] - body[CENTRE + 2]),
        )
        length = np.sqrt(gx * gx + gy * gy + gz * gz)
        gx, gy, gz = gx / length, gy / length, gz / length
        facing = gx * ray[0] + gy * ray[1] + gz * ray[2]
        _sky(air, ray[0] - 2.0 * facing * gx, ray[1] - 2.0 * facing * gy, ray[2] - 2.0 * facing * gz, mirror)
        grazing = 1.0 - min(1.0, abs(facing))
        gloss = 0.20 + 0.55 * grazing * grazing * grazing
        for k in range(3):
            out[k] = (1.0 - 0.5 * gloss) * out[k] + gloss * mirror[k]


@compiled
def expose(
    rows: Floats, first: Ints, coats: Floats, bodies: Floats, air: Floats, sheet: Floats, columns: Ints,
    view: Floats, depth_SS: Floats, solid_SS: Ints, rgb_HW3: Floats,
) -> None:  # fmt: skip
    """Shades every ray of the depth buffer, enters ground and sky into it, and averages 2 x 2 rays a pixel."""
    size = depth_SS.shape[0]
    step = 2.0 * view[12] / size
    out, mirror, point, ray = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    for py in range(size):
        sy = view[12] - (py + 0.5) * step
        for px in range(size):
            sx = (px + 0.5) * step - view[12]
            for k in range(3):
                ray[k] = view[9 + k] + sx * view[3 + k] + sy * view[6 + k]
            t = depth_SS[py, px]
            below = -view[2] / ray[2] if ray[2] < -1e-9 else FAR
            if t >= below:  # a solid that reaches into the ground ends there
                t = below
                solid_SS[py, px] = -1
            depth_SS[py, px] = t
            if t >= FAR:
                for k in range(3):
                    out[k] = air[SKY + k] * (air[STRENGTH + k] + air[AROUND + k]) * 0.72
            elif solid_SS[py, px] < 0:
                ground(bodies, rows, first, air, view[0] + t * ray[0], view[1] + t * ray[1], out)
                haze = min(1.0, max(0.0, (t - 14.0) / 30.0))
                for k in range(3):
                    out[k] += haze * (air[SKY + k] * (air[STRENGTH + k] + air[AROUND + k]) * 0.72 - out[k])
            else:
                length = np.sqrt(ray[0] * ray[0] + ray[1] * ray[1] + ray[2] * ray[2])
                for k in range(3):
                    point[k] = view[k] + t * ray[k]
                    ray[k] /= length
                surface(rows, first, coats, bodies, air, sheet, columns, solid_SS[py, px], point, ray, out, mirror)
            for k in range(3):
                rgb_HW3[py // 2, px // 2, k] += 0.25 * min(1.0, out[k])
