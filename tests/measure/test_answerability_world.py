"""The reader by rules on captions whose truth is known: what it answers is right, and richer captions answer more."""

from collections import Counter

import pytest

from diptych.measure.answerability import GoldQuestion, answerability, plain
from diptych.measure.answerability_readers import rules_reader
from diptych.world.captions import describe
from diptych.world.facts import truth_of
from diptych.world.questions import questions
from diptych.world.sample import Options, scene_at

TRUTHS = {str(n): truth_of(scene_at(Options(), 0, n)) for n in range(60)}
KINDS = next(iter(TRUTHS.values())).kinds
QUIZZES = {id: questions(truth, keys=(0,)) for id, truth in TRUTHS.items()}
ASKED = {id: [GoldQuestion(quiz.text, (quiz.answer,)) for quiz in quizzes] for id, quizzes in QUIZZES.items()}
SAID = {style: {id: describe(truth, style, keys=(0,)).text for id, truth in TRUTHS.items()} for style in ("short", "dense")}


@pytest.mark.parametrize("style", ["short", "dense"])
def test_what_the_reader_answers_from_true_captions_is_right(style: str) -> None:
    read = rules_reader(kinds=KINDS)
    right, given = Counter(), Counter()
    for id, quizzes in QUIZZES.items():
        for quiz, answer in zip(quizzes, read([(SAID[style][id], question) for question in ASKED[id]]), strict=True):
            given[quiz.kind] += bool(answer)
            right[quiz.kind] += bool(answer) and plain(answer) == plain(quiz.answer)
    assert set(given) == {"exists", "count", "colour", "material", "relation"} and min(given["count"], given["colour"]) > 40
    assert all(right[kind] >= 0.95 * given[kind] for kind in given), (right, given)


def test_dense_captions_answer_more_than_short_ones_and_both_more_than_none() -> None:
    reader = rules_reader(closed=True, kinds=KINDS)
    short, dense = (
        {one.name: one.value for one in answerability(SAID[style], ASKED, reader=reader, budgets=(10,), resamples=0)}
        for style in ("short", "dense")
    )
    assert dense["answer_hard"] > short["answer_hard"] + 0.05 > short["answer_hard_blind"] + 0.2
    assert short["answer_hard_blind"] == dense["answer_hard_blind"]
    assert dense["answer_hard_first_10_words"] < dense["answer_hard"]
    assert dense["answer_gain"] == pytest.approx(dense["answer_hard"] - dense["answer_hard_blind"])
