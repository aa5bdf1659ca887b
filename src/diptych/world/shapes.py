"""The shapes of the categories, each from a few solids. x to the right, y away from the viewer, z up, foot at z = 0, front towards -y.

Solids: ball (ellipsoid), box (its top may taper), tube (frustum: cylinder, cone), hoop (torus). Tones: MAIN is the object's colour, DARK
and LIGHT are shades of it, INK and CREAM are the same on every object.
"""

from dataclasses import dataclass

from diptych.world.catalogue import CATEGORIES

BALL, BOX, TUBE, HOOP = 0, 1, 2, 3
MAIN, DARK, LIGHT, INK, CREAM = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Solid:
    """Half extents `a`, `b`, `c` along its own axes: a tube has bottom radius a and top radius b, a hoop radius a and thickness b."""

    kind: int
    at: tuple[float, float, float]
    a: float
    b: float
    c: float
    top: tuple[float, float] = (1.0, 1.0)  # a box's top as a share of its bottom
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)  # degrees about x, then y, then z
    tone: int = MAIN
    words: bool = False  # words are written on its front


Parts = tuple[Solid, ...]
At = tuple[float, float, float]
LYING = (90.0, 0.0, 0.0)  # an axis that points at the viewer
ACROSS = (0.0, 90.0, 0.0)  # an axis that points right
DOWN = (180.0, 0.0, 0.0)  # upside down


def ball(at: At, size: At, tone: int = MAIN, turn: At = (0.0, 0.0, 0.0)) -> Solid:
    """An ellipsoid."""
    return Solid(BALL, at, *size, turn=turn, tone=tone)


def box(
    at: At, size: At, tone: int = MAIN, top: tuple[float, float] = (1.0, 1.0), turn: At = (0.0, 0.0, 0.0), words: bool = False
) -> Solid:
    """A box with half extents `size`."""
    return Solid(BOX, at, *size, top=top, turn=turn, tone=tone, words=words)


def tube(at: At, radii: tuple[float, float], half: float, tone: int = MAIN, turn: At = (0.0, 0.0, 0.0)) -> Solid:
    """A cylinder or cone of height 2 x `half`."""
    return Solid(TUBE, at, *radii, half, turn=turn, tone=tone)


def hoop(at: At, radius: float, thick: float, tone: int = MAIN, turn: At = (0.0, 0.0, 0.0)) -> Solid:
    """A torus."""
    return Solid(HOOP, at, radius, thick, thick, turn=turn, tone=tone)


def _wheels(xs: tuple[float, ...], y: float, r: float) -> Parts:
    return tuple(tube((x, side, r), (r, r), 0.06, INK, LYING) for x in xs for side in (-y, y))


def _legs(x: float, y: float, half: float, thick: float, tone: int = DARK) -> Parts:
    return tuple(box((sx * x, sy * y, half), (thick, thick, half), tone) for sx in (-1, 1) for sy in (-1, 1))


