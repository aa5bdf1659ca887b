"""Pictures to arrays of pixels, in one way for training and for use."""

# B pictures, S side in pixels

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow


def shrunk(image: Pillow.Image, size: int) -> NDArray[np.uint8]:
    """uint8 of (S, S, 3): the whole picture with its sides made equal, smoothed where it is made smaller."""
    shown = image if image.size == (size, size) else image.resize((size, size), Pillow.Resampling.BICUBIC)
    return np.asarray(shown.convert("RGB"), np.uint8)


def stacked(images: Iterable[Pillow.Image], size: int) -> NDArray[np.uint8]:
    """uint8 of (B, S, S, 3)."""
    return np.stack([shrunk(image, size) for image in images])
