"""Retrieval: ranks by hand and by slow references, many captions an image, ties, equal texts, blocks, failures."""

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vector_doubles import FixedEmbedder, pictures

from diptych.data.errors import InputError
from diptych.measure import retrieval_ranks
from diptych.measure.retrieval import GRID, median_on_grid, retrieval, retrieval_of
from diptych.measure.retrieval_ranks import of_matrix, ranks
from diptych.measure.scores import compare


def values(found, part="value"):
    return {one.name: getattr(one, part) for one in found}


# image 0 has texts A and B, image 1 has C
TWO = {"x": ["A", "B"], "y": ["C"]}
SCORES = np.array([[0.9, 0.1, 0.5], [0.8, 0.7, 0.6]])


def test_by_hand() -> None:
    got = values(retrieval_of(SCORES, TWO, ks=(1, 2), resamples=0))
    # x: A first, B third. y: C third. A's image first is x, B's is second, C's is first
    assert got["i2t_recall_1"] == 0.5 and got["i2t_recall_2"] == 0.5 and got["i2t_median_rank"] == 2.0
    assert got["i2t_map"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 3) / 2)
    assert got["i2t_map_at_r"] == pytest.approx((1 / 2 + 0) / 2)
    assert got["t2i_recall_1"] == pytest.approx(2 / 3) and got["t2i_recall_2"] == 1.0 and got["t2i_median_rank"] == 1.0
    assert got["t2i_map"] == pytest.approx((1 + 1 / 2 + 1) / 3)


def test_every_caption_is_a_query_and_an_image_keeps_its_captions_together() -> None:
    found = {one.name: one for one in retrieval_of(SCORES, TWO, ks=(1,), resamples=0)}
    one = found["t2i_recall_1"]
    assert one.per_image == {"x": 0.5, "y": 1.0} and one.columns_NK.tolist() == [[1, 2], [1, 1]]
    assert found["t2i_median_rank"].per_image == {"x": 1.5, "y": 1.0}


def test_a_scorer_that_says_always_the_same_gets_chance() -> None:
    captions = {str(n): [f"{n} a", f"{n} b"] for n in range(10)}
    for similarity in (np.full((10, 20), 0.3), (np.ones((10, 7)), np.ones((20, 7)) * 5)):
        got = values(retrieval_of(similarity, captions, ks=(1, 5, 20), resamples=0))
        assert got["t2i_recall_1"] == pytest.approx(0.1) and got["t2i_recall_5"] == pytest.approx(0.5)
        assert got["i2t_recall_1"] == pytest.approx(0.1)  # one of the two right among twenty
        assert got["i2t_recall_5"] == pytest.approx(1 - (15 * 14) / (20 * 19)) and got["i2t_recall_20"] == pytest.approx(1.0)
        assert got["t2i_median_rank"] == 5.5 and got["i2t_median_rank"] == 7.0  # 1 + 18 / 3
        behind = values(retrieval_of(similarity, captions, ks=(1, 5), ties="pessimistic", resamples=0))
        assert behind["t2i_recall_5"] == behind["i2t_recall_5"] == 0.0 and behind["t2i_median_rank"] == 10.0


def _slow(row, right, k):
    """Mean over all orders of the items that keep the scores falling: the hit at k, and the first right item's rank."""
    orders = [o for o in permutations(range(len(row))) if all(row[a] >= row[b] for a, b in pairwise(o))]
    firsts = [1 + min(o.index(item) for item in right) for o in orders]
    return float(np.mean([first <= k for first in firsts])), float(np.mean(firsts)), max(firsts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=6), st.data())
def test_ranks_under_ties_equal_the_mean_over_all_orders(row, data) -> None:
    right = sorted(data.draw(st.sets(st.integers(0, len(row) - 1), min_size=1)))
    k = data.draw(st.integers(1, len(row) + 1))
    found = ranks(of_matrix(np.array([row], float)), np.arange(1), [np.array(right)], len(row), 0.0)
    hit, rank, worst = _slow(row, right, k)
    assert found.hits(k, "expected")[0] == pytest.approx(hit) and found.first("expected")[0] == pytest.approx(rank)
    assert found.first("pessimistic")[0] == worst and found.hits(k, "pessimistic")[0] == float(worst <= k)


