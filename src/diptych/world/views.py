"""One scene from several sides: a ring of cameras, and the points that they see."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.world.geometry import view
from diptych.world.ground import SKY_DEPTH
from diptych.world.render import Rendered, render
from diptych.world.scenes import Camera, Scene


@dataclass(frozen=True, slots=True)
class Points:
    """xyz float32 (P, 3) in the scene's axes, rgb uint8 (P, 3), instances uint8 (P): 0 for the ground, else index + 1."""

    xyz: NDArray[np.float32]
    rgb: NDArray[np.uint8]
    instances: NDArray[np.uint8]


def ring(scene: Scene, n: int) -> tuple[Camera, ...]:
    """n cameras evenly round the scene, beginning with its own."""
    if not 1 <= n <= 64:
        raise InputError(f"a ring has 1 to 64 cameras, got {n}")
    return tuple(replace(scene.camera, yaw=scene.camera.yaw + 360.0 * k / n) for k in range(n))


def points(rendered: Rendered, camera: Camera) -> Points:
    """The points behind the pixels, row by row; sky has none."""
    size = len(rendered.depth)
    eye = view(camera)
    across = ((np.arange(size) + 0.5) * 2 / size - 1) * eye[12]
    rays = eye[9:12] + across[None, :, None] * eye[3:6] - across[:, None, None] * eye[6:9]
    xyz = eye[:3] + rays * rendered.depth[..., None]
    met = rendered.depth < SKY_DEPTH
    return Points(xyz[met].astype(np.float32), rendered.rgb[met], rendered.instances[met])


def cloud(scene: Scene, *, views: int = 4, size: int = 64) -> Points:
    """Points of the scene seen from a ring of cameras."""
    each = [points(render(scene, camera, size), camera) for camera in ring(scene, views)]
    return Points(np.concatenate([p.xyz for p in each]), np.concatenate([p.rgb for p in each]), np.concatenate([p.instances for p in each]))
