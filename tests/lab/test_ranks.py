"""Agreement over resamples against the plain functions of `measure.agreement`, row by row."""

import numpy as np
import pytest

from diptych.lab.ranks import pearson, ranks, spearman, tau_b, told_apart
from diptych.measure.agreement import kendall_tau_b
from diptych.measure.agreement import pearson as plain_pearson
from diptych.measure.agreement import spearman as plain_spearman


def test_rows_equal_the_plain_functions():
    rng = np.random.default_rng(1)
    ours, truth = rng.integers(0, 6, (40, 9)).astype(float), rng.integers(0, 4, (40, 9)).astype(float)
    for fast, plain in ((tau_b, kendall_tau_b), (spearman, plain_spearman), (pearson, plain_pearson)):
        assert fast(ours, truth) == pytest.approx([plain(a, b) for a, b in zip(ours, truth, strict=True)])


def test_by_hand():
    """1 2 3 against 1 3 2: two pairs of three in order, one not: 1/3. 1 1 2 against 1 2 3: two in order of sqrt(2 * 3)."""
    assert tau_b(np.array([[1.0, 2, 3], [1, 1, 2]]), np.array([[1.0, 3, 2], [1, 2, 3]])) == pytest.approx([1 / 3, 2 / 6**0.5])
    assert ranks(np.array([[5.0, 1, 5, 0]])).tolist() == [[2.5, 1, 2.5, 0]]


def test_a_metric_that_tells_none_apart_agrees_with_nothing_and_a_truth_that_does_asks_nothing():
    flat, up = np.zeros((1, 4)), np.arange(4.0)[None]
    assert tau_b(flat, up) == [0.0]
    assert np.isnan(tau_b(up, flat))[0]


def test_values_that_are_undefined_order_no_pair():
    """Of the three pairs one has both values, and it is right: 1 / sqrt(1 * 3)."""
    assert tau_b(np.array([[1.0, 2, np.nan]]), np.array([[1.0, 2, 3]])) == pytest.approx([1 / 3**0.5])


def test_pairs_are_told_apart_where_nearly_all_resamples_agree():
    rng = np.random.default_rng(2)
    ours = np.array([0.0, 0.01, 1.0]) + rng.normal(0, 0.1, (2000, 3))
    assert told_apart(ours, np.array([1.0, 2.0, 3.0])) == pytest.approx(2 / 3)
    assert told_apart(-ours, np.array([1.0, 2.0, 3.0])) == 0.0
