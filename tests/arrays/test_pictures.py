"""Statistics, colours and hashes of pictures, by hand and against slow references."""

import math

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from diptych.arrays import statistics
from diptych.arrays.hashes import dhash, distance, phash
from diptych.arrays.lab import lab


def flat(*rgb: int, size: tuple[int, int] = (4, 4)) -> np.ndarray:
    return np.full((*size, 3), rgb, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "known"),
    [  # of Lindbloom's calculator
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_lab_of_known_colours(rgb, known) -> None:
    assert lab(rgb) == pytest.approx(np.array(known), abs=0.02)


def test_statistics_by_hand() -> None:
    black_and_white = np.array([[0.0, 255.0], [0.0, 255.0]])
    assert statistics.brightness(black_and_white) == 0.5
    assert statistics.contrast(black_and_white) == 1.0
    assert statistics.exposed(black_and_white) == 0.0 and statistics.exposed(np.array([[5.0, 6.0, 249.0, 250.0]])) == 0.5
    assert statistics.squareness(200, 100) == statistics.squareness(100, 200) == 0.5
    assert statistics.grey(flat(10, 20, 30))[0, 0] == pytest.approx(0.299 * 10 + 0.587 * 20 + 0.114 * 30)
    # red: red - green is 255 and (red + green) / 2 - blue is 127.5 everywhere, so only the means count
    assert statistics.colourfulness(flat(255, 0, 0)) == pytest.approx(0.3 * math.hypot(255, 127.5))
    assert statistics.colourfulness(flat(7, 7, 7)) == 0


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    grey = np.random.default_rng(0).uniform(0, 255, (7, 9))
    slow = [grey[y - 1, x] + grey[y + 1, x] + grey[y, x - 1] + grey[y, x + 1] - 4 * grey[y, x] for y in range(1, 6) for x in range(1, 8)]
    assert statistics.sharpness(grey) == pytest.approx(np.var(slow))
    assert statistics.sharpness(grey[:2]) == 0


def drawn() -> Pillow.Image:
    image = Pillow.new("RGB", (200, 150), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 30, 90, 120), fill="navy")
    draw.ellipse((100, 20, 190, 110), fill="orange")
    return image


def test_blur_lowers_sharpness() -> None:
    sharp, *blurred = (statistics.sharpness(statistics.grey(np.asarray(drawn().filter(ImageFilter.GaussianBlur(r))))) for r in (0, 1, 3))
    assert sharp > blurred[0] > blurred[1]


def test_phash_is_the_sign_of_low_frequencies() -> None:
    small = np.asarray(drawn().convert("L").resize((32, 32), Pillow.Resampling.LANCZOS), float)
    slow = np.zeros((8, 8))
    for v in range(8):
        for u in range(8):
            for y in range(32):
                slow[v, u] += sum(
                    small[y, x] * math.cos(math.pi * v * (2 * y + 1) / 64) * math.cos(math.pi * u * (2 * x + 1) / 64) for x in range(32)
                )
    bits = "".join("1" if value > np.median(slow) else "0" for value in slow.ravel())
    assert phash(drawn()) == f"{int(bits, 2):016x}"


def test_dhash_by_hand() -> None:
    rising = Pillow.fromarray(np.tile(np.arange(9, dtype=np.uint8) * 20, (8, 1)))
    assert dhash(rising) == "f" * 16 and dhash(rising.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)) == "0" * 16


@pytest.mark.parametrize("hashed", [phash, dhash])
def test_hashes_stay_and_tell_apart(hashed) -> None:
    one = hashed(drawn())
    assert distance(one, hashed(drawn().resize((90, 70)))) <= 6
    assert distance(one, hashed(drawn().filter(ImageFilter.GaussianBlur(1)))) <= 6
    assert distance(one, hashed(drawn().transpose(Pillow.Transpose.FLIP_LEFT_RIGHT))) > 12
    assert distance("0" * 16, "f" * 16) == 64 and distance(one, one) == 0
