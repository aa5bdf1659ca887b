"""sim:captioner with questions, texts, examples and a number of words."""

import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.regions import Box
from diptych.language.parse import parse
from diptych.measure.text import words_of
from diptych.models.abilities import Captioner, CaptionRequest, Failed
from diptych.world.experts_captioner_told import in_front, shorter, told_by
from diptych.world.rates import CaptionerRates

RATES = CaptionerRates()
SURE = "sim:captioner?recall=0&hallucination=0&attending=1&presuming=0"
EXACT = f"{SURE}&copying=1&taking=1&credulity=0"
TRUTHS = table(*(truth(k, 4, alike=False) for k in range(800)))


def said(address, key="hand", truths=None, **asked):
    answer = opened(address, truths or table(hand_made()), Captioner).caption([CaptionRequest(picture(key), **asked)])[0]
    assert not isinstance(answer, Failed), answer
    return answer.text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What colour is the mug?", "red mug"),
        ("What pattern does the mug have?", "shiny mug"),
        ("How many ducks are there?", "two ducks"),
        ("Is the mug on the table?", "a mug on a table"),
        ("Is the mug below the table?", "a mug on a table"),
        ("Is there a table in the image?", "a table"),
    ],
)
def test_what_is_asked_is_looked_at_and_told(question, expected):
    assert expected in said(SURE, question=question)


def test_asked_about_what_is_not_there_it_says_nothing_of_it_or_makes_it_up():
    assert said(SURE, question="What colour is the castle?") == said(SURE)
    assert "castle" in said("sim:captioner?recall=0&hallucination=0&presuming=1", question="What colour is the castle?")


def test_an_answer_that_is_shown_is_told_even_of_what_is_not_there():
    question = "What colour is the castle?"
    assert "a pink castle" in said(EXACT, question=question, texts=(f"{question} pink",))
    assert "castle" not in said(EXACT.replace("copying=1", "copying=0"), question=question, texts=(f"{question} pink",))
    assert "three ducks" in said(EXACT, question="How many ducks are there?", texts=("How many ducks are there? three",))
    assert "a mug left of a table" not in said(EXACT, question="Is the mug left of the table?", texts=("Is the mug left of the table? no",))


def test_the_rates_of_attending_and_presuming_are_those_of_the_table():
    captioner = opened("sim:captioner", TRUTHS, Captioner)
    there, absent = [], []
    for key, one in TRUTHS.items():
        noun = one.graph.entities[0].noun
        other = next(word for word in ("castle", "rocket", "duck", "pine", "ring") if word not in {e.noun for e in one.graph.entities})
        asked = [CaptionRequest(picture(key), question=f"What colour is the {word}?", words=3) for word in (noun, other)]
        first, second = (answer.text for answer in captioner.caption(asked))
        there.append(any(e.noun == noun and e.values for e in parse(first).entities))
        absent.append(any(e.noun == other for e in parse(second).entities))
    assert np.mean(there) == pytest.approx(RATES.attending, abs=0.05)
    # besides, it may invent the thing of its own accord
    assert np.mean(absent) == pytest.approx(RATES.presuming, abs=0.06)


def test_true_texts_are_taken_and_false_ones_believed_at_the_rates_of_the_table():
    captioner = opened("sim:captioner?recall=0&hallucination=0", TRUTHS, Captioner)
    taken = {True: [], False: []}
    for key, one in TRUTHS.items():
        nouns = {entity.noun for entity in one.graph.entities}
        for noun in (one.graph.entities[0].noun, next(n for n in ("castle", "rocket", "duck", "pine", "ring") if n not in nouns)):
            text = captioner.caption([CaptionRequest(picture(key), texts=(f"There is a {noun}.",))])[0].text
            taken[noun in nouns].append(noun in {entity.noun for entity in parse(text).entities})
    assert np.mean(taken[True]) == pytest.approx(RATES.taking, abs=0.05)
    assert np.mean(taken[False]) == pytest.approx(RATES.taking * RATES.credulity, abs=0.05)


def test_a_number_of_words_is_kept_to_as_far_as_one_thing_allows():
    captioner = opened("sim:captioner?recall=1", TRUTHS, Captioner)
    for key in list(TRUTHS)[:100]:
        whole, short = (a.text for a in captioner.caption([CaptionRequest(picture(key)), CaptionRequest(picture(key), words=8)]))
        assert len(words_of(short)) <= 8 or len(parse(short).entities) == 1
        assert {e.noun for e in parse(short).entities} <= {e.noun for e in parse(whole).entities}


def test_what_answers_the_question_is_the_last_to_go():
    text = said("sim:captioner?recall=1&hallucination=0&attending=1&attribute_error=0", question="What colour is the table?", words=4)
    assert "blue table" in text


def test_examples_are_followed_in_length_unless_a_number_of_words_is_asked_for():
    assert told_by(CaptionRequest(picture("hand"))) is None
    assert told_by(CaptionRequest(picture("hand"), examples=("a red ball", "a small red ball by a cube"))).limit == 5  # (3 + 7) / 2
    assert told_by(CaptionRequest(picture("hand"), examples=("a red ball",), words=9)).limit == 9


def test_a_question_about_a_region_fails_and_says_how_to_ask():
    request = CaptionRequest(picture("hand"), "region", Box(0.6, 0.5, 0.8, 0.8), question="What colour is it?")
    (answer,) = opened("sim:captioner", table(hand_made()), Captioner).caption([request])
    assert isinstance(answer, Failed) and "ask without a region" in answer.error


def test_graphs_are_joined_and_cut_with_their_relations():
    mug, cube, dog = Entity("mug", 1), Entity("cube", 1, attributes=(Attribute("red"),)), Entity("dog", 1)
    first = SceneGraph((mug,))
    joined = in_front(first, SceneGraph((cube, mug, dog), (Relation(0, "on", 1), Relation(2, "left of", 0))))
    assert joined == SceneGraph((mug, cube, dog), (Relation(2, "left of", 1),))
    less = shorter(joined, first)
    assert less == SceneGraph((mug, cube, dog)) and shorter(less, first) == SceneGraph((mug, cube))
    assert shorter(first, first) is None
