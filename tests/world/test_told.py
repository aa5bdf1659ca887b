"""Paragraphs and questions of a world's records."""

import pytest

from diptych.data.errors import SourceError
from diptych.language.parse import parse
from diptych.world.lookup import know
from diptych.world.source import world_source
from diptych.world.told import UNSEEN, quizzes

WORLD = world_source("world:150?seed=5&paragraph=.5&questions=2")


def test_a_paragraph_names_about_its_share_of_the_picture_and_half_as_much_of_another() -> None:
    named = there = stray = 0
    for index, record in enumerate(WORLD):
        nouns = {entity.noun for entity in WORLD.truth(index).graph.entities}
        told = {entity.noun for text in record.texts for entity in parse(text.words).entities}
        assert all((text.kind, text.by) == ("paragraph", "source") for text in record.texts)
        named, there, stray = named + len(told & nouns), there + len(nouns), stray + len(told - nouns)
    # a stray noun may be in the picture all the same
    assert 0.42 < named / there < 0.6
    assert 0.3 < stray / named < 0.6


def test_what_a_paragraph_says_of_the_picture_comes_first_and_is_true() -> None:
    world = world_source("world:40?seed=6&paragraph=1")
    seen = 0
    for index, record in enumerate(world):
        known = know(world.truth(index))
        first = parse(record.texts[0].words)
        own = [entity for entity in first.entities if known.index.matching(entity.noun)]
        assert {entity.noun for entity in known.graph.entities} <= {entity.noun for entity in own}
        seen += len(own)
    assert seen > 40


def test_records_hold_questions_and_no_answers() -> None:
    asked = [question for record in WORLD for question in record.questions]
    assert 150 < len(asked) <= 300 and not any(question.answers for question in asked)
    assert all(question.about == question.id.split("/")[0] for question in asked)
    plain = world_source("world:3?seed=5").record(0)
    assert plain.questions == plain.texts == ()


def test_questions_of_one_record_are_of_different_kinds_and_a_quarter_has_no_answer() -> None:
    listed = [WORLD.quizzes(index) for index in range(len(WORLD))]
    unseen = [(index, quiz) for index, each in enumerate(listed) for quiz in each if not quiz.answer]
    assert len(unseen) / sum(map(len, listed)) == pytest.approx(UNSEEN, abs=0.07)
    for index, quiz in unseen:
        noun = quiz.text.removeprefix("What colour is the ").removesuffix("?")
        assert quiz.kind == "unseen" and noun not in {entity.noun for entity in WORLD.truth(index).graph.entities}
    for each in listed:
        kinds = [quiz.kind for quiz in each if quiz.answer]
        assert len(set(kinds)) == len(kinds) and {quiz.answer for quiz in each}.isdisjoint({"matte"})


def test_answers_are_true() -> None:
    for index in range(100):
        known = know(WORLD.truth(index))
        for quiz in WORLD.quizzes(index):
            if quiz.kind == "relation" and quiz.answer:
                assert quiz.statement is not None
                assert (known.index.holds(quiz.statement, closed=True) == "supported") == (quiz.answer == "yes")
            elif quiz.kind in ("colour", "material"):
                noun = next(entity.noun for entity in known.graph.entities if f" {entity.noun}" in quiz.text)
                assert any(known.index.has(place, quiz.answer) for place in known.index.matching(noun))


def test_more_questions_begin_with_the_fewer() -> None:
    truth = WORLD.truth(0)
    assert quizzes(truth, 4, keys=(5, 0))[:2] == WORLD.quizzes(0)


@pytest.mark.parametrize("option", ["paragraph=2", "questions=5", "questions=x", "paragraph=-1"])
def test_options_out_of_range_are_refused(option: str) -> None:
    with pytest.raises(SourceError, match=option.split("=", maxsplit=1)[0]):
        world_source(f"world:3?{option}")
