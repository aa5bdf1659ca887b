"""Solids, of which shapes are made. x to the right, y away from the viewer, z up, foot at z = 0, front towards -y.

Solids: ball (ellipsoid), box (its top may taper), tube (frustum: cylinder, cone), hoop (torus). Tones: MAIN is the object's colour, DARK
and LIGHT are shades of it, INK and CREAM are the same on every object.
"""

from dataclasses import dataclass

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


At = tuple[float, float, float]


def ball(at: At, size: At, tone: int = MAIN, turn: At = (0.0, 0.0, 0.0)) -> Solid:
    """An ellipsoid."""
    return Solid(BALL, at, *size, turn=turn, tone=tone)


def box(
    at: At, size: At, tone: int = MAIN, *, top: tuple[float, float] = (1.0, 1.0), turn: At = (0.0, 0.0, 0.0), words: bool = False
) -> Solid:
    """A box with half extents `size`."""
    return Solid(BOX, at, *size, top=top, turn=turn, tone=tone, words=words)


def tube(at: At, radii: tuple[float, float], half: float, tone: int = MAIN, turn: At = (0.0, 0.0, 0.0)) -> Solid:
    """A cylinder or cone of height 2 x `half`."""
    return Solid(TUBE, at, *radii, half, turn=turn, tone=tone)


def hoop(at: At, radius: float, thick: float, tone: int = MAIN, turn: At = (0.0, 0.0, 0.0)) -> Solid:
    """A torus."""
    return Solid(HOOP, at, radius, thick, thick, turn=turn, tone=tone)
