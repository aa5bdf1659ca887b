"""Contests of metrics: hand-made metrics whose agreement with the truth is known."""

import math

import numpy as np
import pytest

from diptych.data.errors import InputError
from diptych.lab.agreement import METRIC, Contest
from diptych.lab.baselines import called, ngrams
from diptych.lab.cases import REFERENCE, corrupted
from diptych.lab.lab import Lab
from diptych.lab.writers import Writer, graded, repeating, written
from diptych.language.parse import parse
from diptych.measure.chair import chair_by_image
from diptych.measure.classes import COCO
from diptych.measure.facts import count_facts
from diptych.measure.scores import scored
from diptych.measure.truths import objects_of
from diptych.models.abilities import Matcher, MatchRequest
from diptych.world.corrupt import HARMFUL, HARMLESS

LAB = Lab("x", (3, 4), 20, quiet=True)


def words(records, _context):
    """A metric of no sense, another that is the number of words, and its opposite said to be better lower."""
    ids = [record.id for record in records]
    lengths = [len(record.standing()[0].text.split()) for record in records]
    return [
        scored("none", ids, [1.0] * len(ids), resamples=0),
        scored("long", ids, lengths, resamples=0),
        scored("short", ids, [-n for n in lengths], better="lower", resamples=0),
    ]


def matched(experts):
    def measure(records, context):
        model = context.open(experts.matcher, Matcher)
        asked = [MatchRequest(context.picture(record.subject), record.standing()[0].text) for record in records]
        return [*words(records, context), scored("match", [r.id for r in records], [one.score for one in model.match(asked)], resamples=0)]

    return measure


def test_texts_are_ranked_within_scenes_and_constant_metrics_have_no_agreement():
    effect = LAB.agree(lambda _: words, corrupted(), Contest("long", "none", experts=False))
    arms = {arm.name: arm for arm in effect.arms}
    assert (arms["none"].value, arms["none"].low, arms["none"].high) == (0.0, 0.0, 0.0)
    assert arms["long"].value == pytest.approx(arms["short"].value)  # the opposite, lower is better
    assert effect.difference.value == pytest.approx(arms["long"].value) and arms["long"].n == 10
    assert effect.difference.low < effect.difference.value < effect.difference.high
    assert effect.metric == METRIC and effect.recipe == "x" and effect.seeds == (3, 4)


def test_a_scenes_tau_by_hand():
    """The truth as a metric agrees with itself; turned round it disagrees."""
    material = corrupted()
    truth = {c.record.id: c.truth for seed in (3, 4) for c in material(seed, 20).listed}

    def f1(id):
        t = truth[id].over()
        p, r = t.true / t.stated, t.covered / t.facts
        return 2 * p * r / (p + r) if p + r else 0.0

    def measure(records, _context):
        ids = [record.id for record in records]
        values = np.array([f1(id) for id in ids])
        return [scored("same", ids, values, resamples=0), scored("turned", ids, -values, resamples=0)]

    effect = LAB.agree(lambda _: measure, material, Contest("same", "turned"))
    assert [arm.value for arm in effect.arms] == pytest.approx([1.0, -1.0]) and effect.shown
    kinds = {r.name: r.value for r in effect.others["same"]}
    assert {kinds[f"ranked_right.{kind}"] for kind in (*HARMFUL, *HARMLESS) if f"ranked_right.{kind}" in kinds} == {1.0}


def test_oracle_and_chance_of_a_metric_that_asks_no_expert():
    effect = Lab("x", (3, 4, 5), 80, quiet=True).agree(lambda _: words, corrupted(), Contest("long", "none", experts=False))
    assert effect.oracle.value > 0.95 and effect.oracle.how.startswith("what the parser reads")
    assert effect.chance.low < 0 < effect.chance.high


def test_oracle_and_chance_of_a_metric_with_experts_and_its_sweep():
    effect = LAB.agree(matched, corrupted(), Contest("match", "none"), sweep={"w": ((0.0, words_and_match),)})
    arms = {arm.name: arm.value for arm in effect.arms}
    assert effect.oracle.value > arms["match"] > effect.chance.value and effect.shown
    (at,) = effect.sweep["w"]
    assert at["value"] == 0.0 and at[f"{METRIC} none"] == 0.0 and at[f"{METRIC} low"] <= at[f"{METRIC} difference"] <= at[f"{METRIC} high"]


