"""METEOR from counts: weighted precision and recall over content and function words, and the penalty for scattered matches.

Denkowski and Lavie, 2014; parameters of the ranking task for English. Sums run in the 1.5 program's order.
"""

from decimal import Context, Decimal
from functools import lru_cache
from math import nextafter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.measure.meteor_match import CHUNKS, MATCHED

Array = NDArray[np.float64]
ALPHA, BETA, GAMMA, DELTA = 0.85, 0.2, 0.6, 0.75
WEIGHTS = (1.0, 0.6, 0.8, 0.6)  # of the matchers
COLUMNS = 6
_EXACTLY = Context(prec=40)
# (chunks, words matched on both sides) where Java's power is not the nearest number but the one below or above; OpenJDK 17 on x86-64,
# all up to 600 words: `scripts/meteor_reference.py powers` finds them
_ABOVE = frozenset(((55, 117), (60, 269), (148, 349), (173, 369), (14, 405), (134, 439), (151, 502), (157, 507), (227, 562), (250, 579),
                    (149, 599), (185, 599)))  # fmt: skip
_BELOW = frozenset(((22, 131), (37, 193), (50, 203), (113, 290), (71, 402), (43, 513), (115, 523), (57, 538), (216, 539), (27, 550),
                    (119, 570), (234, 577), (59, 581), (43, 589)))  # fmt: skip


def summed(counts_N: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Counts of several pairs as one; a pair whose texts match whole, in one piece, adds no chunk. Shape (STATISTICS,)."""
    counts = counts_N.astype(np.int64)
    counts[_whole(counts), CHUNKS] = 0
    total: NDArray[np.int64] = counts.sum(axis=0)
    return total


def _whole(counts_N: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Pairs in which every word of both texts lies in one chunk."""
    both: NDArray[np.bool_] = (counts_N[:, :2] == counts_N[:, MATCHED:]).all(axis=1) & (counts_N[:, CHUNKS] == 1)
    return both


def columns(counts_N: NDArray[np.integer[Any]]) -> Array:
    """What `from_columns` needs, as sums over pairs: weighted words matched and said, weighted words matched and known, chunks, matches."""
    counts = counts_N.astype(float)
    chunks = np.where(_whole(counts_N), 0.0, counts[:, CHUNKS])
    sides = [part for side in (0, 1) for part in (_matched(counts, side), _weighted(counts, side))]
    return np.stack((*sides, chunks, counts[:, MATCHED:].sum(axis=1) / 2), axis=1)


def from_columns(sums_K: Array) -> Array:
    """METEOR of summed columns, shape (..., COLUMNS) to (...); without a match 0."""
    matched_said, said, matched_known, known, chunks, matches = np.moveaxis(sums_K, -1, 0)
    some = (matched_said > 0) & (matched_known > 0)
    precision = np.divide(matched_said, said, out=np.ones_like(said), where=some)
    recall = np.divide(matched_known, known, out=np.ones_like(known), where=some)
    scattered = np.divide(chunks, matches, out=np.zeros_like(chunks), where=some)
    return np.where(some, (1 - GAMMA * scattered**BETA) / ((1 - ALPHA) / precision + ALPHA / recall), 0.0)


def values(counts_N: NDArray[np.integer[Any]]) -> Array:
    """METEOR of each pair, shape (N,), to the last bit."""
    counts = counts_N.astype(float)
    matched = [_matched(counts, side) for side in (0, 1)]
    some = (matched[0] > 0) & (matched[1] > 0)
    precision, recall = (np.divide(matched[side], _weighted(counts, side), out=np.ones(len(counts)), where=some) for side in (0, 1))
    mean = 1.0 / ((1 - ALPHA) / precision + ALPHA / recall)
    return np.where(some, mean * (1 - GAMMA * _powers(counts_N)), 0.0)


def _matched(counts: Array, side: int) -> Array:
    total = np.zeros(len(counts))
    for first, share in ((4, DELTA), (6, 1 - DELTA)):
        for matcher, weight in enumerate(WEIGHTS):
            total = total + weight * counts[:, first + 4 * matcher + side] * share
    return total


def _weighted(counts: Array, side: int) -> Array:
    function = counts[:, 2 + side]
    return DELTA * (counts[:, side] - function) + (1 - DELTA) * function


def _powers(counts_N: NDArray[np.integer[Any]]) -> Array:
    """Chunks over mean matches, to the power of beta; each distinct pair of numbers once."""
    chunks = np.where(_whole(counts_N), 0, counts_N[:, CHUNKS]).astype(np.int64)
    keys, back = np.unique((chunks << 32) | counts_N[:, MATCHED:].sum(axis=1), return_inverse=True)
    return np.array([power(key >> 32, key & 0xFFFFFFFF) for key in keys.tolist()], float)[back]


@lru_cache(1 << 16)
def power(chunks: int, matches: int) -> float:
    """(2 chunks / matches) to the power of beta as Java has it: the nearest number, whatever this machine's library gives, but for some."""
    if not chunks or not matches:
        return 0.0
    nearest = nearest_power(chunks / (matches / 2))
    if (chunks, matches) in _ABOVE:
        return nextafter(nearest, 2.0)
    return nextafter(nearest, 0.0) if (chunks, matches) in _BELOW else nearest


def nearest_power(share: float) -> float:
    """A number to the power of beta, rounded once."""
    return float(_EXACTLY.exp(_EXACTLY.multiply(_EXACTLY.ln(Decimal(share)), Decimal(BETA))))


def best_of(values_R: ArrayLike, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each image the place of its best reference, the first of equals; image n has places `starts[n]` up to `starts[n + 1]`."""
    scores = np.asarray(values_R, float)
    top = np.maximum.reduceat(scores, starts[:-1]) if len(starts) > 1 else scores[:0]
    at = np.flatnonzero(scores == np.repeat(top, np.diff(starts)))
    first: NDArray[np.int64] = at[np.searchsorted(at, starts[:-1])]
    return first
