"""What a picture's pixels say of its quality. Numbers that a picture can be kept by: more is better, whatever the name."""

# H x W pixels; grey from 0 to 255

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLACK, WHITE = 5, 250  # of 255: pixels at or beyond these show nothing


def grey(rgb_HW3: NDArray[np.uint8]) -> Floats:
    """Luma of ITU-R BT.601, as Pillow has it, not rounded."""
    luma_HW: Floats = np.asarray(rgb_HW3, float) @ np.array([0.299, 0.587, 0.114])
    return luma_HW


def sharpness(grey_HW: Floats) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., 2000, ICPR); it hangs on the picture's size. 0 for pictures under 3 x 3 pixels."""
    if min(grey_HW.shape) < 3:
        return 0.0
    inner = grey_HW[1:-1, 1:-1]
    return float((grey_HW[:-2, 1:-1] + grey_HW[2:, 1:-1] + grey_HW[1:-1, :-2] + grey_HW[1:-1, 2:] - 4 * inner).var())


def brightness(grey_HW: Floats) -> float:
    """Mean from 0, black, to 1, white."""
    return float(grey_HW.mean() / 255)


def contrast(grey_HW: Floats) -> float:
    """Standard deviation over its greatest value, half the range: 0 for one grey, 1 for black and white in equal parts."""
    return float(grey_HW.std() / 127.5)


def exposed(grey_HW: Floats) -> float:
    """Share of pixels that are neither black nor white: 1 where nothing is under- or overexposed."""
    return float(((grey_HW > BLACK) & (grey_HW < WHITE)).mean())


def colourfulness(rgb_HW3: NDArray[np.uint8]) -> float:
    """Hasler and Süsstrunk, 2003, "Measuring colourfulness in natural images", equation for M of the simplest form; 0 for greys."""
    red, green, blue = np.moveaxis(np.asarray(rgb_HW3, float), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def squareness(width: int, height: int) -> float:
    """The shorter side over the longer."""
    return min(width, height) / max(width, height)
