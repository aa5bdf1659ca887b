"""Capital letters drawn from strokes, so that words look the same on every machine and at every size."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from diptych.world.catalogue import WORDS

TALL, WIDE, GAP = 6.0, 4.0, 1.9  # of a letter, and between letters
LINE = 0.62  # half the width of a stroke
_DOTS = 4  # per unit
# points on a grid 4 wide and 6 tall from the lower left; a space lifts the pen
_STROKES: dict[str, str] = {
    "A": "00 26 40 08 12 32", "B": "00 06 36 45 44 33 03 08 33 42 41 30 00", "C": "45 36 16 05 01 10 30 41",
    "D": "00 06 26 44 42 20 00", "E": "46 06 00 40 08 03 33", "F": "46 06 00 08 03 33", "G": "45 36 16 05 01 10 30 41 43 23",
    "H": "00 06 08 40 46 08 03 43", "I": "20 26 08 16 36 08 10 30", "K": "00 06 08 46 03 40", "L": "06 00 40",
    "M": "00 06 23 46 40", "N": "00 06 40 46", "O": "10 01 05 16 36 45 41 30 10", "P": "00 06 36 45 44 33 03",
    "R": "00 06 36 45 44 33 03 08 23 40", "S": "45 36 16 05 04 13 33 42 41 30 10 01", "T": "06 46 08 26 20",
    "U": "06 01 10 30 41 46", "V": "06 20 46", "W": "06 10 23 30 46", "X": "00 46 08 06 40", "Y": "06 23 46 08 23 20",
    "Z": "06 46 00 40",
}  # fmt: skip


def _segments(letter: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    found, last = [], None
    for mark in _STROKES[letter].split():
        point = None if mark == "08" else (int(mark[0]), int(mark[1]))
        if last is not None and point is not None:
            found.append((last, point))
        last = point
    return found


def stencil(words: str, dots: int = _DOTS) -> NDArray[np.float64]:
    """Ink from 0 to 1, top row first, `dots` to the unit."""
    high, wide = TALL + 2 * LINE, (WIDE + GAP) * len(words) - GAP + 2 * LINE
    y, x = np.mgrid[0 : round(high * dots), 0 : round(wide * dots)]
    x, y = (x + 0.5) / dots - LINE, high - (y + 0.5) / dots - LINE
    away = np.full(x.shape, 9.0)
    for place, letter in enumerate(words):
        for (ax, ay), (bx, by) in _segments(letter):
            dx, dy, px, py = bx - ax, by - ay, x - (ax + place * (WIDE + GAP)), y - ay
            along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1)
            away = np.minimum(away, np.hypot(px - along * dx, py - along * dy))
    return np.clip((LINE - away) * dots + 0.5, 0.0, 1.0)


@cache
def stencils() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All words of the catalogue, padded to one size, and the columns that each fills."""
    each = [stencil(words) for words in WORDS]
    sheet = np.zeros((len(each), each[0].shape[0], max(s.shape[1] for s in each)))
    for i, ink in enumerate(each):
        sheet[i, :, : ink.shape[1]] = ink
    return sheet, np.array([ink.shape[1] for ink in each])


@cache
def word_ratios() -> NDArray[np.float64]:
    """Width over height of each word of the catalogue."""
    sheet, columns = stencils()
    return np.asarray(columns / sheet.shape[1])
