from itertools import pairwise

import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.data.graphs import Statement
from diptych.models.abilities import Answerer, AskRequest, Failed
from diptych.world.catalogue import BY_NOUN, COLOURS
from diptych.world.grammar import plural
from diptych.world.rates import AnswererRates

TRUTHS = table(*(truth(k, 6, alike=False) for k in range(300)))
RATES = AnswererRates()
PERFECT = "sim:answerer?accuracy=1&yes_bias=0&count_accuracy=1&value_accuracy=1"


def yes(statements, address="sim:answerer"):
    """Share of yes over the statements of every truth."""
    requests = [AskRequest(picture(key), "", statement) for key, one in TRUTHS.items() for statement in statements(one)]
    return np.mean([answer.text == "yes" for answer in opened(address, TRUTHS, Answerer).answer(requests)])


def nouns(one):
    return {entity.noun for entity in one.graph.entities}


def true(kind):
    return lambda one: [s for s in one.graph.statements() if s.kind == kind]


def false_exists(one):
    return [Statement(0, "exists", noun) for noun in sorted(set(BY_NOUN) - nouns(one))[:6]]


def false_colour(one):
    return [Statement(0, "attribute", e.noun, "red" if e.values[0] != "red" else "blue") for e in one.graph.entities]


def false_relation(one):
    names = sorted(nouns(one))
    return [Statement(0, "relation", a, "on", b) for a, b in pairwise(names)]


@pytest.mark.parametrize("kind", ["exists", "attribute", "relation"])
def test_true_statements_are_confirmed_with_accuracy_plus_bias(kind):
    assert yes(true(kind)) == pytest.approx(RATES.accuracy + RATES.yes_bias, abs=0.02)


@pytest.mark.parametrize("false", [false_exists, false_colour, false_relation])
def test_false_statements_are_confirmed_by_error_and_bias(false):
    assert yes(false) == pytest.approx(1 - RATES.accuracy + RATES.yes_bias, abs=0.025)


def test_a_perfect_answerer_is_always_right():
    assert [yes(true("attribute"), PERFECT), yes(false_colour, PERFECT), yes(false_exists, PERFECT)] == [1, 0, 0]


def ask(address, *texts, truths=None):
    return [
        answer.text
        for answer in opened(address, truths or table(hand_made()), Answerer).answer([AskRequest(picture("hand"), t) for t in texts])
    ]


def test_numbers_and_values_are_read_from_the_question():
    assert ask(PERFECT, "How many ducks are there?", "how many green birds are in the picture", "How many cars can you see?") == [
        "2",
        "2",
        "0",
    ]
    assert ask(PERFECT, "What colour is the mug?", "What color is the table in the image?", "What surface does the mug have?") == [
        "red",
        "blue",
        "shiny",
    ]
    assert ask(PERFECT, "What size is the mug?", "What size is the table?", "What pattern is the table?") == ["small", "medium", "matte"]


def test_yes_no_questions_are_understood_without_a_statement():
    texts = ("Is there a red mug on a table in the image?", "Is there a red table in the picture?", "Are there two ducks in the image?",
             "Are there three ducks?", 'Do the words "OPEN" appear in the image?', 'Do the words "EXIT" appear in the image?')  # fmt: skip
    assert ask(PERFECT, *texts) == ["yes", "no", "yes", "no", "yes", "no"]


def test_a_question_beyond_it_fails_with_a_remedy():
    answer = opened("sim:answerer", table(hand_made()), Answerer).answer([AskRequest(picture("hand"), "Why?")])[0]
    assert isinstance(answer, Failed)
    assert "give the request a statement" in answer.error


def test_numbers_err_by_one_and_values_go_to_others_at_the_table_s_rates():
    requests = [
        AskRequest(picture(key), f"How many {plural(e.noun)} are there?") for key, one in TRUTHS.items() for e in one.graph.entities
    ]
    numbers = np.array([int(answer.text) for answer in opened("sim:answerer", TRUTHS, Answerer).answer(requests)])
    assert set(numbers) == {0, 1, 2}
    assert (numbers == 1).mean() == pytest.approx(RATES.count_accuracy, abs=0.03)
    pairs = [
        (AskRequest(picture(key), f"What colour is the {e.noun}?"), e.values[0]) for key, one in TRUTHS.items() for e in one.graph.entities
    ]
    answers = [answer.text for answer in opened("sim:answerer", TRUTHS, Answerer).answer([request for request, _ in pairs])]
    assert set(answers) <= set(COLOURS)
    assert np.mean([said == right for said, (_, right) in zip(answers, pairs, strict=True)]) == pytest.approx(
        RATES.value_accuracy, abs=0.03
    )


def test_confidence_tells_right_from_wrong_only_in_part():
    answers = opened("sim:answerer", TRUTHS, Answerer).answer(
        [AskRequest(picture(k), "", s) for k, one in TRUTHS.items() for s in true("exists")(one)]
    )
    right, wrong = ([a.score for a in answers if a.text == text] for text in ("yes", "no"))
    assert 0.5 <= min(wrong) <= max(right) <= 1
    assert np.mean(right) > np.mean(wrong)
    assert max(wrong) > min(right)
