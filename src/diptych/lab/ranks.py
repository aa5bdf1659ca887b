"""Agreement of values with the truth, over many resamples at once. Shapes: B resamples, M texts or systems, P pairs of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def signs(values_BM: Array) -> NDArray[np.int8]:
    """Of all pairs which is the higher, shape (B, P); 0 where they tie or one has no value."""
    first, second = np.triu_indices(values_BM.shape[-1], 1)
    with np.errstate(invalid="ignore"):
        apart = np.sign(values_BM[..., first] - values_BM[..., second])
    return np.nan_to_num(apart).astype(np.int8)


def tau_b(ours_BM: Array, truth_BM: Array) -> Array:
    """Kendall's tau-b of each row; nan where the truth tells no two apart, 0 where ours does not (it then says nothing)."""
    ours, truth = signs(ours_BM), signs(truth_BM)
    both: Array = (ours * truth).sum(axis=-1, dtype=np.float64)
    known, told = (np.abs(side).sum(axis=-1, dtype=np.float64) for side in (truth, ours))
    bottom = np.sqrt(known * told)
    tau = np.divide(both, bottom, out=np.zeros_like(both), where=bottom > 0)
    return np.where(known > 0, tau, np.nan)


def pearson(ours_BM: Array, truth_BM: Array) -> Array:
    """Linear correlation of each row; nan where either is constant or has no value."""
    a, b = (side - side.mean(axis=-1, keepdims=True) for side in (ours_BM, truth_BM))
    bottom = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    found: Array = np.divide((a * b).sum(axis=-1), bottom, out=np.full(np.shape(bottom), np.nan), where=bottom > 1e-15)
    return found


def spearman(ours_BM: Array, truth_BM: Array) -> Array:
    """Rank correlation of each row, equal values sharing their mean rank."""
    return pearson(ranks(ours_BM), ranks(truth_BM))


def ranks(values_BM: Array) -> Array:
    """Mean ranks of each row: how many are lower, and half of those that are equal."""
    one, other = values_BM[..., :, None], values_BM[..., None, :]
    lower: Any = (other < one).sum(axis=-1) + 0.5 * ((other == one).sum(axis=-1) - 1)
    return np.asarray(lower, np.float64)


def told_apart(ours_BM: Array, truth_M: Array) -> float:
    """Share of pairs that differ in truth whose difference in `ours` has the right sign in all but 2.5 % of the resamples."""
    truth = signs(truth_M[None])[0]
    right = (signs(ours_BM) == truth).mean(axis=0)
    known = truth != 0
    return float((right[known] >= 0.975).mean()) if known.any() else float("nan")
