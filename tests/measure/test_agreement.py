"""Agreement: hand-worked numbers, pairs counted one by one, ties, missing ratings, intervals over images."""

import itertools
import math
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.measure.agreement import (
    STATISTICS,
    agreement,
    compare_agreement,
    kendall_tau_b,
    kendall_tau_c,
    pairwise_accuracy,
    pearson,
    spearman,
)
from diptych.measure.intervals import drawn_weights
from diptych.measure.statistics import two_sided

columns = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=40)


def signs(x: Sequence[float], y: Sequence[float]) -> list[tuple[int, int]]:
    """How each pair of rows is ordered by both columns."""
    return [(int(np.sign(x[i] - x[j])), int(np.sign(y[i] - y[j]))) for i, j in itertools.combinations(range(len(x)), 2)]


def slow_tau_b(x: Sequence[float], y: Sequence[float]) -> float:
    pairs = signs(x, y)
    bottom = math.sqrt(sum(a != 0 for a, _ in pairs)) * math.sqrt(sum(b != 0 for _, b in pairs))
    return sum(a * b for a, b in pairs) / bottom if bottom else math.nan


def slow_tau_c(x: Sequence[float], y: Sequence[float]) -> float:
    m = min(len(set(x)), len(set(y)))
    return 2 * m * sum(a * b for a, b in signs(x, y)) / (len(x) ** 2 * (m - 1)) if m > 1 else math.nan


def slow_accuracy(x: Sequence[float], y: Sequence[float]) -> float:
    ordered = [(a, b) for a, b in signs(x, y) if b]
    return sum(1.0 if a == b else 0.5 if a == 0 else 0.0 for a, b in ordered) / len(ordered) if ordered else math.nan


def slow_spearman(x: Sequence[float], y: Sequence[float]) -> float:
    ranks = [[sum(v < u for v in column) + (sum(v == u for v in column) + 1) / 2 for u in column] for column in (x, y)]
    return pearson(*ranks)


def test_by_hand() -> None:
    # pairs: (1,2) tied in y; (1,3) and (1,4) alike; (2,3) tied in x; (2,4) alike; (3,4) against
    x, y = [1, 2, 2, 3], [1, 1, 3, 2]
    assert kendall_tau_b(x, y) == pytest.approx((3 - 1) / math.sqrt(5 * 5))
    assert kendall_tau_c(x, y) == pytest.approx(2 * 3 * 2 / (16 * 2))
    assert pairwise_accuracy(x, y) == pytest.approx((3 + 0.5) / 5)
    assert pairwise_accuracy(x, y, ties="right") == pytest.approx(3 / 6)
    assert spearman(x, y) == pytest.approx(pearson([1, 2.5, 2.5, 4], [1.5, 1.5, 4, 3]))
    assert pearson([0, 1, 2], [1, 0, 5]) == pytest.approx(4 / math.sqrt(2 * 14))


def test_a_pair_tied_in_both_is_right_only_where_ties_are() -> None:
    assert pairwise_accuracy([1, 1, 2], [3, 3, 4], ties="right") == 1.0
    assert pairwise_accuracy([1, 1, 2], [3, 4, 4]) == pytest.approx(0.75)
    with pytest.raises(InputError, match='"half" or "right"'):
        pairwise_accuracy([1, 2], [1, 2], ties="all")  # type: ignore[arg-type]


@given(columns)
@settings(max_examples=150, deadline=None)
def test_counted_pair_by_pair(rows: list[tuple[int, int]]) -> None:
    x, y = ([float(row[side]) for row in rows] for side in (0, 1))
    for fast, slow in (
        (kendall_tau_b, slow_tau_b),
        (kendall_tau_c, slow_tau_c),
        (pairwise_accuracy, slow_accuracy),
        (spearman, slow_spearman),
    ):
        assert fast(x, y) == pytest.approx(slow(x, y), abs=1e-12, nan_ok=True), fast.__name__


def test_pearson_is_the_product_moment() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=50) + 1e6, rng.normal(size=50)
    assert pearson(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9)


def test_many_rows_are_counted_without_overflow() -> None:
    n = 300_000
    order = np.arange(n, dtype=float)
    assert kendall_tau_b(order, order) == 1.0 and kendall_tau_b(order, -order) == -1.0
    assert kendall_tau_c(order, order) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("statistic", [kendall_tau_b, kendall_tau_c, spearman, pearson, pairwise_accuracy])
