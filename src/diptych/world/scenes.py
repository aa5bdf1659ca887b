"""Scenes: things on a ground, a camera and a light, as plain values."""

from dataclasses import dataclass

from diptych.data.draws import digest


@dataclass(frozen=True, slots=True)
class Thing:
    """One object: what it is, how it looks, where it stands. Lengths in units of about one medium object; angles in degrees."""

    noun: str
    colour: str
    size: str = "medium"
    material: str = "matte"
    words: str = ""  # written on it
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0  # height of its foot above the ground
    yaw: float = 0.0  # its front faces the viewer when this equals the camera's yaw
    on: int | None = None  # index of the thing it stands on


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks at `target` from `distance`, turned by `yaw` about the vertical and raised by `elevation` (degrees); square pictures."""

    yaw: float = 0.0
    elevation: float = 40.0
    distance: float = 9.6
    field: float = 29.0  # vertical angle of view, degrees
    target: tuple[float, float, float] = (0.0, 0.0, 0.35)


@dataclass(frozen=True, slots=True)
class Scene:
    """Things with the camera they were arranged for; `sun` is the lamp's azimuth from its line of sight, 90 on the left (degrees)."""

    things: tuple[Thing, ...]
    camera: Camera = Camera()
    ground: str = "studio"
    light: str = "day"
    sun: float = 140.0


def key_of(scene: Scene, camera: Camera | None = None) -> str:
    """32 hexadecimal digits that depend on everything that can change the picture, except its size in pixels."""
    view = camera or scene.camera
    parts = (
        *(_line(t.noun, t.colour, t.size, t.material, t.words, t.x, t.y, t.z, t.yaw, t.on) for t in scene.things),
        _line(view.yaw, view.elevation, view.distance, view.field, *view.target),
        # the lamp stands still when only the viewer moves
        _line(scene.ground, scene.light, scene.sun + scene.camera.yaw),
    )
    return digest("scene", *parts).hex()


def _line(*values: object) -> str:
    return ",".join(f"{v:.9g}" if isinstance(v, float) else str(v) for v in values)
