"""From shapes to numbers: templates of all categories, the rows the caster reads, the camera's axes."""

from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

from diptych.world.scenes import Camera
from diptych.world.shapes import ORDERED
from diptych.world.solids import BALL, HOOP, TUBE, Solid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# columns of a row: one solid in an object's frame (template) or in the world's (placed); then, for light, its colour, the colour that
# this alternates with in a pattern, its material
KIND, A, B, C, TX, TY, X, Y, Z, AXES, TONE, WORDS, BALLR, OWNER = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 18, 19, 20, 21
COAT, PARTNER, MATERIAL, WIDTH = 22, 25, 28, 29


@dataclass(frozen=True, slots=True)
class Templates:
    """Solids of all categories: rows `first[k]` to `first[k + 1]` belong to category k."""

    rows_RW: Floats
    first: Ints
    foot: Floats  # K x 2: half width and half depth on the ground
    height: Floats


def turned(degrees: tuple[float, float, float]) -> Floats:
    """3 x 3 matrix that turns about x, then y, then z."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    turned: Floats = about_z @ about_y @ about_x
    return turned


def half_extents(solid: Solid) -> Floats:
    """Of the box along the solid's own axes."""
    if solid.kind == TUBE:
        widest = max(solid.a, solid.b)
        return np.array([widest, widest, solid.c])
    if solid.kind == HOOP:
        return np.array([solid.a + solid.b, solid.a + solid.b, solid.b])
    return np.array([solid.a * max(1.0, solid.top[0]), solid.b * max(1.0, solid.top[1]), solid.c])


def _reach(solid: Solid, axes: Floats) -> Floats:
    half = half_extents(solid)
    reach: Floats = np.sqrt(((axes * half) ** 2).sum(axis=1)) if solid.kind == BALL else np.abs(axes) @ half
    return reach


def _bounds(parts: tuple[Solid, ...]) -> tuple[Floats, Floats]:
    reach = [_reach(solid, turned(solid.turn)) for solid in parts]
    at = [np.array(solid.at) for solid in parts]
    return np.min([p - r for p, r in zip(at, reach, strict=True)], axis=0), np.max([p + r for p, r in zip(at, reach, strict=True)], axis=0)


def _row(solid: Solid, middle: Floats, scale: float) -> Floats:
    row = np.zeros(WIDTH)
    row[[KIND, TX, TY, TONE, WORDS]] = solid.kind, *solid.top, solid.tone, solid.words
    row[[A, B, C]] = np.array([solid.a, solid.b, solid.c]) * scale
    row[[X, Y, Z]] = (np.array(solid.at) - middle) * scale
    row[AXES : AXES + 9] = turned(solid.turn).T.ravel()
    row[BALLR] = scale * (half_extents(solid).max() if solid.kind == BALL else np.linalg.norm(half_extents(solid)))
    return row


@cache
def templates() -> Templates:
    """All categories, scaled so that their pictures cover about the same area at the usual elevation."""
    rows, first, foot, height = [], [0], [], []
    for parts in ORDERED:
        low, high = _bounds(parts)
        wide, deep, tall = high[0] - low[0], high[1] - low[1], high[2]
        scale = 1.22 / float(np.sqrt(wide * (0.77 * tall + 0.64 * deep)))
        middle = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0.0])
        rows += [_row(solid, middle, scale) for solid in parts]
        first.append(len(rows))
        foot.append((wide * scale / 2, deep * scale / 2))
        height.append(tall * scale)
    return Templates(np.array(rows), np.array(first), np.array(foot), np.array(height))


def view(camera: Camera) -> Floats:
    """13 numbers: position, right, up, forward, and the tangent of half the field."""
    cy, sy = cos(radians(camera.yaw)), sin(radians(camera.yaw))
    ce, se = cos(radians(camera.elevation)), sin(radians(camera.elevation))
    forward, right, up = (-ce * sy, ce * cy, -se), (cy, sy, 0.0), (-se * sy, se * cy, ce)
    position = [t - camera.distance * f for t, f in zip(camera.target, forward, strict=True)]
    return np.array([*position, *right, *up, *forward, tan(radians(camera.field / 2))])


def toward(azimuth: float, elevation: float) -> Floats:
    """Unit vector to a far lamp; azimuth 0 is straight ahead of a camera at yaw 0, 90 on its left; degrees."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.array([-np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), np.sin(e)])
