"""Pictures to arrays of pixels, in one way for training and for use."""

# B pictures, S side in pixels

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor


def shrunk(image: Pillow.Image, size: int) -> NDArray[np.uint8]:
    """uint8 of (S, S, 3): the whole picture with its sides made equal, smoothed where it is made smaller."""
    shown = image if image.size == (size, size) else image.resize((size, size), Pillow.Resampling.BICUBIC)
    return np.asarray(shown.convert("RGB"), np.uint8)


def unit(pixels: Tensor) -> Tensor:
    """Bytes (B, S, S, 3) as floats (B, 3, S, S) from -1 to 1."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
