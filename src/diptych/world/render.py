"""Pictures of scenes: colours, depth and instances, by an analytic ray caster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.world.cast import canvas, draw, place
from diptych.world.catalogue import BY_GROUND, BY_LIGHT, COLOURS, MATERIALS, NUMBER, PATTERNS, SIZES, WORDS
from diptych.world.geometry import BALLR, COAT, MATERIAL, PARTNER, TONE, Floats, Ints, X, Z, templates, toward, view
from diptych.world.geometry import WORDS as WORDS_COLUMN
from diptych.world.ground import develop, settle
from diptych.world.letters import stencils
from diptych.world.scenes import Camera, Scene, Thing
from diptych.world.shade import AROUND, BASE, BEGIN, CENTRE, END, FOOT, LAMP, LETTERS, PATTERN, RADIUS, SKY, STRENGTH, TONES, TURN, Stage
from diptych.world.solids import INK

_PATTERN = ("plain", "planks", "tiles", "speckle", "dunes")
_LINEAR = 2.0  # exponent between stored and linear light


@dataclass(frozen=True, slots=True)
class Rendered:
    """rgb uint8 (S, S, 3), depth along the line of sight float32 (S, S), instances uint8 (S, S): 0 where no thing is, else index + 1."""

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    instances: NDArray[np.uint8]


def rows_of(scene: Scene) -> tuple[Floats, Ints]:
    """Rows of all solids in the world, and where each thing's rows begin (one more entry than things)."""
    shapes = templates()
    numbers = [NUMBER[thing.noun] for thing in scene.things]
    first = np.concatenate([[0], np.cumsum([shapes.first[k + 1] - shapes.first[k] for k in numbers], dtype=np.int64)])
    rows = np.empty((first[-1], shapes.rows_RW.shape[1]))
    for i, (thing, k) in enumerate(zip(scene.things, numbers, strict=True)):
        own = rows[first[i] : first[i + 1]]
        template = shapes.rows_RW[shapes.first[k] : shapes.first[k + 1]]
        place(template, own, SIZES[thing.size], (thing.x, thing.y, thing.z, float(np.radians(thing.yaw))), i)
        own[:, WORDS_COLUMN] *= WORDS.index(thing.words) + 1 if thing.words else 0
    return rows, first


def _linear(colour: tuple[float, float, float]) -> Floats:
    return np.array(colour) ** _LINEAR


def _tones(colour: str) -> Floats:
    main = _linear(COLOURS[colour])
    bright = float(main.mean())
    dark = main * 0.36 if bright > 0.06 else main + 0.16
    light = main + 0.42 * (1.0 - main) if bright < 0.7 else main * 0.72
    return np.array([main, dark, light, (0.028, 0.028, 0.032), (0.86, 0.84, 0.78)])


def _partner(tones: Floats) -> Floats:
    luma = tones @ (0.2, 0.7, 0.1)
    partner = tones.copy()
    # dark colours alternate with near white, light ones with a deep shade of themselves
    partner[:3] = (0.88, 0.87, 0.84) if luma[0] < 0.45 else tones[0] * 0.16
    return partner


def _coat(thing: Thing, rows: Floats) -> None:
    tone = rows[:, TONE].astype(int)
    tones = _tones(thing.colour)
    rows[:, COAT : COAT + 3] = tones[tone]
    rows[:, PARTNER : PARTNER + 3] = _partner(tones)[tone]
    rows[:, MATERIAL] = np.where((tone >= INK) & (thing.material in PATTERNS), 0, MATERIALS.index(thing.material))


def _body(thing: Thing, rows: Floats) -> Floats:
    body = np.zeros(END + 1)
    low = (rows[:, X : Z + 1] - rows[:, BALLR : BALLR + 1]).min(axis=0)
    high = (rows[:, X : Z + 1] + rows[:, BALLR : BALLR + 1]).max(axis=0)
    centre = (low + high) / 2
    body[CENTRE : CENTRE + 3] = centre
    body[RADIUS] = (np.linalg.norm(rows[:, X : Z + 1] - centre, axis=1) + rows[:, BALLR]).max()
    body[FOOT : FOOT + 3] = thing.x, thing.y, thing.z
    body[TURN : TURN + 2] = np.cos(np.radians(thing.yaw)), np.sin(np.radians(thing.yaw))
    body[BASE] = np.sqrt(np.prod(templates().foot[NUMBER[thing.noun]])) * SIZES[thing.size]
    tones = _tones(thing.colour)
    body[LETTERS : LETTERS + 3] = (0.95, 0.95, 0.93) if tones[0] @ (0.2, 0.7, 0.1) < 0.32 else (0.02, 0.02, 0.03)
    return body


def _air(scene: Scene) -> Floats:
    ground, light = BY_GROUND[scene.ground], BY_LIGHT[scene.light]
    air = np.zeros(19)
    air[LAMP : LAMP + 3] = toward(scene.sun + scene.camera.yaw, light.elevation)
    air[STRENGTH : STRENGTH + 3], air[AROUND : AROUND + 3] = light.lamp, light.around
    air[SKY : SKY + 3] = _linear(ground.sky)
    air[TONES : TONES + 6] = np.concatenate([_linear(ground.tones[0]), _linear(ground.tones[1])])
    air[PATTERN] = _PATTERN.index(ground.pattern)
    return air


def render(scene: Scene, camera: Camera | None = None, size: int = 224) -> Rendered:
    """The scene as the camera (its own unless another is given) sees it, `size` pixels square."""
    if not 8 <= size <= 2048:
        raise InputError(f"size must lie in 8..2048 pixels, got {size}")
    rows, first = rows_of(scene)
    eye, seen = view(camera or scene.camera), canvas(2 * size)
    draw(rows, 0, len(rows), eye, seen)
    bodies = np.zeros((len(scene.things), END + 1))
    for i, thing in enumerate(scene.things):
        own = rows[first[i] : first[i + 1]]
        _coat(thing, own)
        bodies[i] = _body(thing, own)
        bodies[i, BEGIN], bodies[i, END] = first[i], first[i + 1]
    rgb = develop(Stage(rows, bodies, _air(scene), *stencils()), eye, seen)
    instances, depth = np.empty((size, size), dtype=np.uint8), np.empty((size, size), dtype=np.float32)
    settle(rows, seen, instances, depth)
    return Rendered((np.sqrt(rgb) * 255 + 0.5).astype(np.uint8), depth, instances)
