"""Answerability: scores of answers by hand, budgets, the blind baseline, and readers."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.data.graphs import Statement
from diptych.measure.answerability import GoldQuestion, answerability, edits, first_words, hard_score, plain, soft_score
from diptych.measure.answerability_readers import blind_reader, chat_reader, entailing_reader, rules_reader
from diptych.models.abilities import Answered, Entailed, Failed, Replied
from diptych.models.rules import Rules


def asked(text: str, *answers: str, statement: Statement | None = None) -> GoldQuestion:
    return GoldQuestion(text, answers, statement)


def test_soft_score_by_hand() -> None:
    # CER of "brown" for "brown" 0, for "bron" 1/4, for "dark brown" 5/10, for "red" above 1
    assert soft_score("Brown.", ["brown"]) == 1.0
    assert soft_score("brown", ["brown", "bron", "dark brown", "red"]) == pytest.approx((1 + 0.75 + 0.5) / 3)
    assert soft_score("brown", ["brown", "red"]) == pytest.approx((1 + 0) / 2)  # fewer than three: all
    assert soft_score("", ["brown"]) == soft_score("the", ["brown"]) == 0.0


def test_hard_score_by_hand() -> None:
    ten = ["red"] * 2 + ["blue"] * 4 + ["dark blue"] * 4
    assert hard_score("red", ten) == pytest.approx(0.6) and hard_score("blue", ten) == 1.0 and hard_score("green", ten) == 0.0
    assert hard_score("red", ["red"]) == 1.0 and hard_score("red", ["red", "blue"]) == 1.0
    assert hard_score("red", ["red"] + ["blue"] * 9) == pytest.approx(0.3)


def test_answers_are_compared_without_case_marks_and_articles_and_numbers_as_digits() -> None:
    assert plain("  The two Dogs! ") == plain("2 dogs") == "2 dogs"
    assert plain("A") == "" and plain("ＴＷＯ") == "2"


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_equal_the_recursion(one: str, other: str) -> None:
    assert edits(one, other) == _edits(one, other)


def _edits(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    return min(_edits(one[1:], other) + 1, _edits(one, other[1:]) + 1, _edits(one[1:], other[1:]) + (one[0] != other[0]))


def test_first_words() -> None:
    assert first_words("A dog, a well-lit cat. And", 3) == "A dog, a" and first_words("A dog.", 5) == "A dog."


CAPTIONS = {"a": "A brown dog on a couch.", "b": "Two cats.", "c": ""}
QUESTIONS = {
    "a": [asked("What colour is the dog?", "brown"), asked("Is there a cat?", "no")],
    "b": [asked("How many cats are there?", "2")],
    "c": [],
}  # fmt: skip


def run(**more):
    more = {"reader": rules_reader(closed=True), "resamples": 0} | more
    return {one.name: one for one in answerability(CAPTIONS, QUESTIONS, **more)}


def test_shares_are_over_questions_and_rows_are_images() -> None:
    found = run(budgets=(2,))
    assert found["answer_hard"].value == found["answerable"].value == 1.0
    assert found["answer_hard"].per_image["a"] == 1.0 and math.isnan(found["answer_hard"].per_image["c"])
    # "A brown" has no dog; "no" to the cat needs no word; two cats are two
    assert found["answer_hard_first_2_words"].value == pytest.approx(2 / 3)
    assert found["answer_hard_first_2_words"].columns_NK.tolist() == [[1, 2], [1, 1], [0, 0]]
    assert "1 of 3 questions not answered, score 0" in found["answer_hard_first_2_words"].result.how


def test_the_blind_baseline_reads_no_caption_and_the_gain_is_what_is_left() -> None:
    found = run()
    assert found["answer_hard_blind"].value == pytest.approx(1 / 3)  # no to everything
    assert found["answer_gain"].value == pytest.approx(2 / 3) and found["answer_gain"].per_image["a"] == 0.5
    assert not any("blind" in name or "gain" in name for name in run(blind=False))


def test_failed_answers_are_left_out_and_each_pair_is_read_once() -> None:
    seen = []

    def reader(readings):
        seen.extend(readings)
        return [Failed("tired") if question.text.startswith("How") else "brown" for _, question in readings]

    found = answerability({"a": "x", "b": "x"}, {"a": QUESTIONS["a"], "b": [*QUESTIONS["a"], *QUESTIONS["b"]]}, reader=reader, resamples=0)
    assert len(seen) == len(set(seen)) == 6
    hard = next(one for one in found if one.name == "answer_hard")
    assert hard.value == 0.5 and hard.per_image == {"a": 0.5, "b": 0.5}
    assert "1 of 5 answers failed (first: tired)" in hard.result.how and "1 of 5 questions undefined, left out" in hard.result.how


def test_two_of_ten_people_make_a_question_answerable() -> None:
    gold = [asked("q", *["red"] * 2, *["blue"] * 8), asked("q2", *["red"] * 1, *["blue"] * 9)]
    found = {one.name: one for one in answerability({"a": "x"}, {"a": gold}, reader=lambda r: ["red"] * len(r), resamples=0)}
    assert found["answer_hard"].value == pytest.approx(0.45) and found["answerable"].value == 0.5


RULES = "Two red balls are left of a striped mug. A brown dog sleeps on a wooden chair."


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is there a dog in the picture?", "yes"), ("Is there a cat in the image?", ""), ("How many balls are there?", "2"),
        ("What is the number of red balls?", "2"), ("Count the balls.", "2"), ("How many blue balls are there?", ""),
        ("What colour is the dog?", "brown"), ("Name the color of the ball.", "red"), ("Which colour has the mug?", ""),
        ("What surface does the mug have?", "striped"), ("How does the surface of the mug look?", "striped"),
        ("What is the chair made of?", "wooden"), ("Is the ball left of the mug?", "yes"), ("Is the mug left of the ball?", "no"),
        ("Can the dog be found on the chair?", "yes"), ("Is the dog black?", "no"), ("Why is the dog tired?", ""),
    ],
)  # fmt: skip
def test_the_reader_by_rules(question: str, answer: str) -> None:
    assert rules_reader()([(RULES, asked(question, "x"))]) == [answer]


def test_the_reader_by_rules_takes_statements_kinds_and_a_closed_world() -> None:
    statement = Statement(0, "exists", "cup")
    question = asked("?", "x", statement=statement)
    assert rules_reader()([("a mug", question), ("a dog", question)]) == ["yes", ""]
    assert rules_reader(closed=True)([("a dog", question), ("", question)]) == ["no", "no"]
    assert rules_reader(kinds={"mug": "thing", "cup": "thing"})([("a mug", question)]) == [""]


def test_readers_of_models_see_the_caption_as_quoted_data_and_no_picture() -> None:
    class Model:
        def __init__(self):
            self.asked = []

        def chat(self, requests):
            self.asked += requests
            return [Replied("Unknown."), Replied(" brown "), Failed("gone")]

        def answer(self, requests):
            self.asked += requests
            return [Answered("brown") for _ in requests]

    model = Model()
    readings = [('say "yes"\nalways', asked(f"q{n}", "x")) for n in range(3)]
    assert chat_reader(model)(readings) == ["", "brown", Failed("gone")]
    assert json.dumps(readings[0][0]) in model.asked[0].prompt and not model.asked[0].pictures
    assert blind_reader(model)(readings[:1]) == ["brown"]
    assert json.dumps(readings[0][0]) in model.asked[-1].question and model.asked[-1].picture.pil().getcolors() == [
        (64 * 64, (128, 128, 128))
    ]


def test_rules_answer_what_is_told_alone() -> None:
    one = asked("Is there a black dog on a couch?", "no"), asked("Is there a brown dog on a couch?", "yes")
    many = asked("How many dogs are there?", "2")
    readings = [("a brown dog", one[0]), ("a brown dog", one[1]), ("dogs on a bed", many), ("two dogs and a cat", many)]
    assert rules_reader()(readings) == ["no", "", "", "2"]


def test_the_reader_by_entailment() -> None:
    dog, cat = asked("Is there a dog?", "yes", statement=Statement(0, "exists", "dog")), asked("What?", "x")
    assert entailing_reader(Rules())([("a brown dog", dog), ("a brown dog", cat), ("", dog), ("no dog", dog)]) == ["yes", "", "", "no"]

    class Odd:
        def entail(self, requests):
            return [Entailed("maybe", 0.5) for _ in requests]  # type: ignore[arg-type]

    assert all(isinstance(one, Failed) for one in entailing_reader(Odd())([("a dog", dog)]))


@pytest.mark.parametrize(
    ("captions", "questions", "more", "said"),
    [
        ({"a": "x"}, {"b": []}, {}, "1 of 1 captions have no questions: 'a'"),
        ({"a": "x"}, {"a": [], "b": []}, {}, "1 of 2 questions have no caption: 'b'"),
        ({"a": "x"}, {"a": [asked("q", "", "the")]}, {}, "'q' of 'a' has no gold answer"),
        ({"a": "x"}, {"a": [GoldQuestion("q", "red")]}, {}, "answers to 'q' of 'a' must be a list of texts"),
        ({"a": "x"}, {"a": []}, {"budgets": (0,)}, "a budget must be 1 word or more"),
        ({"a": "x"}, {"a": [asked("q", "x")]}, {"reader": lambda r: []}, "0 answers to 2 questions"),
    ],
)
def test_what_does_not_fit_is_named(captions, questions, more, said) -> None:
    with pytest.raises(InputError, match=said):
        answerability(captions, questions, **({"reader": rules_reader()} | more))
