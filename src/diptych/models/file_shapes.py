"""Shapes of annotations as files have them, drawn when a mask is asked for: polygons, COCO's run lengths, segments of a PNG."""

# H x W pixels

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.masks import Pixels
from diptych.data.decoding import CAPS
from diptych.data.errors import InputError
from diptych.data.opening import open_picture
from diptych.data.records import Image
from diptych.data.regions import Box

POINTS = 20_000  # of one shape
RUNS = 1_000_000  # of one mask
Ids = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Polygons:
    """Lists of x and y in turn, in pixels of a picture of `size`, or in fractions where the size is (0, 0)."""

    said: Any
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Runs:
    """COCO's run lengths, column by column, as numbers or packed into letters."""

    said: Any


@dataclass(frozen=True, slots=True)
class Segment:
    """The pixels of one number in a panoptic PNG."""

    path: str
    number: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The box of an annotation and what its mask is drawn from."""

    box: Box
    shape: Polygons | Runs | Segment


def drawn(outline: Outline, size: tuple[int, int]) -> Pixels:
    """Height x width pixels, of the size the file tells, else of `size` (width, height). DiptychError if the shape is none."""
    shape = outline.shape
    if isinstance(shape, Segment):
        stat = os.stat(shape.path)
        return numbers(shape.path, stat.st_mtime_ns, stat.st_size) == shape.number
    return unpacked(shape.said) if isinstance(shape, Runs) else filled(shape, size)


def filled(shape: Polygons, size: tuple[int, int]) -> Pixels:
    """The pixels whose middle lies in one of the polygons, each by the even-odd rule."""
    width, height = shape.size if shape.size != (0, 0) else size
    _sized(width, height)
    pixels_HW = np.zeros((height, width), bool)
    scale = (1, 1) if shape.size != (0, 0) else (width, height)
    for points_K2 in polygons(shape.said):
        pixels_HW |= _one(points_K2 * scale, height, width)
    return pixels_HW


def polygons(said: Any) -> list[NDArray[np.float64]]:
    """Each polygon as (K, 2); InputError unless they are lists of at least three finite points, at most `POINTS` in all."""
    lists = said if isinstance(said, list | tuple) else ()
    if not lists or not all(isinstance(one, list | tuple) and len(one) >= 6 and len(one) % 2 == 0 for one in lists):
        raise InputError(f"a shape must be polygons [[x, y, x, y, x, y, ...], ...], got {said!r:.80}")
    if sum(map(len, lists)) > 2 * POINTS:
        raise InputError(f"a shape of {sum(map(len, lists)) // 2} points: at most {POINTS} are drawn; simplify it")
    if not all(isinstance(value, int | float) and abs(value) < 1e9 for one in lists for value in one):  # NaN is less than nothing
        raise InputError(f"the points of a shape must be finite numbers, got {said!r:.80}")
    return [np.asarray(one, float).reshape(-1, 2) for one in lists]


def _one(points_K2: NDArray[np.float64], height: int, width: int) -> Pixels:
    # every edge turns over what lies right of where it crosses a row's middle
    turns = np.zeros((height, width + 1), np.uint8)
    for (x, y), (end_x, end_y) in zip(points_K2, np.roll(points_K2, -1, 0), strict=True):
        low, high = (max(0, int(np.ceil(max(-1.0, min(at, height + 1.0)) - 0.5))) for at in sorted((y, end_y)))
        rows = np.arange(low, min(high, height))
        if len(rows):
            crossed = x + (rows + 0.5 - y) * (end_x - x) / (end_y - y)
            turns[rows, np.clip(np.ceil(crossed - 0.5), 0, width).astype(int)] ^= 1
    return np.bitwise_xor.accumulate(turns, 1)[:, :width].astype(bool)


def unpacked(said: Any) -> Pixels:
    """Run lengths as pixels; InputError unless they fill the size they name."""
    size, counts = (said.get("size"), said.get("counts")) if isinstance(said, dict) else (None, None)
    whole = isinstance(size, list) and len(size) == 2 and all(type(side) is int for side in size)
    if size is None or not whole or not isinstance(counts, list | str):
        raise InputError(f'run lengths must be {{"size": [height, width], "counts": [...]}}, got {said!r:.80}')
    height, width = size
    _sized(width, height)
    if len(counts) > RUNS:
        raise InputError(f"a mask of {len(counts)} runs: at most {RUNS} are read")
    runs = spelt(counts) if isinstance(counts, str) else counts
    if not all(type(run) is int and 0 <= run <= height * width for run in runs) or sum(runs) != height * width:
        raise InputError(f"the runs of a {width} x {height} mask must sum to {width * height}: its file is damaged")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T


def spelt(letters: str) -> list[int]:
    """COCO's packed counts: five bits a letter from "0" on, lowest first, the sixth says that more follow; from the fourth count on each
    is told as its difference from the last but one. InputError where the letters are none or break off.
    """
    counts: list[int] = []
    value = shift = 0
    for letter in letters:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise InputError(f"{letter!r} is no letter of packed run lengths: the file is damaged")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        value -= (1 << shift) if bits & 16 else 0
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift:
        raise InputError("packed run lengths break off: the file is damaged")
    return counts


@lru_cache(maxsize=2)
def numbers(path: str, changed: int, size: int) -> Ids:
    """The number of the segment of each pixel of a panoptic PNG: red + 256 green + 65536 blue. PictureError if it cannot be read."""
    rgb_HW3 = np.asarray(open_picture(Image(path)).pil(), np.uint32)
    return rgb_HW3 @ np.array([1, 256, 65536], np.uint32)


def box_of_numbers(said: Sequence[Any], width: float, height: float) -> Box:
    """A box from left, top, width and height in pixels, cut to the picture; InputError if it is no place in it."""
    if len(said) != 4 or not all(isinstance(value, int | float) and abs(value) < 1e9 for value in said):
        raise InputError(f"a box must be four finite numbers [left, top, width, height], got {said!r:.80}")
    left, top, across, down = map(float, said)
    return unit_box((left / width, top / height, (left + across) / width, (top + down) / height))


def unit_box(edges: Sequence[Any], slack: float = 0.05) -> Box:
    """A box from left, top, right and bottom in fractions, cut to the picture; InputError if it is no place in it."""
    good = len(edges) == 4 and all(isinstance(value, int | float) and -slack <= value <= 1 + slack for value in edges)
    if not good or edges[0] > edges[2] or edges[1] > edges[3]:
        raise InputError(f"a box must be [left, top, right, bottom] in fractions of the picture, got {list(edges)!r:.80}")
    left, top, right, bottom = (min(1.0, max(0.0, float(value))) for value in edges)
    return Box(left, top, right, bottom)


def _sized(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > CAPS.pixels:
        raise InputError(f"a mask must have from 1 to {CAPS.pixels} pixels, got {width} x {height}")
