"""Pictures: pixels behind a key, opened lazily."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image as Pillow

from diptych.data.regions import Box


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture whose pixels are decoded when asked for. A crop names its parent and box.

    `key` is the sha256 of its bytes (of the scene and camera, if it is rendered); size in pixels.
    """

    key: str
    width: int
    height: int
    load: Callable[[], Pillow.Image]
    parent: "Picture | None" = None
    box: Box | None = None

    def pil(self) -> Pillow.Image:
        """The pixels as upright RGB; PictureError if they cannot be decoded."""
        return self.load()
