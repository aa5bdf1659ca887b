"""Rankings against sets of what is relevant: recall among the first k, and normalised discounted cumulative gain.

Shapes: N queries, C things ranked.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import RESAMPLES, mean


def recall_at(
    ranked_NC: NDArray[np.int64], relevant: Sequence[Collection[int]], k: int = 8, *, how: str = "", resamples: int = RESAMPLES
) -> Result:  # fmt: skip
    """Mean over queries of the share of relevant things among the first k, out of as many as could be there (at most k)."""
    rows = _rows(ranked_NC, relevant)
    values = [len({*first[:k].tolist()} & {*right}) / min(k, len({*right})) for first, right in rows]
    return mean(values, name=f"recall_{k}", how=how or f"relevant among the first {k}", resamples=resamples)


def ndcg(ranked_NC: NDArray[np.int64], relevant: Sequence[Collection[int]], *, how: str = "", resamples: int = RESAMPLES) -> Result:
    """Mean over queries of sum 1 / log2(1 + rank) over relevant things, over the greatest it can be (Jarvelin and Kekalainen, 2002)."""
    values = [_gain(np.isin(first, list(right))) / _gain(np.ones(len({*right}))) for first, right in _rows(ranked_NC, relevant)]
    return mean(values, name="ndcg", how=how or "binary gains over the whole ranking", resamples=resamples)


def _gain(right_C: NDArray[np.generic]) -> float:
    return float((right_C / np.log2(np.arange(2, len(right_C) + 2))).sum())


def _rows(ranked_NC: NDArray[np.int64], relevant: Sequence[Collection[int]]) -> list[tuple[NDArray[np.int64], Collection[int]]]:
    if len(ranked_NC) != len(relevant):
        raise InputError(f"each of the {len(ranked_NC)} rankings needs what is relevant to it, got {len(relevant)}")
    # where nothing is relevant there is nothing to find
    return [(first, right) for first, right in zip(ranked_NC, relevant, strict=True) if right]
