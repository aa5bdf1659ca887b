"""Zero-shot, linear probe, kNN, counting, modality gap, held-out pairs, retrieval's ceiling: hand-worked numbers."""

import math

import numpy as np
import pytest

from diptych.data.errors import InputError
from diptych.measure.counting import counting_of
from diptych.measure.held_out import candidates_right, held_out_of
from diptych.measure.knn import knn_of, neighbours
from diptych.measure.lbfgs import minimise
from diptych.measure.linear_probe import fit_probe, linear_probe_of
from diptych.measure.modality_gap import modality_gap_of
from diptych.measure.retrieval import retrieval_of
from diptych.measure.retrieval_ceiling import ceiling_of, normalised, retrieval_true_of
from diptych.measure.zero_shot import class_vectors, zero_shot_of


def test_prompts_are_normalised_before_their_mean() -> None:
    found = class_vectors({"a": [[2.0, 0.0], [0.0, 1.0]], "b": [[0.0, 3.0]]})
    assert found == pytest.approx(np.array([[math.sqrt(0.5), math.sqrt(0.5)], [0, 1]]), abs=1e-6)  # not pulled towards the longer


def test_zero_shot_by_hand() -> None:
    prompts = {"a": [[1.0, 0.0, 0.0]], "b": [[0.0, 1.0, 0.0]], "c": [[0.0, 0.0, 1.0]]}
    images = [[3.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 1.0, 2.0], [1.0, 0.0, 1.0]]
    top1, top2, per_class = zero_shot_of(images, prompts, ["a", "a", {"b", "c"}, "c"], ks=(1, 2))
    assert top1.values_N.tolist() == [1, 0, 1, 0]  # the last ties, and a tie is the wrong one's
    assert top2.values_N.tolist() == [1, 1, 1, 1]
    assert per_class.value == pytest.approx((1 / 2 + 1 / 1 + 1 / 2) / 3)  # a: 1 of 2; b: 1 of 1; c: 1 of 2
    with pytest.raises(InputError, match="no prompt for the class 'd'"):
        zero_shot_of(images, prompts, ["a", "a", "a", "d"])
    with pytest.raises(InputError, match="needs the class it is of"):
        zero_shot_of(images, prompts, ["a", "a", "a"])
    with pytest.raises(InputError, match="k must be 1 or more, got"):
        zero_shot_of(images, prompts, ["a", "a", "a", "c"], ks=(0, 1))
    assert [one.name for one in zero_shot_of(images, prompts, ["a", "a", "a", "c"])] == ["zero_shot_top_1", "zero_shot_mean_class"]


def test_l_bfgs_finds_the_minimum_of_a_quadratic() -> None:
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    at, value, _ = minimise(lambda x: (float(x @ matrix @ x / 2 - x.sum()), matrix @ x - 1), np.array([5.0, -7.0]), tolerance=1e-10)
    assert at == pytest.approx(np.linalg.solve(matrix, np.ones(2)), abs=1e-9) and value == pytest.approx(-0.3)


def test_the_probe_is_the_minimum_of_its_objective() -> None:
    # two rows, standardised to -1 and 1: w for class b minus a is 2 v, and 4 sigma(-2v) = 2 penalty v
    probe = fit_probe([[0.0], [4.0]], ["a", "b"], penalty=0.5)
    (low, high) = probe.weights_FC[0]
    assert low == pytest.approx(-high)
    assert 1 / (1 + math.exp(2 * high)) == pytest.approx(0.5 * high, abs=1e-5)  # the slope is 0 there
    assert probe.classify([[-1.0], [9.0]]) == ["a", "b"]


def test_a_probe_finds_what_is_linear_and_not_what_is_not() -> None:
    rng = np.random.default_rng(0)
    learn, test = rng.normal(size=(400, 6)), rng.normal(size=(200, 6))
    line = [list(np.where(x[:, 0] + x[:, 1] > 0, "up", "down")) for x in (learn, test)]
    twist = [list(np.where(x[:, 0] * x[:, 1] > 0, "up", "down")) for x in (learn, test)]
    found, per_class = linear_probe_of((learn, line[0]), (test, line[1]), how="test")
    assert found.value > 0.95 and per_class.name == "linear_probe_mean_class" and "400 rows learnt, 2 classes" in found.result.how
    assert linear_probe_of((learn, twist[0]), (test, twist[1]))[0].value < 0.65
    again, _ = linear_probe_of((learn, line[0]), (test, line[1]))
    assert again.values_N.tolist() == found.values_N.tolist()


def test_a_constant_feature_and_bad_rows() -> None:
    assert fit_probe([[0.0, 7.0], [1.0, 7.0]], [0, 1]).weights_FC[1] == pytest.approx(0)
    with pytest.raises(InputError, match="two classes"):
        fit_probe([[0.0], [1.0]], [1, 1])
    with pytest.raises(InputError, match="finite features"):
        fit_probe([[0.0], [math.nan]], [0, 1])


