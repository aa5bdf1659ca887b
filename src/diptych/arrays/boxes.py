"""Boxes as arrays: rows of left, top, right, bottom."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def areas(boxes_N4: ArrayLike) -> Floats:
    """Area of each box; 0 where a box is turned inside out."""
    boxes = np.asarray(boxes_N4, dtype=float).reshape(-1, 4)
    return np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)  # type: ignore[no-any-return]


def shared(a_N4: ArrayLike, b_M4: ArrayLike) -> Floats:
    """N x M areas that two boxes share."""
    a, b = np.asarray(a_N4, dtype=float).reshape(-1, 4), np.asarray(b_M4, dtype=float).reshape(-1, 4)
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.prod(np.clip(high - low, 0, None), axis=2)  # type: ignore[no-any-return]


def iou(a_N4: ArrayLike, b_M4: ArrayLike) -> Floats:
    """N x M intersections over unions; 0 where both boxes are empty."""
    both = shared(a_N4, b_M4)
    union = areas(a_N4)[:, None] + areas(b_M4)[None, :] - both
    return np.divide(both, union, out=np.zeros_like(both), where=union > 0)


def within(a_N4: ArrayLike, b_M4: ArrayLike) -> Floats:
    """N x M shares of each first box that lie in the second."""
    both, whole = shared(a_N4, b_M4), areas(a_N4)[:, None]
    return np.divide(both, whole, out=np.zeros_like(both), where=whole > 0)