def test_undefined_where_one_side_is_constant_or_nothing_is_left(statistic) -> None:
    assert math.isnan(statistic([1, 2, 3], [2, 2, 2]))
    assert math.isnan(statistic([], [])) and math.isnan(statistic([1], [1]))
    assert math.isnan(statistic([1, math.nan], [math.nan, 2]))


def test_missing_scores_and_ratings_are_left_out_and_counted() -> None:
    x, y = [1, math.nan, 3, 2, 5], [1, 2, math.nan, 3, 4]
    assert kendall_tau_b(x, y) == kendall_tau_b([1, 2, 5], [1, 3, 4])
    found = agreement(x, y, by="spearman", how="rule", resamples=50)
    assert found.n == 3 and found.value == spearman([1, 2, 5], [1, 3, 4])
    assert "rule; 2 of 5 rows without score or rating left out" in found.how


@pytest.mark.parametrize("by", list(STATISTICS))
@pytest.mark.parametrize("levels", [4, 1000])
def test_resampled_tables_equal_drawn_rows(by: str, levels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 25, 120)
    x = rng.integers(0, 30, 120).astype(float)
    y = np.round(levels * (x / 40 + rng.normal(size=120)))
    found = agreement(x, y, by=by, images=images.tolist(), resamples=40, seed=3)
    weights = drawn_weights(25, 40, 3)
    _, places = np.unique(images, return_inverse=True)
    drawn = [np.repeat(np.arange(120), row[places]) for row in weights]
    values = [STATISTICS[by][0](x[rows], y[rows]) for rows in drawn]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, (0.025, 0.975))), abs=1e-12)
    assert "bootstrap over 25 images, 40 resamples" in found.how
    monkeypatch.setattr(sys.modules["diptych.measure.agreement"], "_CELLS", 0)  # rows drawn one by one
    other = agreement(x, y, by=by, images=images.tolist(), resamples=40, seed=3)
    assert (other.low, other.high) == pytest.approx((found.low, found.high), abs=1e-12)


def test_rows_of_one_image_are_drawn_together() -> None:
    x = np.repeat(np.arange(6.0), 40)
    y = np.repeat([1.0, 3.0, 2.0, 2.0, 4.0, 3.0], 40)
    together = agreement(x, y, images=np.repeat(np.arange(6), 40).tolist(), resamples=500)
    alone = agreement(x, y, resamples=500)
    assert together.value == alone.value and "rows" in alone.how
    assert together.high - together.low > 4 * (alone.high - alone.low)


def test_the_difference_of_two_metrics_is_paired() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(1, 5, 200).astype(float)
    good, bad = truth + rng.normal(size=200), truth + 3 * rng.normal(size=200)
    images = (np.arange(200) // 4).tolist()
    found = compare_agreement(good, bad, truth, images=images, names=("good", "bad"), resamples=300)
    assert found.difference.value == pytest.approx(kendall_tau_c(good, truth) - kendall_tau_c(bad, truth))
    assert found.difference.low < found.difference.value < found.difference.high and found.won == 1.0
    assert found.resamples == 300 and two_sided(found) == 1 / 300  # never surer than the resamples allow
    same = compare_agreement(good, good, truth, images=images, resamples=300)
    assert (same.difference.low, same.difference.high, same.won) == (0.0, 0.0, 0.5)
    bad[3] = math.nan
    less = compare_agreement(good, bad, truth, images=images, resamples=0)
    assert less.n == 199 and math.isnan(less.won) and "1 of 200 rows" in less.how


def test_one_image_has_no_interval_and_nonsense_is_refused() -> None:
    assert math.isnan(agreement([1, 2, 3], [1, 2, 3], images=["a"] * 3).low)
    with pytest.raises(InputError, match="kendall_tau_b, kendall_tau_c, spearman"):
        agreement([1, 2], [1, 2], by="kappa")
    with pytest.raises(InputError, match="same rows, got 2 and 3"):
        kendall_tau_b([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match="one entry a row"):
        agreement([1, 2], [1, 2], images=["a"])
    with pytest.raises(InputError, match="finite"):
        spearman([1, math.inf], [1, 2])
    with pytest.raises(InputError, match=r"shape \(1, 2\)"):
        pearson([[1, 2]], [1, 2])
