import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError, RunError
from diptych.language.entail import Index
from diptych.language.parse import parse
from diptych.measure.dnli import Judged, dnli, dnli_labels
from diptych.measure.inputs import aligned
from diptych.models.abilities import Entailed, Failed
from diptych.models.rules import Rules

SHARED = Path(__file__).parents[2] / "../shared/data"


class Table:
    """Labels by (premise, hypothesis); others neutral. A label of another kind, or "failed", is no answer."""

    def __init__(self, table):
        self.table, self.asked = table, []

    def entail(self, requests):
        self.asked += requests
        labels = [self.table.get((r.premise, r.hypothesis), "neutral") for r in requests]
        return [Failed("scripted") if label == "failed" else Entailed(label, 1.0) for label in labels]


def values(candidate, references, **more):
    return tuple(s.value for s in dnli({"1": candidate}, {"1": references}, resamples=0, **more))


def test_by_hand():
    # said: dog, brown (entailed), red couch contradicted by the blue one, couch entailed, dog on couch entailed, hat neutral
    said, known = "a brown dog on a red couch. There is a hat.", "a brown dog is on a blue couch"
    precision, recall, contradiction, published = values(said, known)
    assert precision == 4 / 6 and contradiction == 1 / 6
    assert recall == 4 / 5  # dog, brown, couch, on; not blue
    assert published == 4 / 5
    names = [s.name for s in dnli({"1": said}, {"1": known}, resamples=0)]
    assert names == [
        "dnli_descriptiveness_precision",
        "dnli_descriptiveness_recall",
        "dnli_contradiction_precision",
        "dnli_recall_published",
    ]


def test_the_published_recall_exceeds_1_and_ours_does_not():
    said = "a dog, another dog, a puppy and one more dog"
    _, recall, _, published = values(said, "a dog")
    assert (recall, published) == (1.0, 4.0)


def test_new_information_is_neutral_or_as_published_contradicted():
    _, _, neutral, _ = values("a dog and a hat", "a dog")
    precision, recall, contradicted, _ = values("a dog and a hat", "a dog", new="contradicted")
    assert (neutral, contradicted, precision, recall) == (0.0, 0.5, 0.5, 1.0)


def test_one_reference_that_entails_outweighs_one_that_contradicts():
    precision, recall, contradiction, _ = values("a red car", ["a blue car", "a red car"])
    assert (precision, contradiction) == (1.0, 0.0)
    assert recall == 2 / 3  # car, blue, red


def test_sums_over_images():
    found = dnli({"1": "a dog and a cat", "2": "a dog"}, {"1": "a dog", "2": "a dog"}, resamples=0)
    assert found[0].value == 2 / 3 and found[0].per_image == {"1": 0.5, "2": 1.0}
    assert [s.result.better for s in found] == ["higher", "higher", "lower", "higher"]


def test_an_entailer_reads_sentences():
    model = Table(
        {
            ("a pup", "There is a dog."): "entailed",
            ("a pup", "There is a brown dog."): "contradicted",
            ("a brown dog", "There is a pup."): "entailed",
        }
    )
    precision, recall, contradiction, _ = values("a brown dog", "a pup", entailer=model)
    assert (precision, recall, contradiction) == (0.5, 1.0, 0.5)
    assert {(r.premise, r.hypothesis) for r in model.asked} == {*model.table}
    told = dnli({"1": "a dog"}, {"1": "a dog"}, entailer=model, resamples=0)[0].result.how
    assert "judged by Table" in told


def test_what_cannot_be_judged_is_counted_and_not_scored():
    model = Table(
        {("a dog", "There is a cat."): "failed", ("a dog", "There is a hat."): "nonsense", ("a dog", "There is a dog."): "entailed"}
    )
    found = dnli({"1": "a dog, a cat and a hat"}, {"1": "a dog"}, entailer=model, resamples=0)
    assert found[0].value == 1.0 and "2 of 4 statements not judged" in found[0].result.how
    # one reference that was judged is enough
    either = Table({("a dog", "There is a cat."): "failed", ("a pet", "There is a cat."): "contradicted"})
    assert values("a cat", ["a dog", "a pet"], entailer=either)[2] == 1.0
    told = dnli({"1": "a cat"}, {"1": ["a dog", "a pet"]}, entailer=either, new="contradicted", resamples=0)[0].result.how
    assert "; 1 answers failed" in told and "not judged" not in told
    nothing = values(
        "a cat", "a dog", entailer=Table(dict.fromkeys([("a dog", "There is a cat."), ("a cat", "There is a dog.")], "failed"))
    )
    assert all(math.isnan(v) for v in nothing)


def test_rules_as_an_entailer_agree_with_graphs():
    said = {"1": "a brown dog sleeps on a red couch", "2": "two cats under a table with a hat"}
    known = {"1": ["a dog on a couch", "a black dog"], "2": ["three cats"]}
    by_graphs, by_sentences = dnli(said, known, resamples=0), dnli(said, known, entailer=Rules(), resamples=0)
    assert [s.value for s in by_graphs] == [s.value for s in by_sentences]


def test_bad_input():
    with pytest.raises(InputError, match="new must be"):
        dnli({"1": "a dog"}, {"1": "a dog"}, new="wrong")
    with pytest.raises(InputError, match="have no references"):
        dnli({"1": "a dog", "2": "a cat"}, {"1": "a dog"})
    with pytest.raises(InputError, match="one or more texts"):
        dnli({"1": "a dog"}, {"1": math.nan})

    class Short:
        def entail(self, requests):
            return []

    with pytest.raises(RunError, match="0 answers"):
        dnli({"1": "a dog"}, {"1": "a dog"}, entailer=Short())
    empty = values("", "a dog")
    assert math.isnan(empty[0]) and empty[1] == 0.0 and math.isnan(empty[2]) and empty[3] == 0.0
    assert all(math.isnan(s.value) for s in dnli({}, {}))


PARTS = (
    "a dog",
    "a brown dog",
    "a black dog",
    "a couch",
    "two cats",
    "a red cup on a table",
    "a man without a hat",
    "a tree behind a house",
)
texts = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(". ".join)


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(texts, min_size=1, max_size=3))
def test_labels_equal_a_slow_reference_and_shares_stay_shares(candidate, references):
    row = dnli_labels(aligned({"1": candidate}, {"1": references}))[0]
    assert isinstance(row, Judged)
    words = {"supported": "entailed", "contradicted": "contradicted", "unknown": "neutral"}
    slow = []
    for statement in parse(candidate).statements():
        labels = [words[Index(parse(text)).holds(statement, closed=False)] for text in references]
        slow.append("entailed" if "entailed" in labels else "contradicted" if "contradicted" in labels else "neutral")
    assert list(row.repeated) == slow
    found = values(candidate, references)
    assert all(0.0 <= v <= 1.0 for v in found[:3])
    assert values(candidate, [candidate])[:2] == (1.0, 1.0)


def test_real_captions():
    if not SHARED.exists():
        pytest.skip("shared data absent")
    references = json.loads((SHARED / "coco_fakecap/examples/gts.json").read_text("utf-8"))
    candidates = {id: said[0] for id, said in json.loads((SHARED / "coco_fakecap/examples/res.json").read_text("utf-8")).items()}
    ids = list(references)[:200]
    precision, recall, contradiction, published = dnli({i: candidates[i] for i in ids}, {i: references[i] for i in ids}, resamples=0)
    assert 0.3 < precision.value < 0.5 and 0.05 < recall.value < 0.2 and 0.0 < contradiction.value < 0.1
    assert published.value < precision.value
