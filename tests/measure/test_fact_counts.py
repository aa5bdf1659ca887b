import math

import pytest

from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.records import Caption
from diptych.measure.facts import (
    FACT_METRICS,
    FactCount,
    Tally,
    all_facts,
    by_kind,
    compare_facts,
    count_facts,
    fact_f1,
    fact_precision,
    fact_recall,
    facts_per_word,
    hallucination_rate,
    measure_facts,
    readings,
)


def thing(noun, *values, count=1, **more):
    return Entity(noun, count, attributes=tuple(map(Attribute, values)), **more)


# a small red mug on a table, a brown dog next to a black dog, "Hi" written on the mug
TRUTH = SceneGraph(
    (thing("mug", "red", "small"), thing("table"), thing("dog", "brown"), thing("dog", "black")),
    (Relation(0, "on", 1), Relation(2, "next to", 3), Relation(2, "left of", 3)),
    (Quote("Hi", 0),),
)
KINDS = {"mug": "cup"}


def test_a_row_by_hand():
    caption = SceneGraph(
        (thing("cup", "red"), thing("dog", count=2), thing("cat", "white")),
        (Relation(0, "left of", 1),),
    )
    row = count_facts(caption, TRUTH, KINDS, words=9)
    # stated: cup, dog, cat | cup red, cat white | 2 dogs | cup left of dog; true: cup, dog | red | 2 dogs | nothing
    # facts: mug, table, dog | red, small, brown, black | 2 dogs | mug-table, dog-dog | "Hi"
    assert row.tallies == {
        "exists": Tally(3, 2, 3, 2),
        "attribute": Tally(2, 1, 4, 1),
        "count": Tally(1, 1, 1, 1),
        "relation": Tally(1, 0, 2, 0),
        "text": Tally(0, 0, 1, 0),
    }
    assert row.over() == Tally(7, 4, 11, 4)
    assert row.over(("exists", "count")) == Tally(4, 3, 4, 3)
    assert (row.captions, row.words) == (1, 9)


def test_the_whole_truth_is_right_and_complete():
    row = count_facts(TRUTH, TRUTH, KINDS).over()
    assert row.true == row.stated and row.covered == row.facts


def test_binding_is_kept():
    swapped = SceneGraph((thing("mug", "brown"), thing("dog", "red")))
    assert count_facts(swapped, TRUTH, KINDS).tallies["attribute"] == Tally(2, 0, 4, 0)


def test_statements_of_several_captions_are_united():
    one = SceneGraph((thing("mug", "red"),))
    other = SceneGraph((thing("mug", "small"), thing("cat")))
    row = count_facts([one, other, one], TRUTH, KINDS)
    assert row.tallies["exists"] == Tally(2, 1, 3, 1)
    assert row.tallies["attribute"] == Tally(2, 2, 4, 2)
    assert row.captions == 3


def test_negated_statements_are_true_of_what_is_absent():
    row = count_facts(SceneGraph((thing("cat", count=0, negated=True), thing("dog", count=0, negated=True))), TRUTH)
    assert row.tallies["exists"] == Tally(2, 1, 3, 0)


def test_hedged_things_state_nothing():
    assert count_facts(SceneGraph((thing("mug", hedged=True),)), TRUTH, KINDS).over() == Tally(0, 0, 11, 0)


@pytest.mark.parametrize("captions", [[], SceneGraph(), [SceneGraph(), SceneGraph()]])
def test_empty_captions_state_nothing_and_cost_recall(captions):
    empty = count_facts(captions, TRUTH, KINDS)
    assert empty.over() == Tally(0, 0, 11, 0)
    assert math.isnan(fact_precision([empty, empty]).value)
    assert fact_recall([empty, empty]).value == 0.0
    assert fact_f1([empty, empty]).value == 0.0
    both = fact_recall([empty, count_facts(TRUTH, TRUTH, KINDS)])
    assert both.value == 0.5


def test_an_empty_truth_has_no_recall():
    row = count_facts(SceneGraph((thing("dog"),)), SceneGraph())
    assert row.over() == Tally(1, 0, 0, 0)
    assert fact_precision([row, row]).value == 0.0
    assert math.isnan(fact_recall([row, row]).value) and "divides by 0" in fact_recall([row, row]).how


def row_of(stated, true, facts, covered, words=0):
    return FactCount({"exists": Tally(stated, true, facts, covered)}, 1, words)


ROWS = [row_of(4, 3, 6, 3, 10), row_of(2, 2, 4, 2, 6), row_of(2, 0, 2, 0, 4)]


def test_metrics_by_hand():
    # true 5 of 8 stated, covered 5 of 12 facts, 20 words, 3 captions
    assert fact_precision(ROWS).value == 5 / 8
    assert fact_recall(ROWS).value == 5 / 12
    assert fact_f1(ROWS).value == pytest.approx(2 * (5 / 8) * (5 / 12) / (5 / 8 + 5 / 12))
    assert hallucination_rate(ROWS).value == 3 / 8
    assert facts_per_word(ROWS).value == 5 / 20
    assert measure_facts(ROWS, "words_per_caption").value == 20 / 3
    assert measure_facts(ROWS, "facts_per_caption").value == 5 / 3


def test_results_say_which_way_is_better_and_how():
    results = {r.name: r for r in all_facts(ROWS)}
    assert set(results) == set(FACT_METRICS)
    assert results["hallucination_rate"].better == "lower" and results["fact_f1"].better == "higher"
    assert all(r.n == 3 and r.low <= r.value <= r.high and "diptych" in r.how for r in results.values())


def test_hallucination_mirrors_precision():
    precision, rate = fact_precision(ROWS), hallucination_rate(ROWS)
    assert (rate.low, rate.high) == (pytest.approx(1 - precision.high), pytest.approx(1 - precision.low))


def test_kinds_are_named_and_counted_apart():
    results = {r.name: r for r in by_kind([count_facts(TRUTH, TRUTH, KINDS)] * 2)}
    assert results["fact_recall.attribute"].value == 1.0
    assert len(results) == 15
    assert math.isnan(next(r for r in by_kind(ROWS) if r.name == "fact_precision.text").value)
    assert measure_facts(ROWS, "fact_recall", kinds=("exists", "count")).name == "fact_recall.exists+count"


def test_no_rows():
    assert all(math.isnan(r.value) and r.n == 0 for r in all_facts([]))


def test_comparing_two_systems():
    better = [row_of(4, 4, 6, 4), row_of(2, 2, 4, 3), row_of(2, 1, 2, 1)]
    apart = compare_facts(better, ROWS, "fact_precision", names=("ours", "theirs"))
    assert apart.difference.value == pytest.approx(7 / 8 - 5 / 8)
    assert apart.difference.method == "ours" and apart.won > 0.9
    assert compare_facts(better, ROWS, "hallucination_rate").difference.value == pytest.approx(-2 / 8)
    assert compare_facts(better, ROWS, "hallucination_rate").won > 0.9


def test_an_unknown_metric_names_those_there_are():
    with pytest.raises(InputError, match=r"'f1'.*fact_precision"):
        measure_facts(ROWS, "f1")


def test_both_readings_of_captions():
    stated = SceneGraph((thing("dog", "brown"),))
    both = readings([Caption("c1", "A brown dog.", graph=stated), Caption("c2", "two cats")])
    assert both.stated[0] == stated
    assert [e.noun for e in both.parsed[0].entities] == ["dog"]
    assert both.stated[1] == both.parsed[1] and both.parsed[1].entities[0].count == 2
    assert both.words == 5
    assert readings([]).stated == ()
