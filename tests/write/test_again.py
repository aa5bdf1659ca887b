from dataclasses import dataclass, field
from typing import Any

import pytest

from diptych.data.records import Answer, Question, Text
from diptych.language.hints import ASKED
from diptych.models.abilities import Described, Failed
from diptych.write.again import CaptionAgain, Settled
from doubles import context, proposed, record

BY = "double:comparer"


@dataclass
class Captioner:
    asked: list[Any] = field(default_factory=list)

    def caption(self, requests):
        self.asked += requests
        return [Failed("mute") if r.record == "mute" else Described(f"heeding {len(r.hints)}") for r in requests]


def compared(*told, id="r", about="a"):
    """A record whose caption was compared: (painting, hint)."""
    asked = Question(f"{id}/q", ASKED, about, tuple(Answer(hint, BY, painting) for painting, hint in told))
    return record(proposed("a", None, text="a dog"), id=id).add(questions=[asked])


def again(row, **settings):
    teller = Captioner()
    (done,) = CaptionAgain("double:teller", **settings)([row], context(teller=teller))
    return done, teller.asked


BALL, CAT, MUG = "There is a ball.", "There is a cat.", "There is a mug."


def test_new_hints_are_given_and_kept_and_the_new_caption_stands():
    done, (asked,) = again(compared((0, BALL), (0, CAT), (1, CAT)))
    assert asked.hints == (CAT, BALL) and asked.style == "dense"
    assert done.texts == (Text("hint", CAT, BY), Text("hint", BALL, BY))
    caption = done.captions[-1]
    assert (caption.id, caption.text, caption.parents, done.chosen) == ("r/1", "heeding 2", ("a",), ("r/1",))


@pytest.mark.parametrize(
    ("settings", "hints"), [({"votes": 2}, (CAT,)), ({"hints": 1}, (CAT,)), ({"hints": 2, "votes": 1}, (CAT, BALL)), ({"votes": 3}, ())]
)
def test_votes_and_the_number_of_hints(settings, hints):
    done, asked = again(compared((0, BALL), (0, CAT), (1, CAT)), **settings)
    assert [one.hints for one in asked] == ([hints] if hints else [])
    assert (done.chosen == ("a",)) == (not hints)


def test_a_later_round_gives_all_hints_so_far_and_no_hint_twice():
    row = compared((0, "A ball is there."), (0, MUG)).add(texts=[Text("hint", BALL, BY)])
    done, (asked,) = again(row)
    assert asked.hints == (BALL, MUG) and [text.words for text in done.texts] == [BALL, MUG]


def test_a_hint_that_is_always_given_is_given_once_and_needs_no_comparison():
    row = record(proposed("a", None))
    done, (asked,) = again(row, always=("Be more detailed.",))
    assert asked.hints == ("Be more detailed.",)
    assert again(done, always=("Be more detailed.",)) == (done, [])


def test_settled_is_what_was_compared_and_stands_all_the_same():
    row = compared((0, BALL))
    assert Settled()(row), "before a new caption there is one that was compared"
    done, _ = again(row)
    assert not Settled()(done), "the new caption was not compared yet"
    assert not Settled()(record(proposed("a", None))) and Settled()(record())


def test_a_captioner_that_fails_fails_its_record_alone():
    rows = [compared((0, BALL), id="mute"), compared((0, BALL), id="well")]
    mute, well = CaptionAgain("double:teller")(rows, context(teller=Captioner()))
    assert mute.status.kind == "failed" and "double:teller: mute" in mute.status.why and well.status.kind == "kept"
