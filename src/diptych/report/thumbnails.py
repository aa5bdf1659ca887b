"""Small copies of pictures, embedded in the page."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow

from diptych.data.errors import PictureError
from diptych.data.opening import thumbnail as shrink
from diptych.data.pictures import Picture
from diptych.data.records import Image

SIDE = 320  # pixels of a thumbnail's longer side


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture as a data URI with its size in pixels, or why there is none."""

    uri: str = ""
    width: int = 0
    height: int = 0
    why: str = ""


def thumbnail(image: Image, pictures: Callable[[Image], Picture], side: int = SIDE) -> Thumbnail:
    """Opens and shrinks the picture; one that cannot be had says why."""
    try:
        return embed(shrink(pictures(image), side))
    except (PictureError, OSError, ValueError) as error:
        return Thumbnail(why=str(error) or type(error).__name__)


def embed(pixels: Pillow.Image) -> Thumbnail:
    """The pixels as WebP in a data URI."""
    buffer = BytesIO()
    pixels.convert("RGB").save(buffer, "WEBP", quality=80)
    return Thumbnail(f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode()}", pixels.width, pixels.height)
