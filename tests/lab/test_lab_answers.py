"""Questions answered from captions, as the lab counts them."""

import math

import pytest

from diptych.data.records import Caption, Image, Question, Record
from diptych.lab.answers import ANSWER_METRICS, AnswerCount, answers, text_about
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.metrics import better, columns_of, difference, measured
from diptych.lab.trial import Trial, counts_of
from diptych.recipes import promptcap
from diptych.world.source import world_source

WORLD = world_source("world:40?seed=3&questions=1")


def row(*captions, chosen, about=()):
    questions = [Question("r/q0", "Q?", "r"), *(Question(f"{id}.q", text, id) for id, text in about)]
    return Record("r", Image("x"), tuple(captions), questions=tuple(questions), chosen=chosen)


def test_the_caption_about_a_question_is_read_and_else_the_one_that_stands_for_the_row():
    one, two = Caption("a", "one"), Caption("b", "two")
    assert text_about(row(one, two, chosen=("a", "b")), "Q?") == "one"
    assert text_about(row(one, two, chosen=("a", "b"), about=(("b", "Q?"),)), "Q?") == "two"
    # one that is about another question is not read for this one
    assert text_about(row(one, two, chosen=("a", "b"), about=(("a", "P?"),)), "Q?") == "two"
    assert text_about(row(one, chosen=("a",), about=(("a", "P?"),)), "Q?") == ""
    assert text_about(row(one, two, chosen=("a",), about=(("b", "Q?"),)), "Q?") == "one"
    assert text_about(row(one, chosen=("a",)).drop("Step", "why"), "Q?") == ""


def test_answers_are_counted_by_hand():
    """Each row's caption answers its question at the sixth word, beyond the first budget and within the second."""
    for record in WORLD:
        (quiz,) = WORLD.quizzes(int(record.subject.member))
        noun = next((word for word in quiz.text.rstrip("?").split() if word in {"castle", "ball", "mug", "cone"}), "")
        if quiz.kind == "colour" and noun:
            text = f"In this photo there is a {quiz.answer} {noun}."
            right = Record(record.id, record.subject, (Caption("c", text),), record.regions, record.questions, chosen=("c",))
            assert answers([right], WORLD) == [AnswerCount(1, 1, 1, (0, 1), 0, 0)]
            wrong = Record(record.id, record.subject, (Caption("c", f"a pale {noun}"),), (), record.questions, chosen=("c",))
            assert answers([wrong], WORLD) == [AnswerCount(1, 0, 0, (0, 0), 0, 0)]
            return
    pytest.fail("no row asks for such a colour")


def test_what_the_picture_does_not_answer_should_not_be_answered():
    record = next(r for r in WORLD if not WORLD.quizzes(int(r.subject.member))[0].answer)
    noun = record.questions[0].text.removeprefix("What colour is the ").removesuffix("?")
    for text, withheld in ((f"a red {noun}", 0), (f"a {noun}", 1), ("", 1)):
        told = Record(record.id, record.subject, (Caption("c", text),), (), record.questions, chosen=("c",))
        assert answers([told], WORLD) == [AnswerCount(0, 0, 0, (0, 0), 1, withheld)]


def test_metrics_of_answers_are_ratios_of_sums():
    rows = [AnswerCount(2, 2, 1, (0, 1), 0, 0), AnswerCount(1, 0, 0, (0, 0), 1, 1)]
    found = {name: measured(name, rows, "").value for name in ANSWER_METRICS}
    assert found == {
        "answer_accuracy": pytest.approx(1 / 3),
        "answer_accuracy_first_5_words": 0.0,
        "answer_accuracy_first_10_words": pytest.approx(1 / 3),
        "answer_share": pytest.approx(2 / 3),
        "answer_precision": 0.5,
        "answer_withheld": 1.0,
    }
    assert all(better(name) == "higher" for name in ANSWER_METRICS)
    assert difference("answer_accuracy", rows, rows[::-1], ("m", "b")).value == 0
    assert columns_of("answer_share", [])[0].shape == (0, 2)


def test_trials_are_pooled_by_what_the_metric_sums():
    trial = Trial(counted=None, calls=1.0, answers=[AnswerCount(1)])  # type: ignore[arg-type]
    assert counts_of("answer_accuracy", [trial, trial]) == [AnswerCount(1)] * 2


def test_an_effect_of_answers_goes_by_them_and_reports_facts_too():
    def arms(experts):
        return {
            name: promptcap.pipeline(captioner=experts.captioners[0], guided=guided, draws=1)
            for name, guided in (("guided", True), ("generic", False))
        }

    effect = Lab("promptcap", (0, 1), 25, "small", quiet=True).compare(
        arms, Experts(1), method="guided", baseline="generic", metric="answer_accuracy", guards={"answer_withheld": -1.0},
        world="questions=1",
    )  # fmt: skip
    names = {result.name for result in effect.others["guided"]}
    assert effect.difference.value > 0 and effect.guards["answer_withheld"]["held"]
    assert {"answer_precision", "fact_precision", "calls_per_row"} <= names and not math.isnan(effect.arms[0].value)
    plain = Lab("x", (0,), 8, "small", quiet=True).compare(arms, Experts(1), method="guided", baseline="generic", metric="fact_f1")
    assert not {result.name for result in plain.others["guided"]} & set(ANSWER_METRICS)
