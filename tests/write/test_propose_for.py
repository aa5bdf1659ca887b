"""Captions for questions, captions that follow examples, and questions of the record's own."""

from dataclasses import replace

import pytest

from diptych.data.errors import InputError
from diptych.data.records import Answer, Question, Text
from diptych.data.schema import to_batch
from diptych.data.selection import captions_about, questions_of
from diptych.write.ask import AskOwn
from diptych.write.propose import Propose, ProposeLike
from diptych.write.propose_for import ProposeFor
from doubles import Scripted, context, proposed, record

GOLD = tuple(Answer(text, "human:x", n) for n, text in enumerate(("blue", "red", "red")))


def asked(*questions, **more):
    listed = tuple(Question(f"r/q{n}", text, "r", GOLD if n == 0 else ()) for n, text in enumerate(questions))
    return replace(record(**more), questions=listed)


def test_each_question_gets_its_draws_and_each_caption_its_question() -> None:
    teller = Scripted()
    (done,) = ProposeFor("double:teller", draws=2, words=9)([asked("Q?", "P?")], context(teller=teller))
    assert [(r.question, r.draw, r.words, r.texts, r.temperature) for r in teller.asked] == [
        ("Q?", 0, 9, (), 1.0), ("Q?", 1, 9, (), 1.0), ("P?", 2, 9, (), 1.0), ("P?", 3, 9, (), 1.0),
    ]  # fmt: skip
    assert [question.text for question in questions_of(done)] == ["Q?", "P?"]
    for question, ids in zip(questions_of(done), (("r/1.0.0", "r/1.0.1"), ("r/1.1.0", "r/1.1.1")), strict=True):
        assert tuple(caption.id for caption in captions_about(done, question)) == ids


def test_told_shows_the_most_frequent_answer_and_unguided_nothing() -> None:
    teller = Scripted()
    ProposeFor("double:teller", draws=1, told=True)([asked("Q?", "P?")], context(teller=teller))
    assert [request.texts for request in teller.asked] == [("Q? red",), ()]
    silent = replace(asked("Q?"), questions=(Question("r/q0", "Q?", "r", (Answer("Unknown.", "x:y"),)),))
    ProposeFor("double:teller", draws=1, told=True)([silent], context(teller=teller))
    assert teller.asked[2].texts == ()
    blind = Scripted()
    ProposeFor("double:blind", draws=1, guided=False, told=True)([asked("Q?")], context(blind=blind))
    assert [(request.question, request.texts) for request in blind.asked] == [("", ())]


def test_a_record_without_questions_is_dropped_and_wrong_numbers_are_refused() -> None:
    (done,) = ProposeFor("double:teller")([record()], context(teller=Scripted()))
    assert done.status.why == "the record has no question"
    with pytest.raises(InputError, match="draws"):
        ProposeFor("double:teller", draws=0)


def test_open_questions_alone_are_asked_of_the_picture() -> None:
    seer = Scripted(answers={"P?": "two"})
    row = replace(asked("Q?", "P?"), captions=(proposed("c", None),))
    row = row.add(questions=[Question("c.q", "P?", "c")])
    (done,) = AskOwn("double:seer", draws=2)([row], context(seer=seer))
    assert [(r.question, r.draw) for r in seer.asked] == [("P?", 0), ("P?", 1)]
    assert done.questions[0].answers == GOLD and done.questions[2].answers == ()
    assert done.questions[1].answers == (Answer("two", "double:seer", 0), Answer("two", "double:seer", 1))


def test_propose_shows_texts_and_examples_of_other_records() -> None:
    teller = Scripted()
    row = replace(record(proposed("c", None, text="mine")), texts=(Text("mention", "see Figure 1", "source"),))
    Propose(("double:teller",), texts=True, examples=("mine", "other"), words=7)([row], context(teller=teller))
    assert [(r.texts, r.examples, r.words) for r in teller.asked] == [(("see Figure 1",), ("other",), 7)]
    plain = Scripted()
    Propose(("double:plain",))([row], context(plain=plain))
    assert (plain.asked[0].texts, plain.asked[0].examples, plain.asked[0].words) == ((), (), 0)


def test_the_best_of_the_captions_judged_are_followed_one_a_record() -> None:
    def row(id, *scores):
        captions = [replace(proposed(f"{id}/{n}", None, by="source", text=f"{id}{n}"), scores={"quality": s}) for n, s in enumerate(scores)]
        return replace(record(*captions, id=id))

    rows = [row("a", 5.0, 6.0), row("b", 4.9), row("c", 6.0, 6.0), row("d", 5.5), row("e")]
    survey = ProposeLike(("double:teller",), "dense", 2, texts=True, words=5, most=2)
    step = survey.look([to_batch(rows[3:]), to_batch(rows[:3])])
    assert step == Propose(("double:teller",), "dense", 2, texts=True, examples=("a1", "c0"), words=5)
    assert survey.look([to_batch(rows[1:2])]).examples == ()
    assert survey.calls(rows[0]) == step.calls(rows[0]) == {"caption calls to double:teller": 2}
    with pytest.raises(InputError, match="most"):
        ProposeLike(("double:teller",), most=0)
    with pytest.raises(InputError, match="captioners"):
        ProposeLike(())
