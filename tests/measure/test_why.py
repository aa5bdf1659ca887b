"""What an image's value comes from: words and statements that are wrong, and those that are missed."""

import pytest

from diptych.data.records import Caption
from diptych.language.parse import parse
from diptych.measure.chair import chair_scores
from diptych.measure.dnli import dnli
from diptych.measure.fact_scores import fact_scores, reference_fact_scores
from diptych.measure.scene_graph_score import scene_graph_f
from diptych.models.rules import Rules

SAID = {"a": "a red car on a road", "b": "a dog"}
KNOWN = {"a": ["a blue car and a tree on a road"], "b": ["a dog"]}


def test_facts_against_references() -> None:
    for one in reference_fact_scores(SAID, KNOWN, resamples=0):
        assert one.why == {
            "a": {"not borne out": ("car: red",), "missed": ("car: blue", "tree", "tree · on · road")},
            "b": {"not borne out": (), "missed": ()},
        }


def test_facts_against_a_truth() -> None:
    truth = parse("a blue car, a blue car, a brown dog on a road and a sign that says STOP")
    (one, *_) = fact_scores({"a": [Caption("c", "three red cars", "x")]}, {"a": (truth, {})}, resamples=0)
    assert one.why["a"]["not borne out"] == ("car: red", "red car × 3")
    assert {"dog", "dog: brown", "car: blue", "car × 2", "dog · on · road"} <= set(one.why["a"]["missed"])


def test_what_is_listed_is_what_is_counted() -> None:
    for one in scene_graph_f(SAID, KNOWN, summed=True, resamples=0)[:2]:
        part = "not borne out" if one.name.endswith("precision") else "missed"
        assert [len(one.why[id][part]) for id in one.ids] == [whole - right for right, whole in one.columns_NK.tolist()]
        assert "car: red" in one.why["a"]["not borne out"] and "tree" in one.why["a"]["missed"]


@pytest.mark.parametrize("entailer", [None, Rules()])
def test_dnli(entailer) -> None:
    for one in dnli({"a": "a red car and a dog"}, {"a": ["a blue car and a tree"]}, entailer=entailer, resamples=0):
        assert one.why["a"] == {"contradicted": ("car: red",), "not mentioned": ("dog",), "missed": ("car: blue", "tree")}


def test_chair() -> None:
    for one in chair_scores({"a": ["a dog and a horse", "a horse"]}, {"a": {"dog", "cat"}}, resamples=0):
        assert one.why == {"a": {"wrong": ("horse", "horse"), "objects": ["cat", "dog"]}}
