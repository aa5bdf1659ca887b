import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.models.abilities import Ocr, ReadRequest
from diptych.world.experts_ocr import misspelt
from diptych.world.rates import OcrRates

TRUTHS = table(*(truth(k, 6) for k in range(600)))
RATES = OcrRates()


def test_words_are_found_misread_and_invented_at_the_table_s_rates():
    """About 1,080 words of 3.4 letters and 2,520 things without words."""
    answers = opened("sim:ocr", TRUTHS, Ocr).read([ReadRequest(picture(key)) for key in TRUTHS])
    exact = opened("sim:ocr?character_error=0&false_words=0", TRUTHS, Ocr).read([ReadRequest(picture(key)) for key in TRUTHS])
    invented = opened("sim:ocr?recall=0", TRUTHS, Ocr).read([ReadRequest(picture(key)) for key in TRUTHS])
    written = sum(len(one.graph.texts) for one in TRUTHS.values())
    blank = sum(len(one.regions) - len(one.graph.texts) for one in TRUTHS.values())
    assert sum(len(answer.found) for answer in exact) / written == pytest.approx(RATES.recall, abs=0.04)
    assert sum(len(answer.found) for answer in invented) / blank == pytest.approx(RATES.false_words, abs=0.012)
    assert answers != exact
    for answer, one in zip(exact, TRUTHS.values(), strict=True):
        assert {word.words for word in answer.found} <= {quote.words for quote in one.graph.texts}


def test_letters_are_misread_one_by_one():
    draws = np.random.default_rng(0).random(40_000).tolist()
    read = misspelt("A" * 20_000, draws, 0.03)
    assert sum(letter != "A" for letter in read) / 20_000 == pytest.approx(0.03, abs=0.005)
    assert misspelt("GO 2!", [0.0] * 10, 1.0) == "AA 2!"


def test_a_perfect_reader_reads_the_word_where_it_stands():
    word = opened("sim:ocr?recall=1&character_error=0&false_words=0", table(hand_made()), Ocr).read([ReadRequest(picture("hand"))])[0].found
    assert [w.words for w in word] == ["OPEN"]
    assert word[0].box.left == pytest.approx(0.1, abs=0.02)
