import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.measure.intervals import (
    bootstrap,
    drawn_weights,
    f1,
    mean,
    one_minus_ratio,
    paired,
    ratio,
    resampled_sums,
    resamples_for,
    t_interval,
    t_quantile,
)


def test_a_ratio_divides_sums_and_not_the_mean_of_ratios():
    result = bootstrap([[1, 1], [1, 9]], ratio, name="precision")
    assert result.value == pytest.approx(2 / 10)  # the mean of 1/1 and 1/9 would be .556
    assert (result.n, result.name, result.better) == (2, "precision", "higher")


def test_every_resample_of_two_rows_is_one_of_four():
    # rows (1/1) and (1/9): both twice, or one of each: ratios 1, 1/9, .2, the extremes a quarter each
    result = bootstrap([[1, 1], [1, 9]], ratio, name="precision")
    assert (result.low, result.high) == (pytest.approx(1 / 9), pytest.approx(1.0))


def test_f1_by_hand():
    # precision 6/8, recall 3/6: 2 * .75 * .5 / 1.25
    assert f1(np.array([6.0, 8.0, 3.0, 6.0])) == pytest.approx(0.6)
    assert f1(np.array([0.0, 0.0, 0.0, 6.0])) == 0.0  # nothing stated
    assert f1(np.array([0.0, 4.0, 0.0, 6.0])) == 0.0  # nothing right
    assert math.isnan(f1(np.array([0.0, 4.0, 0.0, 0.0])))  # nothing to recall
    assert one_minus_ratio(np.array([3.0, 4.0])) == 0.25


def test_equals_a_slow_bootstrap():
    rng = np.random.default_rng(1)
    table = np.stack((rng.integers(0, 5, 60), rng.integers(5, 9, 60), rng.integers(0, 4, 60), rng.integers(4, 9, 60)), 1).astype(float)
    slow = []
    for _ in range(4000):
        rows = [table[i] for i in rng.integers(0, 60, 60)]
        true, stated, covered, facts = (sum(row[k] for row in rows) for k in range(4))
        slow.append(2 * (true / stated) * (covered / facts) / (true / stated + covered / facts))
    fast = bootstrap(table, f1, name="f1")
    assert fast.low == pytest.approx(np.quantile(slow, 0.025), abs=0.004)
    assert fast.high == pytest.approx(np.quantile(slow, 0.975), abs=0.004)


def test_the_interval_covers_the_true_mean_about_95_times_in_100():
    hits = 0
    for trial in range(400):
        values = np.random.default_rng(trial).exponential(1.0, 80)
        result = mean(values, name="mean", resamples=1000)
        hits += result.low <= 1.0 <= result.high
    assert 0.90 <= hits / 400 <= 0.97  # percentile intervals of skewed values are a little short


def test_the_interval_covers_a_true_ratio():
    hits = 0
    for trial in range(400):
        rng = np.random.default_rng(trial)
        stated = rng.integers(1, 8, 100)
        result = bootstrap(np.stack((rng.binomial(stated, 0.7), stated), 1), ratio, name="precision", resamples=1000)
        hits += result.low <= 0.7 <= result.high
    assert 0.92 <= hits / 400 <= 0.98


def test_the_same_seed_gives_the_same_interval_and_another_does_not():
    table = np.random.default_rng(0).random((50, 2))
    assert bootstrap(table, name="x") == bootstrap(table, name="x")
    assert bootstrap(table, name="x").low != bootstrap(table, name="x", seed=1).low


def test_many_rows_take_the_path_without_a_table_and_agree():
    rng = np.random.default_rng(0)
    values = rng.normal(0.0, 1.0, 30_000)
    result = mean(values, name="x", resamples=1500)
    assert (result.high - result.low) / 2 == pytest.approx(1.96 * values.std() / math.sqrt(30_000), rel=0.1)
    assert (resamples_for(30_000, 10_000), resamples_for(10**9, 10_000), resamples_for(10**9, 500)) == (1666, 1000, 500)


@pytest.mark.parametrize(
    ("rows", "n", "why"),
    [([], 0, "no rows"), (np.zeros((0, 4)), 0, "no rows"), ([[0, 0], [0, 0]], 2, "divides by 0")],
)
def test_nothing_to_measure_is_nan_and_says_why(rows, n, why):
    result = bootstrap(rows, ratio, name="x")
    assert math.isnan(result.value) and math.isnan(result.low) and math.isnan(result.high)
    assert result.n == n and why in result.how