_MOVING: dict[str, Parts] = {
    "car": (
        box((0, 0, 0.32), (0.82, 0.38, 0.17), top=(0.94, 0.94)),
        box((0.06, 0, 0.62), (0.47, 0.34, 0.16), LIGHT, top=(0.62, 0.84)),
        box((0.06, 0, 0.775), (0.30, 0.29, 0.02)),
        box((0.06, -0.33, 0.6), (0.36, 0.02, 0.09), INK, top=(0.7, 1.0), turn=(-10, 0, 0)),
        *_wheels((-0.48, 0.48), 0.35, 0.19),
    ),
    "truck": (
        box((0.26, 0, 0.66), (0.60, 0.36, 0.42), words=True),
        box((-0.60, 0, 0.50), (0.24, 0.34, 0.27), DARK, top=(0.8, 0.94)),
        box((-0.63, -0.33, 0.60), (0.13, 0.03, 0.10), CREAM),
        box((0, 0, 0.22), (0.80, 0.30, 0.05), INK),
        *_wheels((-0.55, 0.12, 0.55), 0.32, 0.19),
    ),
    "boat": (
        box((0, 0, 0.20), (0.88, 0.38, 0.20), top=(0.62, 0.5), turn=DOWN),
        box((0, 0, 0.405), (0.74, 0.28, 0.012), DARK),
        tube((-0.02, 0, 0.95), (0.035, 0.035), 0.58, INK),
        box((0.30, 0, 0.98), (0.30, 0.015, 0.48), CREAM, top=(0.04, 1.0)),
        box((-0.24, 0, 0.88), (0.18, 0.015, 0.38), MAIN, top=(0.04, 1.0)),
    ),
    "plane": (
        ball((0, 0, 0.42), (0.90, 0.17, 0.17)),
        box((-0.02, 0, 0.42), (0.20, 0.86, 0.03), LIGHT, turn=(0, 0, 0)),
        box((0.76, 0, 0.66), (0.15, 0.03, 0.20), DARK, top=(0.55, 1.0)),
        box((0.76, 0, 0.46), (0.11, 0.34, 0.025), LIGHT),
        ball((-0.62, 0, 0.50), (0.16, 0.12, 0.10), INK),
        box((0, 0, 0.13), (0.05, 0.2, 0.13), INK),
    ),
    "rocket": (
        tube((0, 0, 0.72), (0.25, 0.25), 0.42),
        tube((0, 0, 1.36), (0.25, 0.0), 0.24, DARK),
        tube((0, 0, 0.22), (0.16, 0.24), 0.10, INK),
        ball((0, -0.21, 0.86), (0.11, 0.07, 0.11), CREAM),
        box((-0.33, 0, 0.36), (0.17, 0.03, 0.30), DARK, top=(0.25, 1.0)),
        box((0.33, 0, 0.36), (0.17, 0.03, 0.30), DARK, top=(0.25, 1.0)),
        box((0, -0.30, 0.34), (0.03, 0.15, 0.28), DARK, top=(1.0, 0.25)),
    ),
    "duck": (
        ball((0.05, 0, 0.34), (0.56, 0.36, 0.34)),
        ball((-0.36, 0, 0.84), (0.26, 0.24, 0.25)),
        tube((-0.68, 0, 0.80), (0.12, 0.05), 0.12, DARK, (0, -90, 0)),
        ball((-0.46, -0.20, 0.92), (0.055, 0.055, 0.055), INK),
        ball((-0.46, 0.20, 0.92), (0.055, 0.055, 0.055), INK),
        tube((0.58, 0, 0.54), (0.16, 0.02), 0.17, MAIN, (0, 50, 0)),
        ball((0.12, -0.31, 0.38), (0.28, 0.10, 0.18), DARK),
    ),
    "penguin": (
        ball((0, 0, 0.56), (0.37, 0.32, 0.54)),
        ball((0, -0.12, 0.52), (0.27, 0.24, 0.43), CREAM),
        ball((0, 0, 1.18), (0.25, 0.24, 0.24)),
        tube((0, -0.30, 1.15), (0.08, 0.01), 0.12, INK, LYING),
        ball((-0.10, -0.20, 1.25), (0.045, 0.045, 0.045), CREAM),
        ball((0.10, -0.20, 1.25), (0.045, 0.045, 0.045), CREAM),
        ball((-0.40, 0, 0.64), (0.08, 0.17, 0.36), DARK, (0, 14, 0)),
        ball((0.40, 0, 0.64), (0.08, 0.17, 0.36), DARK, (0, -14, 0)),
        ball((-0.15, -0.24, 0.04), (0.13, 0.18, 0.06), INK),
        ball((0.15, -0.24, 0.04), (0.13, 0.18, 0.06), INK),
    ),
    "turtle": (
        ball((0.05, 0, 0.18), (0.60, 0.48, 0.44)),
        hoop((0.05, 0, 0.16), 0.53, 0.09, DARK),
        ball((-0.74, 0, 0.32), (0.20, 0.16, 0.16), LIGHT),
        ball((-0.82, -0.12, 0.38), (0.04, 0.04, 0.04), INK),
        *(ball((x, y, 0.10), (0.19, 0.14, 0.12), LIGHT) for x in (-0.36, 0.48) for y in (-0.44, 0.44)),
    ),
    "rabbit": (
        ball((0.10, 0, 0.36), (0.46, 0.34, 0.36)),
        ball((-0.34, 0, 0.74), (0.26, 0.23, 0.24)),
        ball((-0.26, -0.13, 1.18), (0.08, 0.09, 0.34), DARK, (8, 8, 0)),
        ball((-0.26, 0.13, 1.18), (0.08, 0.09, 0.34), DARK, (-8, 8, 0)),
        ball((0.54, 0, 0.40), (0.15, 0.15, 0.15), CREAM),
        ball((-0.46, -0.19, 0.80), (0.05, 0.05, 0.05), INK),
        ball((-0.60, 0, 0.70), (0.05, 0.05, 0.04), INK),
        ball((-0.28, -0.20, 0.07), (0.22, 0.09, 0.08), DARK),
    ),
}

