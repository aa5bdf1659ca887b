from collections import Counter

import pytest
from experts_samples import opened, picture, table, truth

from diptych.data.graphs import SceneGraph
from diptych.language.entail import holds
from diptych.models.abilities import Answerer, AskRequest
from diptych.world.questions import KINDS, questions
from diptych.world.truth import Truth

TRUTHS = [truth(k) for k in range(400)]
ROWS = [(one, quiz) for one in TRUTHS for quiz in questions(one, keys=(0,))]
PERFECT = "sim:answerer?accuracy=1&yes_bias=0&count_accuracy=1&value_accuracy=1"


def test_every_kind_is_asked_and_yes_is_as_common_as_no():
    kinds = Counter(quiz.kind for _, quiz in ROWS)
    assert set(kinds) == set(KINDS)
    assert kinds["exists"] == kinds["count"] == len(TRUTHS)
    for kind in ("exists", "relation"):
        answers = Counter(quiz.answer for _, quiz in ROWS if quiz.kind == kind)
        assert answers["yes"] / answers.total() == pytest.approx(0.5, abs=0.08)


def test_answers_are_true():
    for one, quiz in ROWS:
        if quiz.statement is not None:
            said = holds(quiz.statement, one.graph, closed=True, kinds=one.kinds)
            assert (said == "supported") == (quiz.answer == "yes"), quiz


def test_a_perfect_answerer_agrees_without_seeing_the_statement():
    truths = table(*TRUTHS)
    answers = opened(PERFECT, truths, Answerer).answer([AskRequest(picture(one.key), quiz.text) for one, quiz in ROWS])
    right = [getattr(answer, "text", "") == quiz.answer for (_, quiz), answer in zip(ROWS, answers, strict=True)]
    assert sum(right) / len(right) > 0.98  # the rest is the parser's


def test_several_questions_of_a_kind_are_different_and_hang_on_the_keys():
    many = questions(TRUTHS[5], keys=(1,), each=4)
    assert len({quiz.text for quiz in many}) == len(many)
    assert many == questions(TRUTHS[5], keys=(1,), each=4)
    assert many != questions(TRUTHS[5], keys=(2,), each=4)


def test_held_out_wordings_ask_the_same():
    seen, held = (questions(TRUTHS[3], keys=(0,), phrasings=name) for name in ("seen", "held_out"))
    assert [(quiz.kind, quiz.answer) for quiz in seen] == [(quiz.kind, quiz.answer) for quiz in held]
    assert not {quiz.text for quiz in seen} & {quiz.text for quiz in held}


def test_an_empty_picture_can_only_be_asked_what_is_not_there():
    assert [(quiz.kind, quiz.answer) for quiz in questions(Truth("bare", SceneGraph(), (), {}), keys=())] == [("exists", "no")]