def test_one_row_has_a_value_and_no_interval():
    result = mean([0.5], name="x")
    assert result.value == 0.5 and math.isnan(result.low) and "one row" in result.how


def test_resamples_without_a_denominator_are_left_out():
    result = bootstrap([[1, 1], [0, 0], [0, 0]], ratio, name="x")  # 8 of 27 resamples draw no statement
    assert (result.value, result.low, result.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("rows", [[1.0, 2.0], [[math.nan, 1.0]], [[math.inf, 1.0]], np.ones((2, 2, 2))])
def test_rows_that_are_no_finite_table_are_refused(rows):
    with pytest.raises(InputError, match="finite table"):
        bootstrap(rows, name="x")


def test_a_paired_difference_is_narrower_than_two_intervals():
    rng = np.random.default_rng(3)
    base = rng.integers(0, 10, 200).astype(float)
    ours = np.stack((base + (rng.random(200) < 0.3), np.full(200, 10.0)), 1)
    theirs = np.stack((base, np.full(200, 10.0)), 1)
    apart = paired(ours, theirs, names=("a", "b"))
    assert apart.difference.value == pytest.approx((ours[:, 0].sum() - base.sum()) / 2000)
    assert 0 < apart.difference.low < apart.difference.value < apart.difference.high
    alone = bootstrap(theirs, name="x")
    assert apart.difference.high - apart.difference.low < (alone.high - alone.low) / 2
    assert (apart.won, apart.n, apart.difference.method) == (1.0, 200, "a")
    assert paired(ours, theirs, better="lower").won == 0.0


def test_the_same_system_wins_half():
    table = np.random.default_rng(0).random((20, 2))
    apart = paired(table, table)
    assert (apart.difference.value, apart.difference.low, apart.difference.high, apart.won) == (0.0, 0.0, 0.0, 0.5)


def test_paired_systems_need_the_same_rows():
    with pytest.raises(InputError, match="same rows, got 2 and 1"):
        paired([[1, 1], [1, 1]], [[1, 1]])


def test_paired_without_rows_is_nan():
    empty = paired([], [])
    assert math.isnan(empty.difference.value) and empty.n == 0 and "no rows" in empty.how
    assert math.isnan(paired([[1, 0], [1, 0]], [[1, 1], [1, 1]]).won)


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (10, 2.2281), (30, 2.0423), (1000, 1.9623)]
)
def test_quantiles_of_student(freedom, expected):
    assert t_quantile(0.975, freedom) == pytest.approx(expected, abs=1e-4)


def test_t_interval_by_hand():
    # mean .15, deviation .05, n 3: half width 4.3027 * .05 / sqrt 3
    result = t_interval([0.1, 0.2, 0.15], name="difference")
    assert result.value == pytest.approx(0.15)
    assert result.high - result.value == pytest.approx(4.3027 * 0.05 / math.sqrt(3), abs=1e-5)
    assert result.n == 3 and "3 seeds" in result.how


def test_too_few_seeds_have_no_interval():
    assert math.isnan(t_interval([], name="x").value)
    assert t_interval([0.2], name="x").value == 0.2 and math.isnan(t_interval([0.2], name="x").low)
    assert "without a value" in t_interval([0.2, math.nan], name="x").how


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_value_lies_within_what_rows_allow(rows):
    table = [(min(a, b), b) for a, b in rows]
    result = bootstrap(table, ratio, name="x", resamples=200)
    if not math.isnan(result.value):
        assert 0.0 <= result.low <= result.high <= 1.0


def test_a_second_metric_on_the_same_rows_draws_nothing_anew():
    table = np.random.default_rng(0).integers(0, 9, (700, 4))
    bootstrap(table, f1, name="x")
    before = drawn_weights.cache_info()
    bootstrap(table[:, :2], ratio, name="y")
    after = drawn_weights.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 0)


def test_sums_piece_by_piece_are_the_plain_product():
    rng = np.random.default_rng(0)
    table = rng.integers(0, 99, (4321, 7)).astype(float)  # whole numbers: any order of adding gives the same sums
    assert np.array_equal(resampled_sums(table, 53, 4), drawn_weights(4321, 53, 4).astype(float) @ table)