def test_neighbours_by_hand() -> None:
    known = [[1.0, 0.0], [0.8, 0.6], [0.6, 0.8], [0.0, 1.0]], ["a", "b", "b", "b"]
    assert neighbours(known, [[1.0, 0.1]], k=1) == ["a"]
    assert neighbours(known, [[1.0, 0.1]], k=3, temperature=None) == ["b"]  # two votes against one
    assert neighbours(known, [[1.0, 0.1]], k=3) == ["a"]  # the nearest weighs more
    found, _ = knn_of(known, ([[1.0, 0.0], [0.0, 2.0]], ["a", "a"]), k=1)
    assert found.name == "knn_1" and found.values_N.tolist() == [1, 0]
    with pytest.raises(InputError, match=r"k must lie in \[1, 4\]"):
        neighbours(known, [[1.0, 0.0]], k=5)


def test_counting_by_hand() -> None:
    scores = [[0.9, 0.1, 0.0], [0.2, 0.3, 0.4], [0.5, 0.5, 0.5], [0.0, 0.1, 0.9]]
    found = counting_of(scores, (2, 3, 4), [2, 3, 2, 4])
    assert found.accuracy.values_N.tolist() == [1, 0, 0, 1] and found.deviation.values_N.tolist() == [0, 1, 2, 0]  # a tie is no answer
    assert (found.accuracy.value, found.deviation.value, found.deviation.result.better) == (0.5, 0.75, "lower")
    assert {number: one.value for number, one in found.recall.items()} == {2: 0.5, 3: 0.0, 4: 1.0}
    assert found.confusion_KK.tolist() == [[1, 0, 1], [0, 0, 1], [0, 0, 1]]
    with pytest.raises(InputError, match="a picture shows 5 things"):
        counting_of(scores, (2, 3, 4), [2, 3, 2, 5])
    with pytest.raises(InputError, match="numbers all different"):
        counting_of(np.zeros((0, 0)), (), [])


def test_one_number_for_all_is_seen_in_the_recalls() -> None:
    found = counting_of(np.tile([0.0, 1.0], (4, 1)), (2, 3), [2, 2, 3, 3])
    assert found.accuracy.value == 0.5 and [one.value for one in found.recall.values()] == [0, 1]


def test_the_gap_by_hand() -> None:
    # two pictures at 1 and i, their texts at -1 and i: means (.5, .5) and (-.5, .5)
    gap, share, paired, others, separable = modality_gap_of([[1.0, 0.0], [0.0, 2.0]], [[-3.0, 0.0], [0.0, 1.0]])
    assert gap.value == pytest.approx(1.0) and paired.value == pytest.approx(0.0) and others.value == pytest.approx(0.0)
    assert share.value == pytest.approx(0.5) and separable.value == pytest.approx(0.5)  # those at i lie on the plane
    none = modality_gap_of([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
    assert none[0].value == pytest.approx(0) and none[2].value == pytest.approx(1)


def test_a_shift_moves_the_gap_alone() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=(50, 8))
    near, far = (modality_gap_of(base + shift, base - shift) for shift in (np.eye(8)[0] * 0.2, np.eye(8)[0] * 5))
    assert near[0].value < far[0].value and near[4].value < far[4].value == 1.0 and far[1].value > 0.85 and near[1].value < 0.1


def test_held_out_by_hand() -> None:
    seen, unseen, harmonic, gap = held_out_of([1, 1, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1])
    assert (seen.value, unseen.value) == (0.75, 0.5)
    assert harmonic.value == pytest.approx(0.6) and gap.value == pytest.approx(0.25) and gap.result.better == "lower"
    assert seen.result.n == 6 and np.isnan(seen.values_N[4:]).all()
    with pytest.raises(InputError, match="rows of both sides"):
        held_out_of([1, 0], [0, 0])
    assert candidates_right([[2, 1, 0], [1, 1, 0]], [[1, 0, 0], [1, 0, 0]]).tolist() == [1.0, 0.5]


def test_the_ceiling_by_hand() -> None:
    # texts 0 and 1 are true of images 0 and 1, text 2 of image 2 alone
    true = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    captions = {"x": ("a cup",), "y": ("a red cup",), "z": ("a dog",)}
    ceiling = {one.name: one for one in ceiling_of(true, captions, ks=(1, 2))}
    assert ceiling["t2i_recall_1"].value == pytest.approx((0.5 + 0.5 + 1) / 3) and ceiling["t2i_recall_2"].value == 1
    model = np.array([[0.2, 0.9, 0.0], [0.8, 0.3, 0.0], [0.1, 0.0, 0.7]])  # takes the twin
    plain = {one.name: one for one in retrieval_of(model, captions, ks=(1,))}
    right = {one.name: one for one in retrieval_true_of(model, true, captions, ks=(1,))}
    assert plain["t2i_recall_1"].value == pytest.approx(1 / 3) and right["t2i_recall_1"].value == 1
    assert normalised(plain["t2i_recall_1"], ceiling["t2i_recall_1"]).value == pytest.approx(0.5)
    assert "2 of 6 other pairs" in right["t2i_recall_1"].result.how
    with pytest.raises(InputError, match=r"shape \(3, 3\)"):
        ceiling_of(true[:2], captions)


def test_a_perfect_reader_is_at_its_ceiling() -> None:
    rng = np.random.default_rng(2)
    true = rng.random((12, 12)) < 0.2
    np.fill_diagonal(true, True)
    captions = {str(n): (f"text {n}",) for n in range(12)}
    for found, top in zip(
        retrieval_of(true.astype(float), captions, ks=(1,), shared="own"), ceiling_of(true, captions, ks=(1,)), strict=True
    ):
        assert found.value == top.value
