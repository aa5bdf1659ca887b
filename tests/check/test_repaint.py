from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image as Pillow

from diptych.check.repaint import CompareWithPaintings
from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Answer, Image, Made
from diptych.language.hints import ASKED
from diptych.models.abilities import Differences, Failed, Painted
from doubles import context, proposed, record


@dataclass
class Painter:
    fails: set[str] = field(default_factory=set)
    asked: list[Any] = field(default_factory=list)

    def paint(self, requests):
        self.asked += requests
        return [
            Failed("no paint")
            if r.record in self.fails
            else Painted(Picture(f"{r.text} {r.draw}", 4, 4, lambda: Pillow.new("RGB", (4, 4), "red")))
            for r in requests
        ]


@dataclass
class Comparer:
    hints: dict[str, tuple[str, ...]]
    fails: set[str] = field(default_factory=set)

    def compare(self, requests):
        return [Failed("no eyes") if r.record in self.fails else Differences(self.hints.get(r.other.key, ())) for r in requests]


def step(**more):
    return CompareWithPaintings("double:painter", "double:comparer", **{"paintings": 2, "size": 4} | more)


def rows():
    return [record(proposed("a", None, text="a dog"), id="one"), record(proposed("b", None, text="a cat"), id="two")]


HINTS = {"a dog 0": ("There is a ball.", "There is no cat."), "a dog 1": ("There is a ball.",)}


def test_a_question_keeps_what_each_painting_differs_in_and_the_score_counts_it():
    painter = Painter()
    one, two = step()(rows(), context(painter=painter, comparer=Comparer(HINTS)))
    assert [(r.text, r.draw, r.size, r.record) for r in painter.asked] == [
        ("a dog", 0, 4, "one"), ("a dog", 1, 4, "one"), ("a cat", 0, 4, "two"), ("a cat", 1, 4, "two"),
    ]  # fmt: skip
    (question,) = one.questions
    assert (question.text, question.about) == (ASKED, "a")
    by = "double:comparer"
    assert question.answers == (Answer("There is a ball.", by, 0), Answer("There is no cat.", by, 0), Answer("There is a ball.", by, 1))
    assert one.captions[0].scores == {"alike": 1 / (1 + 3 / 2)} and two.captions[0].scores == {"alike": 1.0}
    assert two.questions[0].answers == () and one.made == ()


@pytest.mark.parametrize("who", ["painter", "comparer"])
def test_one_that_fails_fails_its_record_alone(who):
    painter, comparer = Painter({"one"} if who == "painter" else set()), Comparer(HINTS, {"one"} if who == "comparer" else set())
    one, two = step()(rows(), context(painter=painter, comparer=comparer))
    assert one.status.kind == "failed" and f"double:{who}" in one.status.why
    assert two.status.kind == "kept" and two.questions


def test_paintings_are_kept_where_they_are_asked_for():
    kept = {}

    def keep(data, name):
        kept[name] = data
        return Image("pictures.tar", name)

    whole = context(painter=Painter(), comparer=Comparer(HINTS))
    ready = type(whole)(whole.opener, whole.pictures, keep=keep, place="3")
    one = step(keep=True)(rows()[:1], ready)[0]
    assert one.made == tuple(Made(Image("pictures.tar", f"one/3.0.{n}"), "double:painter", "a") for n in range(2))
    assert all(data.startswith(b"\x89PNG") for data in kept.values())


def test_calls_and_limits():
    assert step(of="proposed").calls(rows()[0]) == {"paint calls to double:painter": 2, "compare calls to double:comparer": 2}
    with pytest.raises(InputError, match="paintings must be 1 or more"):
        step(paintings=0)
