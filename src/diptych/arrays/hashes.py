"""Perceptual hashes: 64 bits that stay nearly the same when a picture is resized or compressed again."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

BITS = 64
_SIDE = 32  # of the picture that is transformed
_LOW = 8  # frequencies kept each way


def phash(image: Pillow.Image) -> str:
    """16 hexadecimal digits: which of the 8 x 8 lowest frequencies exceed their median (Zauner, 2010)."""
    low = _COSINES @ _small(image, (_SIDE, _SIDE)) @ _COSINES.T
    return _hex(low > np.median(low))


def dhash(image: Pillow.Image) -> str:
    """16 hexadecimal digits: which pixels of 9 x 8 are darker than their right neighbour (Krawetz, 2013)."""
    small = _small(image, (9, 8))
    return _hex(small[:, 1:] > small[:, :-1])


def distance(one: str, other: str) -> int:
    """In how many of the 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _cosines() -> NDArray[np.float64]:
    # the discrete cosine transform of the second kind, its first rows
    return np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * np.arange(_SIDE) + 1) / (2 * _SIDE))


_COSINES = _cosines()


def _small(image: Pillow.Image, size: tuple[int, int]) -> NDArray[np.float64]:
    return np.asarray(image.convert("L").resize(size, Pillow.Resampling.LANCZOS), float)


def _hex(bits_88: NDArray[np.bool_]) -> str:
    return np.packbits(bits_88).tobytes().hex()
