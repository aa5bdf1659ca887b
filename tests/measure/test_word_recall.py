"""Word recall by hand, lemmas, empty lists."""

import math

import numpy as np
import pytest

from diptych.data.errors import InputError
from diptych.measure.word_recall import lemmas, mean_of_ratios, word_recall

LISTS = {
    "a": {"background": ["the kitchen", "white walls"], "object": ["dogs", "cat", "dog"], "relation": ["running in"]},
    "b": {"background": [], "object": ["boat"], "relation": []},
}


def test_by_hand() -> None:
    found = {one.name: one for one in word_recall({"a": "Two dogs ran in a kitchen", "b": "boats"}, LISTS, resamples=200)}
    assert list(found) == ["word_recall_background", "word_recall_object", "word_recall_relation", "word_recall"]
    assert found["word_recall_background"].per_image["a"] == pytest.approx(1 / 3)  # kitchen of kitchen, white, walls
    assert found["word_recall_object"].per_image == pytest.approx({"a": 2 / 3, "b": 1.0})  # dogs, dog of dogs, dog, cat
    assert found["word_recall_relation"].per_image["a"] == 1.0 and math.isnan(found["word_recall_relation"].per_image["b"])
    assert found["word_recall"].per_image == pytest.approx({"a": (1 / 3 + 2 / 3 + 1) / 3, "b": 1.0})
    assert found["word_recall"].value == pytest.approx((1 / 3 + (2 / 3 + 1) / 2 + 1) / 3)
    assert found["word_recall"].result.low <= found["word_recall"].value <= found["word_recall"].result.high
    assert "1 of 2 images undefined" in found["word_recall_relation"].result.how


def test_lemmas() -> None:
    assert "run" in lemmas("ran") & lemmas("running") and "knife" in lemmas("knives") and lemmas("kitchen").isdisjoint(lemmas("chicken"))


def test_empty_captions_recall_nothing_and_are_counted() -> None:
    found = word_recall({"a": "  "}, {"a": LISTS["a"]}, resamples=0)
    assert [one.value for one in found] == [0, 0, 0, 0] and "1 of 1 captions empty, score 0" in found[0].result.how


def test_no_captions_give_no_number() -> None:
    assert all(math.isnan(one.value) for one in word_recall({}, {}))


def test_the_mean_of_ratios_leaves_out_what_is_undefined() -> None:
    assert mean_of_ratios(np.array([1.0, 2, 0, 0, 3, 3])) == pytest.approx(0.75)
    assert np.isnan(mean_of_ratios(np.zeros((2, 6)))).all()


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({"b": {}}, "1 of 1 captions have no word lists: 'a'"),
        ({"a": {"colour": ["red"]}}, "have the kind 'colour'"),
        ({"a": {"object": "dog"}}, "object words of 'a' must be a list of texts, got 'dog'"),
    ],
)
def test_what_does_not_fit_is_named(lists, said) -> None:
    with pytest.raises(InputError, match=said):
        word_recall({"a": "x"}, lists)


def test_other_kinds_may_be_named() -> None:
    found = word_recall(["a red dog"], [{"colour": ["red", "blue"]}], kinds=("colour",), resamples=0)
    assert [(one.name, one.value) for one in found] == [("word_recall_colour", 0.5), ("word_recall", 0.5)]
