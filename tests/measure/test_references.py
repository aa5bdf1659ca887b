import math

import pytest

from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.measure.facts import Tally
from diptych.measure.references import different, measure_references, reference_counts, reference_facts


def thing(noun, *values, count=1, **more):
    return Entity(noun, count, attributes=tuple(map(Attribute, values)), **more)


ONE = SceneGraph((thing("dog", "brown"), thing("couch")), (Relation(0, "on", 1),))
TWO = SceneGraph((thing("puppy"), thing("sofa", "red")), (Relation(0, "sleep on", 1),))
THREE = SceneGraph((thing("dog"), thing("window")), (Relation(0, "below", 1),))


def test_recall_of_what_any_reference_says():
    candidate = SceneGraph((thing("dog", "black"), thing("sofa"), thing("cat")), (Relation(0, "on", 1),))
    row = reference_counts(candidate, [ONE, TWO, THREE], words=8)
    # dog, sofa borne out, cat not; black not; dog on sofa borne out
    assert row.tallies["exists"] == Tally(3, 2, 3, 2)  # dog or puppy, couch or sofa, window
    assert row.tallies["attribute"] == Tally(1, 0, 2, 0)  # brown, red
    assert row.tallies["relation"] == Tally(1, 1, 3, 1)  # on, sleep on, below
    assert row.words == 8


def test_recall_of_what_two_references_say():
    candidate = SceneGraph((thing("dog"), thing("window")))
    row = reference_counts(candidate, [ONE, TWO, THREE], at_least=2)
    # two references each: the dog, the couch, on (sleeping on is on); the window, the colours and below have one
    assert row.tallies["exists"] == Tally(2, 2, 2, 1)
    assert row.tallies["attribute"] == Tally(0, 0, 0, 0)
    assert row.tallies["relation"] == Tally(0, 0, 1, 0)


def test_a_contradiction_is_not_borne_out():
    row = reference_counts(SceneGraph((thing("dog", "black"),)), [ONE])
    assert row.tallies["attribute"] == Tally(1, 0, 1, 0)


def test_the_same_statement_in_other_words_is_one():
    statements = [s for graph in (ONE, TWO, ONE) for s in graph.statements()]
    said = [(s.kind, s.subject, s.value) for s in different(statements)]
    assert said == [
        ("exists", "dog", ""), ("attribute", "dog", "brown"), ("exists", "couch", ""), ("relation", "dog", "on"),
        ("attribute", "sofa", "red"), ("relation", "puppy", "sleep on"),
    ]  # fmt: skip


def test_a_converse_is_the_same_statement():
    there = SceneGraph((thing("dog"), thing("cat")), (Relation(0, "left of", 1), Relation(1, "right of", 0)))
    assert [s.kind for s in different(there.statements())] == ["exists", "exists", "relation"]


def test_results_name_the_protocol():
    rows = [reference_counts(ONE, [ONE, TWO]), reference_counts(TWO, [ONE, THREE])]
    precision, recall, f1 = measure_references(rows, at_least=1)
    assert [r.name for r in (precision, recall, f1)] == ["reference_fact_precision", "reference_fact_recall", "reference_fact_f1"]
    # row 1: 4 of 4 true; row 2: dog, sofa of dog, sofa, red, sleeping on
    assert precision.value == 6 / 8 and precision.n == 2
    assert "open world" in f1.how and "at least 1" in recall.how


def test_texts_are_parsed():
    row = reference_facts("a brown dog and a cat", ["the brown dog", "a dog on a mat"])
    assert row.tallies["exists"] == Tally(2, 1, 2, 1)
    assert row.tallies["attribute"] == Tally(1, 1, 1, 1)
    assert row.words == 6


def test_empty_texts():
    row = reference_facts("", ["", ""])
    assert row.over() == Tally(0, 0, 0, 0)
    assert all(math.isnan(r.value) for r in measure_references([row, row]))
    assert reference_facts("a dog", []).over() == Tally(1, 0, 0, 0)


@pytest.mark.parametrize("at_least", [0, 3])
def test_at_least_must_be_possible(at_least):
    with pytest.raises(InputError, match=rf"at_least must lie in \[1, 2\].*got {at_least}"):
        reference_facts("a dog", ["a dog", "a cat"], at_least=at_least)
