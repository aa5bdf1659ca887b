"""Scored values and their alignment."""

import math

import pytest

from diptych.data.errors import InputError
from diptych.measure.inputs import aligned
from diptych.measure.scores import compare, scored


def test_mean_of_values_with_undefined_ones_counted() -> None:
    found = scored("m", "abc", [1.0, math.nan, 0.0], how="rule")
    assert found.value == 0.5 and "1 of 3 images undefined" in found.result.how
    assert found.per_image["a"] == 1.0 and math.isnan(found.per_image["b"])


def test_a_given_value_stands_and_no_resamples_give_no_interval() -> None:
    found = scored("m", "ab", [1.0, 0.0], value=0.5000001, resamples=0)
    assert found.value == 0.5000001 and math.isnan(found.result.low) and "no interval" in found.result.how


def test_numbers_must_agree() -> None:
    with pytest.raises(InputError, match="one value for each image"):
        scored("m", "ab", [1.0])


def test_compare_takes_the_common_images_in_line() -> None:
    ours = scored("m", "abcd", [1.0, 0.0, 1.0, 1.0])
    theirs = scored("m", "dcb", [0.0, 1.0, 0.0])
    found = compare(ours, theirs)
    assert found.n == 3 and found.difference.value == pytest.approx(1 / 3)
    assert "1 images of one system alone" in found.how
    assert "undefined" not in found.how
    assert "1 images undefined for one system alone" in compare(ours, scored("m", "dcb", [0.0, math.nan, 0.0])).how
    turned = compare(scored("m", "abc", [1.0, 0.0, 0.5]), scored("m", "xcba", [9.0, 0.5, 0.0, 1.0])).difference
    assert (turned.value, turned.low, turned.high) == (0.0, 0.0, 0.0)
    with pytest.raises(InputError, match="no image in common"):
        compare(ours, scored("m", "xy", [0.0, 1.0]))
    with pytest.raises(InputError, match="one metric"):
        compare(ours, scored("other", "ab", [0.0, 1.0]))


def test_aligned_by_id_in_the_candidates_order_and_by_list() -> None:
    found = aligned({"b": "x", "a": "y"}, {"a": ["1", "2"], "b": "3"})
    assert found.ids == ("b", "a") and [*map(list, found.references)] == [["3"], ["1", "2"]]
    assert aligned(["x"], [["1"]]).ids == ("0",)


@pytest.mark.parametrize(
    ("candidates", "references", "said"),
    [
        ({"a": "x"}, {"b": ["y"]}, "1 of 1 candidates have no references: 'a'"),
        ({"a": "x"}, {"a": ["y"], "b": ["z"]}, "1 of 2 references have no candidate: 'b'"),
        ({"a": "x"}, {"a": []}, "one or more texts"),
        ({"a": ["x", "y"]}, {"a": ["z"]}, "must be one text"),
        ({"a": "x"}, [["y"]], "both be mappings"),
        ("text", [["y"]], "must be a mapping by id or a list"),
        ({"a": "x"}, {"a": [None]}, "one or more texts"),
        ({1: "x", "1": "y"}, {"1": ["z"]}, "1 of 2 ids of the candidates stand twice"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(candidates: object, references: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        aligned(candidates, references)  # type: ignore[arg-type]
