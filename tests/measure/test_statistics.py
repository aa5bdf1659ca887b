"""Several systems and several seeds: all pairs, Holm by hand, resampling of seeds and images against a plain loop."""

import json
import math

import numpy as np
import pytest
from rich.console import Console

from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.measure.intervals import RESAMPLES, drawn_weights, one_minus_ratio, paired
from diptych.measure.scores import Scored, scored
from diptych.measure.statistics import Compared, compare_all, compare_over_seeds, holm, over_seeds, two_sided
from diptych.measure.table import comparison_json, comparison_table, told_p


def system(values: list[float], name: str = "m", ids: str = "abcdefghij") -> Scored:
    return scored(name, list(ids)[: len(values)], values, resamples=0)


def runs(number: int, shift: float = 0.0, spread: float = 0.0) -> list[Scored]:
    """Runs on the same ten images; seeds differ by `spread` in all images alike."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=10)
    return [system((images + shift + spread * (seed - (number - 1) / 2)).tolist()) for seed in range(number)]


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])  # 3 x .01; 2 x .03; no less for .04
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == [] and math.isnan(holm([math.nan, 0.2])[0]) and holm([math.nan, 0.2])[1] == 0.2


def test_every_pair_is_compared_once_later_minus_earlier() -> None:
    flat, up, noise = [0.0] * 10, [1.0] * 10, [0.1, -0.1] * 5
    found = compare_all({"flat": system(flat), "up": system(up), "noise": system(noise)})
    names = [(one.pair.difference.method, one.pair.difference.baseline) for one in found]
    assert names == [("up", "flat"), ("noise", "flat"), ("noise", "up")]
    assert [round(one.pair.difference.value, 6) for one in found] == [1.0, 0.0, -1.0]
    assert [one.p for one in found] == pytest.approx([1 / RESAMPLES, two_sided(found[1].pair), 1 / RESAMPLES]) and found[1].p > 0.5
    assert found[0].p_holm == pytest.approx(3 / RESAMPLES)
    with pytest.raises(InputError, match="at least two systems, got 1"):
        compare_all({"flat": system(flat)})


def test_one_image_has_no_p() -> None:
    found = compare_all({"a": system([1.0]), "b": system([2.0])})
    assert math.isnan(found[0].p) and math.isnan(found[0].p_holm)
    assert comparison_json(found)[0]["p"] is None


def test_comparisons_to_json_and_to_a_table() -> None:
    found = compare_all({"low": system([0.0] * 10), "high": system([1.0] * 10)})
    row = json.loads(json.dumps(comparison_json(found)))[0]
    assert (row["method"], row["baseline"], row["value"], row["won"], row["n"], row["better"]) == ("high", "low", 1.0, 1.0, 10, "higher")
    screen = Console(width=100, record=True)
    screen.print(comparison_table(found, title="systems"))
    assert "high - low ↑" in (text := screen.export_text()) and "1.000 [1.000, 1.000]" in text and "0.0001" in text


def test_one_seed_is_the_bootstrap_over_images() -> None:
    one = runs(1)
    found, plain = over_seeds(one), scored("m", one[0].ids, one[0].values_N)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.result.low, plain.result.high))
    assert "one seed" in found.how


def test_seeds_and_images_against_a_plain_loop() -> None:
    three = runs(3, spread=0.4)
    found = over_seeds(three, seed=5, resamples=60)
    weights = drawn_weights(10, 60, 5)
    seeds = generator("seeds", 5, 3).multinomial(3, np.full(3, 1 / 3), 60)
    values = []
    for w, s in zip(weights, seeds, strict=True):
        each = [sum(a * v for a, v in zip(w, run.values_N, strict=True)) / 10 for run in three]
        middle = sum(each) / 3
        values.append(middle + math.sqrt(3 / 2) * (sum(a * v for a, v in zip(s, each, strict=True)) / 3 - middle))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, (0.025, 0.975))))
    assert found.value == pytest.approx(np.mean([run.value for run in three])) and found.n == 10


def test_seeds_that_differ_widen_the_interval() -> None:
    alike, apart = over_seeds(runs(4)), over_seeds(runs(4, spread=2.0))
    assert apart.high - apart.low > 1.5 * (alike.high - alike.low)


def test_two_systems_are_paired_over_seeds_and_images() -> None:
    found = compare_over_seeds(runs(3, shift=0.5, spread=1.0), runs(3, spread=1.0), ("ours", "theirs"))
    # what images and seeds share falls away
    assert (found.difference.value, found.difference.low, found.difference.high) == pytest.approx((0.5, 0.5, 0.5))
    assert found.won == 1.0 and found.difference.method == "ours"


def test_runs_are_put_in_line_by_id_and_others_refused() -> None:
    turned = scored("m", list("jihgfedcba"), list(range(9, -1, -1)), resamples=0)
    assert over_seeds([system([float(i) for i in range(10)]), turned], resamples=0).value == 4.5
    with pytest.raises(InputError, match="same images"):
        over_seeds([system([1.0, 2.0]), system([1.0, 2.0, 3.0])])
    with pytest.raises(InputError, match="one metric"):
        over_seeds([system([1.0]), system([1.0], "other")])
    with pytest.raises(InputError, match="same seeds, got 2 and 1"):
        compare_over_seeds(runs(2), runs(1))
    with pytest.raises(InputError, match="at least one run"):
        over_seeds([])


def test_lower_may_be_better() -> None:
    columns = [[1.0, 2.0], [1.0, 2.0]]
    runs_ = [scored("errors", "ab", [0.5, 0.5], columns, one_minus_ratio, better="lower", resamples=0)]
    worse = [scored("errors", "ab", [1.0, 1.0], [[0.0, 2.0]] * 2, one_minus_ratio, better="lower", resamples=0)]
    found = compare_over_seeds(runs_, worse)
    assert found.difference.value == -0.5 and found.won == 1.0 and found.better == "lower"
    assert isinstance(compare_all({"a": runs_[0], "b": worse[0]})[0], Compared)


def test_p_is_told_as_a_bound_where_no_resample_lies_beyond() -> None:
    pair = paired(np.ones((9, 2)), np.array([[0.0, 1.0]] * 9), resamples=50)
    assert two_sided(pair) == 0.02
    assert told_p(Compared(pair, 0.02, 0.06), holm=True) == "< 0.06" and told_p(Compared(pair, 0.02, 0.06)) == "< 0.02"
    assert told_p(Compared(pair, 0.0412, 0.0824), holm=True) == "0.082" and told_p(Compared(pair, math.nan, math.nan)) == "-"