def words_and_match(records, context):
    return [called("match", words(records, context)[1]), words(records, context)[0]]


def test_systems_are_ranked_by_their_sums_over_all_texts():
    writers = graded(6, recall=(0.3, 0.95))

    def measure(records, context):
        ids = [record.id for record in records]
        n = np.array([len(parse(r.standing()[0].text).entities) for r in records], float)
        return [scored("things", ids, n, resamples=0), scored("none", ids, np.ones(len(n)), resamples=0)]

    effect = LAB.agree(lambda _: measure, written(writers), Contest("things", "none", truth="fact_recall", by="system", also=("fact_f1",)))
    arms = {arm.name: arm for arm in effect.arms}
    assert arms["things"].value > 0.85 and arms["none"].value == 0.0 and arms["things"].n == 16
    others = {r.name: r.value for r in effect.others["things"]}
    assert others["spearman"] > 0.9 and others["pairs_told_apart"] > 0.3 and others[f"{METRIC}.fact_f1"] > 0
    assert effect.oracle.value == pytest.approx(1.0, abs=0.15)


def test_an_unknown_arm_is_named():
    with pytest.raises(InputError, match="there is no arm nothing: the metrics measured are none, long, short"):
        LAB.agree(lambda _: words, corrupted(), Contest("nothing", "none"))


def test_the_records_show_no_truth_and_the_cases_know_it():
    made = corrupted(references=2)(7, 16)
    for case in made.listed:
        record = case.record
        assert [c.style for c in record.captions] == ["candidate", REFERENCE, REFERENCE]
        assert all(caption.graph is None for caption in record.captions) and not record.verdicts and not record.scores
        truth = made.truths[record.subject.key]
        assert count_facts(case.graph, truth.graph, truth.kinds, case.truth.words) == case.truth
    intact = [case for case in made.listed if case.system == "intact"]
    assert all(case.truth.over().true == case.truth.over().stated for case in intact)


def test_writers_invent_what_they_are_told_to_and_repeat():
    writers = (
        Writer("plain", 0.8),
        Writer("listed", 0.8, listed=1.0),
        Writer("unlisted", 0.8, unlisted=1.0),
        *repeating((Writer("twice", 0.8),), 1),
    )
    made = written(writers, references=1)(5, 40)
    wrong = {w.name: np.mean([c.truth.over(("exists",)).stated - c.truth.over(("exists",)).true for c in made.of(w.name)]) for w in writers}
    assert wrong == {"plain": 0.0, "listed": 3.0, "unlisted": 3.0, "twice": 0.0}
    seen = {}
    for writer in writers:
        records = [case.record for case in made.of(writer.name)]
        found = chair_by_image(
            {r.id: r.standing()[0].text for r in records},
            objects_of(records, COCO),
        )
        seen[writer.name] = sum(len(row.wrong) for row in found.values())
    assert seen["listed"] > 10 * max(1, seen["unlisted"]) and seen["plain"] == 0
    (text,) = {c.record.standing()[0].text for c in made.of("twice")[:1]}
    half = text[: len(text) // 2].rstrip(" .")
    assert text.count(half) == 2


def test_graded_rates_are_evenly_spread_and_no_two_go_together():
    writers = graded(20, recall=(0.2, 0.9), hallucination=(0.0, 0.4))
    recall, wrong = ([getattr(w, name) for w in writers] for name in ("recall", "hallucination"))
    assert (min(recall), max(recall), min(wrong), max(wrong)) == (0.2, 0.9, 0.0, 0.4) and len(set(recall)) == 20
    assert abs(np.corrcoef(recall, wrong)[0, 1]) < 0.4


def test_ngrams_take_the_first_references():
    made = corrupted(references=3)(3, 16)
    records = [case.record for case in made.listed]
    one, all_ = ngrams(records, most=1), ngrams(records)
    assert [s.name for s in one] == ["bleu_4", "cider", "rouge_l", "meteor_exact_stem"]
    assert one[2].value < all_[2].value and math.isnan(one[0].result.low)
