"""Diversity by hand and by slow references."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.measure.bleu import bleu
from diptych.measure.diversity import div_n, mattr, mbleu, novel_captions, vocabulary_size

SETS = {"a": ["a dog on a mat", "a dog sits"], "b": ["cats", "cats"], "c": [""]}


def test_div_by_hand() -> None:
    # eight words, five different; bigrams a-dog, dog-on, on-a, a-mat, dog-sits over eight words
    assert div_n(SETS, n=1, resamples=0).per_image["a"] == 5 / 8 and div_n(SETS, n=2, resamples=0).per_image["a"] == 5 / 8
    found = div_n(SETS, n=1, resamples=0)
    assert found.per_image["b"] == 0.5 and math.isnan(found.per_image["c"]) and found.value == pytest.approx((5 / 8 + 1 / 2) / 2)
    assert "1-2 captions an image" in found.result.how and "1 of 3 images undefined" in found.result.how
    assert div_n(SETS, n=2, resamples=0).per_image["b"] == 0.0


def test_mbleu_is_bleu_of_each_caption_against_the_others() -> None:
    texts = ["a dog on a mat", "a dog sits on a mat", "the black dog sits on the mat"]
    found = mbleu({"x": texts, "y": ["alone"]}, n=2, resamples=0)
    slow = [bleu([text], [[other for other in texts if other is not text]], resamples=0)[1].value for text in texts]
    assert found.per_image["x"] == pytest.approx(sum(slow) / 3) and math.isnan(found.per_image["y"])
    assert found.result.better == "lower" and found.name == "mbleu_2"


def test_captions_that_are_all_alike_have_mbleu_one_and_unlike_ones_nought() -> None:
    said = "a dog on a mat"
    found = mbleu({"same": [said] * 3, "none": ["a b c d e", "f g h i j"]}, resamples=0)
    assert found.per_image["same"] == pytest.approx(1, abs=1e-6) and found.per_image["none"] == pytest.approx(0, abs=1e-6)


def test_mbleu_of_single_captions_is_undefined() -> None:
    assert math.isnan(mbleu({"y": ["alone"]}, resamples=0).value)
    with pytest.raises(InputError, match="must lie from 1 to 4, got 5"):
        mbleu(SETS, n=5)


def test_mattr_by_hand() -> None:
    # runs of three: a b a 2/3, b a c 1, a c c 2/3
    assert mattr(["a b a c c"], window=3, resamples=0).value == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    found = mattr(["a b", "a b c"], window=3, resamples=0)
    assert math.isnan(found.per_image["0"]) and found.value == 1.0 and "1 of 2 images undefined" in found.result.how


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=15), st.integers(1, 6))
def test_mattr_equals_counting_every_run_afresh(words: list[str], window: int) -> None:
    runs = [words[i : i + window] for i in range(len(words) - window + 1)]
    got = mattr([" ".join(words)], window=window, resamples=0).value
    assert got == pytest.approx(sum(len(set(run)) / window for run in runs) / len(runs)) if runs else math.isnan(got)


def test_novel_captions_and_vocabulary() -> None:
    found = novel_captions({"1": "A dog.", "2": "a cat"}, known=["a  dog", "birds"], resamples=0)
    assert found.per_image == {"1": 0.0, "2": 1.0} and found.value == 0.5 and "2 different known captions" in found.result.how
    assert math.isnan(novel_captions({"1": " !"}, known=["a"], resamples=0).per_image["1"])
    size = vocabulary_size(["A dog.", "a cat", ""])
    assert size.value == 3 and size.n == 3 and math.isnan(size.low)
    assert vocabulary_size(["A dog."], known=["Dog"]).value == 1


@pytest.mark.parametrize("captions", [{"a": "text"}, {"a": []}])
def test_sets_of_captions_are_asked_for(captions) -> None:
    with pytest.raises(InputError, match="must be a list of one or more texts"):
        div_n(captions)
    with pytest.raises(InputError, match="captions of 'a' must be texts"):
        div_n({"a": ["text", None]})