@pytest.mark.parametrize("levels", [3, 1000])
def test_average_precision_equals_a_double_loop(levels) -> None:
    rng = np.random.default_rng(levels)
    captions = {str(n): [f"{n} {c}" for c in range(rng.integers(1, 4))] for n in range(12)}
    owner = [n for n, texts in enumerate(captions.values()) for _ in texts]
    scores = rng.integers(0, levels, (12, len(owner))) / levels
    got = {one.name: one for one in retrieval_of(scores, captions, resamples=0)}
    for n in range(12):
        order = sorted(range(len(owner)), key=lambda t: (-scores[n, t], owner[t] == n))  # wrong ones first among equals
        places = [place for place, t in enumerate(order, 1) if owner[t] == n]
        shares = [(j / place, place) for j, place in enumerate(places, 1)]
        assert got["i2t_map"].per_image[str(n)] == pytest.approx(sum(s for s, _ in shares) / len(shares))
        within = sum(s for s, place in shares if place <= len(places)) / len(places)
        assert got["i2t_map_at_r"].per_image[str(n)] == pytest.approx(within)


def test_texts_that_several_images_have_are_right_for_each() -> None:
    captions = {"x": ["a dog"], "y": ["A  dog"], "z": ["a cat"]}
    scores = np.array([[0.1, 0.9, 0.0], [0.9, 0.1, 0.0], [0.0, 0.0, 1.0]])
    found = retrieval_of(scores, captions, ks=(1,), resamples=0)
    assert values(found)["i2t_recall_1"] == values(found)["t2i_recall_1"] == 1.0
    assert "2 of 3 texts are also another image's, right for each; recall at 1 by chance: i2t 0.5556" in found[0].result.how
    apart = retrieval_of(scores, {"x": ["a dog"], "y": ["the dog"], "z": ["a cat"]}, ks=(1,), resamples=0)
    assert values(apart)["i2t_recall_1"] == pytest.approx(1 / 3)


def test_a_captioner_that_always_says_the_same_is_no_better_than_chance() -> None:
    captions = {str(n): ["a photo", "a photo."] for n in range(10)} | {"10": []}
    similarity = (np.random.default_rng(0).normal(size=(11, 4)), np.tile(np.arange(1.0, 5), (20, 1)))
    found = retrieval_of(similarity, captions, ks=(1,), shared="own", resamples=0)
    assert values(found)["i2t_recall_1"] == pytest.approx(0.1) and values(found)["t2i_recall_1"] == pytest.approx(0.1)
    assert "20 of 20 texts are also another image's, wrong for it; recall at 1 by chance: i2t 0.1, t2i 0.09091" in found[0].result.how
    trusting = retrieval_of(similarity, captions, ks=(1,), resamples=0)
    assert values(trusting)["i2t_recall_1"] == 1.0 and "by chance: i2t 1, t2i 0.9091" in trusting[0].result.how


def test_an_image_without_captions_is_there_to_be_told_from() -> None:
    scores = np.array([[0.5], [0.9]])
    found = retrieval_of(scores, {"x": ["a"], "y": []}, ks=(1,), resamples=0)
    assert values(found)["t2i_recall_1"] == 0.0 and values(found)["i2t_recall_1"] == 1.0
    assert math.isnan(found[0].per_image["y"]) and "1 images without captions ask nothing" in found[0].result.how


def test_blocks_and_vectors_give_the_same(monkeypatch) -> None:
    rng = np.random.default_rng(1)
    captions = {str(n): [f"{n} {c}" for c in range(3)] for n in range(40)}
    images, texts = rng.normal(size=(40, 8)), rng.normal(size=(120, 8))
    cosines = (images @ texts.T) / np.linalg.norm(images, axis=1)[:, None] / np.linalg.norm(texts, axis=1)
    whole = retrieval_of(cosines, captions, resamples=0)
    monkeypatch.setattr(retrieval_ranks, "_CELLS", 500)
    for other in (retrieval_of(cosines, captions, resamples=0), retrieval_of((images, texts), captions, resamples=0)):
        for one, two in zip(whole, other, strict=True):
            assert one.values_N == pytest.approx(two.values_N)


def test_whole_numbers_tie_as_real_ones_do() -> None:
    scores, captions = [[3, 2, 4], [1, 1, 1], [0, 9, 8]], {"a": ["x"], "b": ["y"], "c": ["z"]}
    for equal in (0.0, 0.5, 1.0):
        one, other = (retrieval_of(np.array(scores, kind), captions, equal=equal, resamples=0) for kind in (np.int64, np.float64))
        assert values(one) == values(other)
    assert values(retrieval_of(np.array(scores) > 2, captions, resamples=0))


