"""Fact precision, recall and F1 by image: the values of `measure.facts` and `measure.references`, image by image and together."""

import math

import pytest

from diptych.data.errors import InputError
from diptych.data.records import Caption
from diptych.language.parse import parse
from diptych.measure.fact_scores import NAMES, fact_scores, reference_fact_scores
from diptych.measure.facts import count_facts, fact_f1, fact_precision, fact_recall, readings
from diptych.measure.references import measure_references, reference_facts

SAID = {"a": "a brown dog and a cat on a couch", "b": "a red car", "c": ""}
KNOWN = {"a": ["a brown dog on a couch", "a dog"], "b": ["a blue car and a tree"], "c": ["a bird on a fence"]}


def test_against_references_the_sums_are_those_of_measure_references() -> None:
    found = reference_fact_scores(SAID, KNOWN, resamples=0)
    counts = [reference_facts(SAID[id], KNOWN[id]) for id in SAID]
    assert [one.name for one in found] == list(NAMES)
    assert [one.value for one in found] == [result.value for result in measure_references(counts)]
    precision, recall, both = (one.per_image for one in found)
    # b: car and red are said, car is borne out; car, blue and tree are known, car is said
    assert (precision["b"], recall["b"], both["b"]) == pytest.approx((1 / 2, 1 / 3, 2 / 5))
    assert math.isnan(precision["c"]) and (recall["c"], both["c"]) == (0.0, 0.0)
    with pytest.raises(InputError, match="at_least"):
        reference_fact_scores(SAID, KNOWN, at_least=2, resamples=0)


def test_against_a_truth_the_sums_are_those_of_measure_facts() -> None:
    captions = {id: [Caption("1", text, "source")] if text else [] for id, text in SAID.items()}
    truths = {id: (parse(texts[0]), {}) for id, texts in KNOWN.items()}
    found = fact_scores(captions, truths, resamples=0)
    counts = [count_facts(readings(captions[id]).stated, *truths[id]) for id in SAID]
    assert [one.value for one in found] == [metric(counts).value for metric in (fact_precision, fact_recall, fact_f1)]
    assert found[1].per_image["c"] == 0.0 and found[2].value == pytest.approx(
        2 * found[0].value * found[1].value / (found[0].value + found[1].value)
    )
    with pytest.raises(InputError, match="1 of 3 images have no truth, such as 'b'"):
        fact_scores(captions, {id: truth for id, truth in truths.items() if id != "b"})


def test_no_image_gives_no_number() -> None:
    assert all(math.isnan(one.value) for one in (*reference_fact_scores({}, {}), *fact_scores({}, {})))