_INDOORS: dict[str, Parts] = {
    "chair": (
        box((0, 0, 0.50), (0.38, 0.36, 0.06)),
        box((0, 0.33, 0.98), (0.38, 0.05, 0.42)),
        *_legs(0.32, 0.30, 0.23, 0.055),
    ),
    "stool": (
        tube((0, 0, 0.72), (0.36, 0.36), 0.07),
        hoop((0, 0, 0.28), 0.30, 0.035, DARK),
        *(tube((x * 0.28, y * 0.28, 0.33), (0.05, 0.05), 0.35, DARK, (y * 12, -x * 12, 0)) for x in (-1, 1) for y in (-1, 1)),
    ),
    "bench": (
        box((0, 0, 0.42), (0.95, 0.28, 0.06)),
        box((0, 0.28, 0.66), (0.95, 0.04, 0.08)),
        box((0, 0.28, 0.88), (0.95, 0.04, 0.08)),
        box((-0.80, 0.02, 0.42), (0.05, 0.30, 0.42), DARK, top=(1.0, 0.3)),
        box((0.80, 0.02, 0.42), (0.05, 0.30, 0.42), DARK, top=(1.0, 0.3)),
        box((-0.80, 0.28, 0.62), (0.05, 0.05, 0.36), DARK),
        box((0.80, 0.28, 0.62), (0.05, 0.05, 0.36), DARK),
    ),
    "table": (
        box((0, 0, 0.66), (0.90, 0.56, 0.06)),
        *_legs(0.78, 0.44, 0.30, 0.07),
    ),
    "lamp": (
        tube((0, 0, 0.05), (0.30, 0.26), 0.05, DARK),
        tube((0, 0, 0.55), (0.045, 0.045), 0.46, DARK),
        tube((0, 0, 1.16), (0.46, 0.24), 0.26),
        ball((0, 0, 1.43), (0.06, 0.06, 0.06), DARK),
    ),
    "hammer": (
        tube((0, 0, 0.52), (0.08, 0.07), 0.52, DARK),
        box((0, 0, 1.14), (0.13, 0.13, 0.14)),
        tube((-0.27, 0, 1.14), (0.19, 0.16), 0.16, MAIN, (0, -90, 0)),
        box((0.32, 0, 1.12), (0.13, 0.13, 0.24), MAIN, top=(0.35, 0.5), turn=(0, 100, 0)),
    ),
    "ladder": (
        box((-0.30, 0, 0.72), (0.06, 0.05, 0.72)),
        box((0.30, 0, 0.72), (0.06, 0.05, 0.72)),
        *(box((0, 0, z), (0.26, 0.035, 0.045), DARK) for z in (0.20, 0.50, 0.80, 1.10, 1.34)),
    ),
    "mug": (
        tube((0, 0, 0.44), (0.38, 0.40), 0.44),
        tube((0, 0, 0.882), (0.33, 0.33), 0.008, INK),
        hoop((0.46, 0, 0.44), 0.24, 0.065, DARK, LYING),
    ),
    "bottle": (
        tube((0, 0, 0.42), (0.27, 0.27), 0.42),
        tube((0, 0, 0.98), (0.27, 0.10), 0.14),
        tube((0, 0, 1.24), (0.10, 0.10), 0.14),
        tube((0, 0, 1.40), (0.12, 0.12), 0.07, INK),
        tube((0, 0, 0.42), (0.276, 0.276), 0.20, CREAM),
    ),
    "vase": (
        tube((0, 0, 0.30), (0.20, 0.42), 0.30),
        tube((0, 0, 0.78), (0.42, 0.17), 0.18),
        tube((0, 0, 1.05), (0.17, 0.30), 0.10),
        tube((0, 0, 1.152), (0.23, 0.23), 0.006, INK),
    ),
    "bucket": (
        tube((0, 0, 0.38), (0.32, 0.48), 0.38),
        tube((0, 0, 0.762), (0.42, 0.42), 0.008, INK),
        hoop((0, 0, 0.76), 0.47, 0.03, DARK, LYING),
        hoop((0, 0, 0.74), 0.47, 0.04, LIGHT),
    ),
    "cube": (box((0, 0, 0.5), (0.5, 0.5, 0.5), words=True),),
    "cone": (
        box((0, 0, 0.05), (0.52, 0.52, 0.05), DARK),
        tube((0, 0, 0.68), (0.42, 0.05), 0.58),
        tube((0, 0, 0.66), (0.335, 0.235), 0.13, CREAM),
    ),
    "pyramid": (box((0, 0, 0.5), (0.64, 0.64, 0.5), top=(0.0, 0.0)),),
}

