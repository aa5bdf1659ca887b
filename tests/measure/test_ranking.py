"""Rankings by hand and against a slow reference."""

from math import log2

import numpy as np
import pytest

from diptych.data.errors import InputError
from diptych.measure.ranking import ndcg, recall_at


def test_recall_by_hand():
    ranked = np.array([[3, 1, 0, 2], [0, 1, 2, 3]])
    assert recall_at(ranked, [{3, 0}, {3}], 2, resamples=0).value == pytest.approx((1 / 2 + 0) / 2)
    # more relevant things than places: all places right is all that can be
    assert recall_at(ranked, [{3, 1, 0}, {0, 1, 2, 3}], 2, resamples=0).value == 1
    # a row without anything relevant has nothing to find
    assert recall_at(ranked, [{3}, set()], 1, resamples=0).value == 1


def test_ndcg_against_a_slow_reference():
    rng = np.random.default_rng(0)
    ranked = np.stack([rng.permutation(9) for _ in range(20)])
    right = [set(rng.permutation(9)[: rng.integers(1, 6)].tolist()) for _ in range(20)]
    values = []
    for row, relevant in zip(ranked, right, strict=True):
        gain = sum(1 / log2(place + 2) for place, thing in enumerate(row) if thing in relevant)
        values.append(gain / sum(1 / log2(place + 2) for place in range(len(relevant))))
    assert ndcg(ranked, right, resamples=0).value == pytest.approx(np.mean(values))
    assert ndcg(np.array([[2, 0, 1]]), [[2]], resamples=0).value == 1
    assert ndcg(np.array([[2, 0, 1]]), [[0]], resamples=0).value == pytest.approx(1 / log2(3))


def test_every_ranking_needs_its_own():
    with pytest.raises(InputError, match="2 rankings"):
        ndcg(np.array([[0, 1], [1, 0]]), [{0}])
