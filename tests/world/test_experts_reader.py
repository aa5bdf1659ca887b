import numpy as np
import pytest
from experts_samples import opened

from diptych.measure.answerability import GoldQuestion
from diptych.measure.answerability_readers import chat_reader
from diptych.models.abilities import ChatModel, ChatRequest, Failed
from diptych.world.experts_reader import made_up
from diptych.world.rates import ReaderRates

CAPTION = "a red mug on a table and two blue balls"
QUESTIONS = {"What colour is the mug?": "red", "How many balls are there?": "2", "Is the mug on the table?": "yes"}


def read(address, *pairs):
    return chat_reader(opened(address, {}, ChatModel))([(caption, GoldQuestion(question, ())) for caption, question in pairs])


def test_a_sure_reader_answers_what_the_caption_tells_and_nothing_else():
    sure = "sim:reader?accuracy=1&guess=0"
    assert read(sure, *((CAPTION, question) for question in QUESTIONS)) == list(QUESTIONS.values())
    assert read(sure, (CAPTION, "What colour is the castle?"), ("", "How many balls are there?")) == ["", ""]


def test_answers_are_made_up_at_the_rates_of_the_table():
    captions = [f"a red mug and {n} balls" for n in range(2, 1502)]
    told = read("sim:reader", *((caption, "What colour is the mug?") for caption in captions))
    silent = read("sim:reader", *((caption, "What colour is the castle?") for caption in captions))
    # one of some eleven colours made up is the right one
    assert np.mean([answer == "red" for answer in told]) == pytest.approx(ReaderRates().accuracy, abs=0.02)
    assert np.mean([bool(answer) for answer in silent]) == pytest.approx(ReaderRates().guess, abs=0.03)


def test_what_is_made_up_is_of_the_sort_asked_for():
    assert made_up("How many balls are there?", 0.99) == "3"
    assert made_up("Is there a ball?", 0.1) == "yes" and made_up("Is the ball left of the mug?", 0.9) == "no"
    assert made_up("What colour is the ball?", 0.0) in (
        "red",
        "orange",
        "yellow",
        "green",
        "cyan",
        "blue",
        "purple",
        "pink",
        "white",
        "black",
    )


@pytest.mark.parametrize("prompt", ["hello", "1", '{"caption": 1, "question": "?"}', '["caption", "question"]', "{"])
def test_any_other_prompt_fails(prompt):
    (answer,) = opened("sim:reader", {}, ChatModel).chat([ChatRequest(prompt)])
    assert isinstance(answer, Failed) and "name a real chat model" in answer.error
