"""Masks: run lengths to pixels and back, and the box around them."""

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.data.regions import Box, Mask

Pixels = NDArray[np.bool_]


def box_of(pixels_HW: Pixels) -> Box:
    """The box around the pixels that are set, in fractions; an empty box at the corner where there are none."""
    height, width = pixels_HW.shape
    rows, columns = np.flatnonzero(pixels_HW.any(axis=1)), np.flatnonzero(pixels_HW.any(axis=0))
    if not len(rows):
        return Box(0.0, 0.0, 0.0, 0.0)
    return Box(float(columns[0] / width), float(rows[0] / height), float((columns[-1] + 1) / width), float((rows[-1] + 1) / height))


def encode(pixels_HW: Pixels) -> Mask:
    """Pixels to run lengths, row by row, background first."""
    height, width = pixels_HW.shape
    flat = np.asarray(pixels_HW, dtype=bool).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    return Mask(width, height, tuple([0, *runs] if flat.size and flat[0] else runs), box_of(pixels_HW))


def decode(mask: Mask) -> Pixels:
    """Run lengths to pixels, height x width; InputError where they do not fill the mask."""
    runs = np.array(mask.runs, dtype=np.int64)
    if (runs < 0).any() or runs.sum() != mask.width * mask.height:
        raise InputError(
            f"the runs of a {mask.width} x {mask.height} mask must be positive and sum to {mask.width * mask.height}, got {runs.sum()}"
        )
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(mask.height, mask.width)


def mask_iou(a: Pixels, b: Pixels) -> float:
    """Intersection over union of two masks of one size; 0 where both are empty."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 0.0
