"""Pictures to arrays of pixels, in one way for training and for use."""

# B pictures, S side in pixels

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor

from diptych.data.decoding import Decoder
from diptych.data.pictures import Picture


def shrunk(image: Pillow.Image, size: int) -> NDArray[np.uint8]:
    """uint8 of (S, S, 3): the whole picture with its sides made equal, smoothed where it is made smaller."""
    shown = image if image.size == (size, size) else image.resize((size, size), Pillow.Resampling.BICUBIC)
    return np.asarray(shown.convert("RGB"), np.uint8)


def square(picture: Picture, size: int) -> NDArray[np.uint8]:
    """As `shrunk`, of a picture that is not decoded yet: a JPEG at half its size or less where that leaves twice `size`."""
    load = picture.load
    return shrunk(load((2 * size, 2 * size)) if isinstance(load, Decoder) else picture.pil(), size)


def unit(pixels: Tensor) -> Tensor:
    """Bytes (B, S, S, 3) as floats (B, 3, S, S) from -1 to 1."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