_OUTDOORS: dict[str, Parts] = {
    "ball": (ball((0, 0, 0.5), (0.5, 0.5, 0.5)),),
    "snowman": (
        ball((0, 0, 0.36), (0.42, 0.42, 0.40)),
        ball((0, 0, 0.96), (0.31, 0.31, 0.30)),
        ball((0, 0, 1.40), (0.22, 0.22, 0.22)),
        tube((0, 0, 1.58), (0.28, 0.28), 0.025, INK),
        tube((0, 0, 1.72), (0.17, 0.17), 0.14, INK),
        tube((0, -0.28, 1.40), (0.05, 0.0), 0.11, DARK, LYING),
        *(ball((0, y, z), (0.045, 0.045, 0.045), INK) for y, z in ((-0.30, 1.04), (-0.31, 0.90))),
        *(ball((x, -0.19, 1.48), (0.035, 0.035, 0.035), INK) for x in (-0.08, 0.08)),
    ),
    "robot": (
        box((0, 0, 0.62), (0.36, 0.24, 0.30)),
        box((0, 0, 1.16), (0.26, 0.22, 0.20), LIGHT),
        box((-0.17, 0, 0.16), (0.10, 0.14, 0.17), DARK),
        box((0.17, 0, 0.16), (0.10, 0.14, 0.17), DARK),
        box((-0.46, 0, 0.62), (0.08, 0.11, 0.26), DARK),
        box((0.46, 0, 0.62), (0.08, 0.11, 0.26), DARK),
        *(ball((x, -0.21, 1.20), (0.065, 0.04, 0.065), INK) for x in (-0.11, 0.11)),
        tube((0, 0, 1.44), (0.025, 0.025), 0.10, INK),
        ball((0, 0, 1.57), (0.07, 0.07, 0.07), DARK),
    ),
    "pine": (
        tube((0, 0, 0.14), (0.10, 0.10), 0.16, INK),
        tube((0, 0, 0.52), (0.52, 0.14), 0.26),
        tube((0, 0, 0.90), (0.42, 0.10), 0.25, DARK),
        tube((0, 0, 1.28), (0.31, 0.0), 0.27),
    ),
    "palm": (
        tube((0.05, 0, 0.32), (0.11, 0.09), 0.33, DARK, (0, -8, 0)),
        tube((0.0, 0, 0.90), (0.09, 0.07), 0.28, DARK, (0, -2, 0)),
        *(
            ball((0.36 * x, 0.36 * y, 1.13), (0.42, 0.13, 0.05), MAIN, (0, 24, turn))
            for x, y, turn in ((1, 0, 0), (0.5, 0.87, 60), (-0.5, 0.87, 120), (-1, 0, 180), (-0.5, -0.87, 240), (0.5, -0.87, 300))
        ),
        ball((0, 0, 1.14), (0.12, 0.12, 0.11), DARK),
    ),
    "cactus": (
        tube((0, 0, 0.52), (0.19, 0.18), 0.52),
        ball((0, 0, 1.04), (0.18, 0.18, 0.18)),
        tube((-0.30, 0, 0.52), (0.09, 0.09), 0.18, MAIN, ACROSS),
        tube((-0.46, 0, 0.70), (0.10, 0.10), 0.22),
        ball((-0.46, 0, 0.93), (0.10, 0.10, 0.10)),
        tube((0.30, 0, 0.38), (0.09, 0.09), 0.18, MAIN, ACROSS),
        tube((0.46, 0, 0.52), (0.10, 0.10), 0.18),
        ball((0.46, 0, 0.71), (0.10, 0.10, 0.10)),
        tube((0, 0, 0.05), (0.32, 0.34), 0.06, INK),
    ),
    "mushroom": (
        tube((0, 0, 0.34), (0.22, 0.15), 0.34, CREAM),
        tube((0, 0, 0.72), (0.58, 0.50), 0.07, MAIN),
        ball((0, 0, 0.78), (0.52, 0.52, 0.36)),
        *(
            ball((0.52 * x, 0.52 * y, 0.78 + z), (0.09, 0.09, 0.05), CREAM)
            for x, y, z in ((0.1, -0.72, 0.24), (-0.6, -0.3, 0.26), (0.6, -0.1, 0.28))
        ),
    ),
    "house": (
        box((0, 0, 0.36), (0.62, 0.46, 0.36)),
        box((0, 0, 0.96), (0.72, 0.56, 0.26), DARK, top=(1.0, 0.0)),
        box((0, -0.455, 0.22), (0.12, 0.02, 0.22), INK),
        box((-0.36, -0.455, 0.42), (0.12, 0.02, 0.12), CREAM),
        box((0.36, -0.455, 0.42), (0.12, 0.02, 0.12), CREAM),
        box((0.38, 0.12, 1.06), (0.09, 0.09, 0.24), INK),
    ),
    "castle": (
        box((0, 0, 0.32), (0.50, 0.50, 0.32)),
        *(tube((x, y, 0.48), (0.20, 0.20), 0.48, LIGHT) for x in (-0.5, 0.5) for y in (-0.5, 0.5)),
        *(tube((x, y, 1.12), (0.24, 0.0), 0.18, DARK) for x in (-0.5, 0.5) for y in (-0.5, 0.5)),
        box((0, -0.50, 0.20), (0.14, 0.02, 0.20), INK),
    ),
}

