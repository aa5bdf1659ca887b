"""CIELAB of pixels: a space in which distances are about as large as they look (CIE 15:2004; sRGB by IEC 61966-2-1, white D65)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
_WHITE = _TO_XYZ.sum(1)
_EDGE = 6 / 29  # where the cube root gives way to a straight line


def lab(rgb_N3: ArrayLike) -> Floats:
    """sRGB from 0 to 255 as lightness (0 to 100), green to red, blue to yellow; any number of leading dimensions."""
    said = np.asarray(rgb_N3, float) / 255
    linear = np.where(said <= 0.04045, said / 12.92, ((said + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE
    f = np.where(t > _EDGE**3, np.cbrt(t), t / (3 * _EDGE**2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)
