"""Where the right items stand among all, block by block, so that memory grows linearly with images and texts.

Shapes: Q queries, G items of the gallery, R right items of one query, D width of vectors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError

Ties = Literal["expected", "pessimistic"]
Ints = NDArray[np.int64]
Block = Callable[[Ints], NDArray[np.floating]]  # numbers of some queries -> their scores, shape (queries, G)
_CELLS = 1 << 23  # scores held at a time


@dataclass(frozen=True, slots=True)
class Ranks:
    """Of each query: wrong items above its best right one, wrong ones that tie with it, right ones that tie; average precisions.

    `ap_Q` is the mean over right items of the share of right ones down to it; `ap_at_r_Q` counts only those within the first R
    (MAP@R of Musgrave et al., 2020, arXiv:2003.08505). In both, wrong items stand before right ones of the same score.
    """

    above_Q: Ints
    wrong_Q: Ints
    right_Q: Ints
    ap_Q: NDArray[np.float64]
    ap_at_r_Q: NDArray[np.float64]

    def first(self, ties: Ties) -> NDArray[np.float64]:
        """The rank of the first right item: expected under a random order of ties, or behind all wrong ones that tie."""
        after = self.wrong_Q / (self.right_Q + 1) if ties == "expected" else self.wrong_Q
        return 1.0 + self.above_Q + after

    def hits(self, k: int, ties: Ties) -> NDArray[np.float64]:
        """Whether a right item is among the first k; under "expected" the chance of it in a random order of ties."""
        if ties == "pessimistic":
            return (self.above_Q + self.wrong_Q < k).astype(float)
        missed = np.ones(len(self.above_Q))
        for drawn in range(k):  # no right item among the first k - above drawn from those that tie
            open_ = self.above_Q + drawn < k
            left = np.maximum(self.wrong_Q - drawn, 0)
            missed = np.where(open_, missed * left / np.maximum(left + self.right_Q, 1), missed)
        return 1.0 - missed


def ranks(block: Block, queries_Q: Ints, rights: Sequence[Ints], gallery: int, equal: float) -> Ranks:
    """Ranks of the queries, each with its right items; scores that differ by at most `equal` tie. Raises InputError for nan."""
    counts: Ints = np.zeros((3, len(queries_Q)), np.int64)
    precisions = np.zeros((2, len(queries_Q)))
    step = max(1, _CELLS // max(gallery, 1))
    for start in range(0, len(queries_Q), step):
        scores = block(queries_Q[start : start + step])
        if np.isnan(scores).any():
            raise InputError("a similarity is nan: leave out the pictures and texts that could not be embedded")
        for place, row in enumerate(scores, start):
            counts[:, place], precisions[:, place] = _one(row, rights[place], equal)
    return Ranks(counts[0], counts[1], counts[2], precisions[0], precisions[1])


def _one(row_G: NDArray[np.floating], right_R: Ints, equal: float) -> tuple[tuple[int, int, int], tuple[float, float]]:
    best_R = np.sort(row_G[right_R])[::-1]
    above_R, least_R = _counts(np.sort(row_G), best_R, equal)
    right_above_R, right_least_R = _counts(best_R[::-1], best_R, equal)
    wrong_least_R = least_R - right_least_R
    above = int(above_R[0] - right_above_R[0])
    place_R = np.arange(1, len(best_R) + 1)
    precision_R = place_R / (place_R + wrong_least_R)
    within_R = place_R + wrong_least_R <= len(best_R)
    return (above, int(wrong_least_R[0]) - above, int(right_least_R[0])), (
        float(precision_R.mean()),
        float((precision_R * within_R).mean()),
    )


def _counts(sorted_G: NDArray[np.floating], scores_R: NDArray[np.floating], equal: float) -> tuple[Ints, Ints]:
    """How many lie more than `equal` above each score, and how many at most `equal` below it or higher."""
    size = len(sorted_G)
    above = size - np.searchsorted(sorted_G, scores_R + sorted_G.dtype.type(equal), side="right")
    return above, size - np.searchsorted(sorted_G, scores_R - sorted_G.dtype.type(equal), side="left")


def unit_rows(vectors_ND: ArrayLike, what: str) -> NDArray[np.float32]:
    """Rows at length 1, norms in float64; InputError for a row that is zero or not finite."""
    wide = np.asarray(vectors_ND)
    if wide.ndim != 2:
        raise InputError(f"the vectors of {what} must be a table of one row each, got shape {wide.shape}")
    most = np.abs(wide).max(axis=1, initial=0).astype(np.float64)
    bad = ~np.isfinite(most) | (most == 0)
    if bad.any():
        raise InputError(f"{int(bad.sum())} vectors of {what} are zero or not finite, first row {int(bad.argmax())}: leave them out")
    scaled = wide / most[:, None]
    return np.asarray(scaled / np.sqrt((scaled * scaled).sum(axis=1, keepdims=True)), np.float32)


def of_vectors(queries_QD: NDArray[np.float32], items_GD: NDArray[np.float32]) -> Block:
    """Cosines of rows of length 1."""
    return lambda some: queries_QD[some] @ items_GD.T


def of_matrix(scores_QG: NDArray[np.floating]) -> Block:
    """Scores that are given; a memory-mapped matrix is read a block at a time."""
    return lambda some: np.asarray(scores_QG[some])