_ORNAMENTS: dict[str, Parts] = {
    "ring": (
        hoop((0, 0, 0.58), 0.46, 0.12, MAIN, LYING),
        box((0, 0, 1.24), (0.10, 0.10, 0.10), CREAM, top=(1.5, 1.5)),
    ),
    "hourglass": (
        tube((0, 0, 0.06), (0.42, 0.42), 0.06),
        tube((0, 0, 0.41), (0.32, 0.05), 0.29, CREAM),
        tube((0, 0, 0.99), (0.05, 0.32), 0.29, CREAM),
        tube((0, 0, 1.34), (0.42, 0.42), 0.06),
        *(tube((x * 0.37, y * 0.37, 0.70), (0.035, 0.035), 0.60, DARK) for x, y in ((-1, 0), (1, 0))),
    ),
    "umbrella": (
        tube((0, 0, 1.05), (0.80, 0.12), 0.20),
        ball((0, 0, 1.23), (0.14, 0.14, 0.06), DARK),
        tube((0, 0, 1.32), (0.03, 0.02), 0.09, INK),
        tube((0, 0, 0.50), (0.045, 0.045), 0.50, INK),
    ),
    "sign": (
        box((0, 0, 0.98), (0.86, 0.05, 0.36), words=True),
        box((0, 0.06, 0.48), (0.07, 0.05, 0.48), DARK),
        box((0, 0.06, 0.04), (0.30, 0.20, 0.04), DARK),
    ),
}

PARTS: dict[str, Parts] = {**_MOVING, **_INDOORS, **_OUTDOORS, **_ORNAMENTS}
ORDERED: tuple[Parts, ...] = tuple(PARTS[category.noun] for category in CATEGORIES)
