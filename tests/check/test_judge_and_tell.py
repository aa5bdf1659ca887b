"""Judging captions, and asking questions of them."""

from dataclasses import dataclass, field, replace

import pytest

from diptych.check.judge import JudgeCaptions
from diptych.check.tell import AnswerFromCaptions, ScoreAnswers, asked_of_captions
from diptych.data.errors import InputError
from diptych.data.records import Answer, Question, Text
from diptych.models.abilities import Failed, Judged, Replied
from doubles import context, proposed, record


@dataclass
class Critic:
    """Marks by text, one more for each further draw."""

    marks: dict[str, float]
    short: int | None = None
    asked: list = field(default_factory=list)

    def judge(self, requests):
        self.asked += requests
        found = [tuple(self.marks[text] + r.draw for text in r.captions) for r in requests]
        return [Judged(scores[: self.short]) for scores in found]


@dataclass
class Reader:
    """Replies by what stands in the prompt."""

    replies: dict[str, str]
    asked: list = field(default_factory=list)

    def chat(self, requests):
        self.asked += requests
        known = [next((reply for words, reply in self.replies.items() if words in r.prompt), None) for r in requests]
        return [Failed("no reply") if reply is None else Replied(reply) for reply in known]


def row(**more):
    return replace(record(proposed("a", None, text="one"), proposed("b", None, text="two")), **more)


def test_captions_are_judged_together_with_the_texts_and_scores_are_means_over_draws():
    critic = Critic({"one": 2.0, "two": 5.0})
    (done,) = JudgeCaptions("double:critic", draws=3)([row(texts=(Text("paragraph", "more", "source"),))], context(critic=critic))
    assert [caption.scores for caption in done.captions] == [{"judged": 3.0}, {"judged": 6.0}]
    assert [(r.captions, r.texts, r.draw) for r in critic.asked] == [(("one", "two"), ("more",), draw) for draw in range(3)]


def test_a_judge_of_the_family_that_wrote_a_caption_is_refused():
    own = record(proposed("a", None, by="double:critic-large", text="one"))
    with pytest.raises(InputError, match="own family"):
        JudgeCaptions("double:critic")([own], context(critic=Critic({})))
    (done,) = JudgeCaptions("double:critic", self_check=True)([own], context(critic=Critic({"one": 4.0})))
    assert done.captions[0].scores == {"judged": 4.0}


def test_a_share_of_the_records_is_judged_the_same_ones_by_every_step():
    rows = [replace(row(), id=f"r{n}") for n in range(400)]
    judged = []
    for score in ("x", "y"):
        step = JudgeCaptions("double:critic", score=score, share=0.25)
        done = step(rows, context(critic=Critic({"one": 1.0, "two": 1.0})))
        judged.append({one.id for one in done if score in one.captions[0].scores})
    assert judged[0] == judged[1] and len(judged[0]) / 400 == pytest.approx(0.25, abs=0.07)
    with pytest.raises(InputError, match="share"):
        JudgeCaptions("double:critic", share=1.5)


@pytest.mark.parametrize("number", [0, 1])
def test_too_few_scores_fail_the_row_and_no_captions_ask_nothing(number):
    critic = Critic({"one": 1.0, "two": 1.0}, short=number)
    done, bare = JudgeCaptions("double:critic")([row(), record(id="bare")], context(critic=critic))
    assert done.status.kind == "failed" and f"{number} scores for 2 captions" in done.status.why
    assert bare.status.kind == "kept" and len(critic.asked) == 1


def asked_row():
    """Gold: red twice and blue once; both captions are asked the question."""
    gold = tuple(Answer(text, "human:x", n) for n, text in enumerate(("red", "blue", "Red!")))
    return row(questions=(Question("r/q0", "What colour?", "r", gold), Question("a.q", "What colour?", "a"),
                          Question("b.q", "What colour?", "b")))  # fmt: skip


def test_a_reader_is_asked_about_captions_alone_and_its_answers_are_kept():
    reader = Reader({'"one"': "unknown", '"two"': "red"})
    (done,) = AnswerFromCaptions("double:reader")([asked_row()], context(reader=reader))
    assert [[answer.text for answer in question.answers] for question in done.questions] == [["red", "blue", "Red!"], [""], ["red"]]
    assert done.questions[2].answers[0].by == "double:reader" and not any(request.pictures for request in reader.asked)


def test_a_reader_that_fails_fails_its_row():
    (done,) = AnswerFromCaptions("double:reader")([asked_row()], context(reader=Reader({'"one"': "red"})))
    assert (done.status.kind, done.status.step) == ("failed", "AnswerFromCaptions")


def test_rules_read_captions_without_a_model():
    one = record(proposed("a", None, text="a red mug"))
    asked = replace(one, questions=(Question("a.q", "What colour is the mug?", "a"),))
    (done,) = AnswerFromCaptions("rules:")([asked], context())
    assert done.questions[0].answers == (Answer("red", "rules:"),) and not AnswerFromCaptions("rules:").calls(asked)


def test_answers_are_scored_against_the_record_s_own_by_hand():
    """Soft is the mean of the best three of 1 - CER against red, blue, red: "blue" is four edits of four letters away from "red"."""
    reader = Reader({'"one"': "unknown", '"two"': "red"})
    experts = context(reader=reader)
    (done,) = ScoreAnswers()(AnswerFromCaptions("double:reader")([asked_row()], experts), experts)
    assert done.captions[0].scores == {"answer_soft": 0.0, "answer_hard": 0.0}
    assert done.captions[1].scores["answer_soft"] == pytest.approx((1 + 1 + 0) / 3)
    assert done.captions[1].scores["answer_hard"] == 1.0  # .3 times two matches, each standing for 10 / 3 people, is 2, capped
    assert [question.id for question in asked_of_captions(done)] == ["a.q", "b.q"]


def test_captions_without_gold_or_without_a_reading_have_no_score():
    (done,) = ScoreAnswers()([asked_row()], context())
    assert all(caption.scores == {} for caption in done.captions)
    no_gold = replace(asked_row(), questions=asked_row().questions[1:])
    (done,) = ScoreAnswers()(AnswerFromCaptions("double:r")([no_gold], context(r=Reader({'"': "red"}))), context())
    assert all(caption.scores == {} for caption in done.captions)