@pytest.mark.parametrize("size", [1e-2, 1.0, 2000.0])
def test_half_precision_vectors_of_any_size(size) -> None:
    rng = np.random.default_rng(2)
    images = rng.normal(size=(30, 64))
    texts = images + 0.3 * rng.normal(size=(30, 64))
    captions = {str(n): [str(n)] for n in range(30)}
    wide = retrieval_of((images, texts), captions, resamples=0)
    half = retrieval_of(((images * size).astype(np.float16), (texts * size).astype(np.float16)), captions, resamples=0)
    assert values(wide) == values(half) and values(wide)["t2i_recall_1"] > 0.9


def test_the_median_is_exact_and_its_interval_lies_on_the_grid() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200, 200)) + 2.0 * np.eye(200)
    found = {one.name: one for one in retrieval_of(scores, {str(n): [str(n)] for n in range(200)}, resamples=500)}["i2t_median_rank"]
    first = 1 + (scores > np.diag(scores)[:, None]).sum(axis=1)
    assert found.value == np.median(first) and found.result.better == "lower"
    assert found.result.low <= found.value <= found.result.high
    assert median_on_grid(found.columns_NK.sum(axis=0)) == pytest.approx(found.value, rel=0.05)


def test_a_median_between_places_of_the_grid_lies_in_its_interval() -> None:
    scores = np.tile(-np.arange(50.0), (50, 1))  # every image finds its own text at rank 34
    for row in range(50):
        scores[row, row] = -32.5 - (row < 33)
    found = retrieval_of(scores, {str(n): [str(n)] for n in range(50)}, resamples=100)[3]
    assert (found.name, found.value) == ("i2t_median_rank", 34.0) and found.result.low <= 34.0 <= found.result.high
    assert median_on_grid(found.columns_NK.sum(axis=0)) == pytest.approx(35.2)  # nearer than 32


@given(st.lists(st.integers(0, 62), min_size=1, max_size=9))
def test_the_median_of_small_ranks_on_the_grid_is_the_median(places) -> None:
    counts = np.bincount(places, minlength=len(GRID)).astype(float)
    assert median_on_grid(np.stack((counts, counts * 0)))[0] == np.median(GRID[places])
    assert np.isnan(median_on_grid(counts * 0))


def test_two_systems_are_compared_over_images() -> None:
    rng = np.random.default_rng(0)
    captions = {str(n): [str(n)] for n in range(60)}
    noise = rng.normal(size=(60, 60))
    weak, strong = (retrieval_of(noise + gain * np.eye(60), captions, resamples=0) for gain in (1.0, 4.0))
    for better, worse in zip(strong, weak, strict=True):
        found = compare(better, worse)
        assert found.won > 0.95 and (found.difference.value < 0) == better.name.endswith("median_rank")


def test_the_embedders_way_with_failures() -> None:
    vectors = {"key-x": [1, 0], "key-y": [0, 1], "A": [3, 1], "C": [1, 4], "D": [1, 0]}
    captions = {"x": ["A", "lost"], "y": ["C"], "z": ["D"]}
    model = FixedEmbedder(vectors)
    found = retrieval(captions, pictures("x", "y", "z"), model=model, ks=(1,), resamples=0)
    assert values(found)["t2i_recall_1"] == 1.0 and found[0].ids == ("x", "y")
    assert "1 of 3 pictures failed" in found[0].result.how and "1 of 4 texts failed" in found[0].result.how
    assert len(model.asked) == len(set(model.asked)) == 7


@pytest.mark.parametrize(
    ("similarity", "captions", "more", "said"),
    [
        (np.ones((2, 2)), TWO, {}, r"shape \(2, 3\), images by texts, got \(2, 2\)"),
        (np.array([[1, np.nan, 0], [0, 0, 0]]), TWO, {}, "similarity is nan"),
        (SCORES, TWO, {"ks": (0,)}, "k of recall must be 1 or more"),
        (np.ones((1, 0)), {"x": []}, {}, "no image has a caption"),
        ((np.ones((2, 4)), np.ones((3, 5))), TWO, {}, "of one width"),
        ((np.array([[0.0, 0], [1, 1]]), np.ones((3, 2))), TWO, {}, "1 vectors of images are zero or not finite, first row 0"),
        ((np.ones(4), np.ones((3, 4))), TWO, {}, "a table of one row each"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(similarity, captions, more, said) -> None:
    with pytest.raises(InputError, match=said):
        retrieval_of(similarity, captions, **more)


def test_captions_without_picture_are_named() -> None:
    with pytest.raises(InputError, match="1 images with captions have no picture, first 'q'"):
        retrieval({"q": ["A"]}, {}, model=FixedEmbedder({}))
