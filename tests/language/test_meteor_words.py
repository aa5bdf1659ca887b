"""METEOR's normaliser on cases whose parts the reference program showed, and what holds for all texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.language.meteor_words import meteor_words, simple

PARTS = {
    "The man's dog can't go": "the man 's dog can 't go",
    "a man 's t-shirt": "a man ' s t shirt",
    "a-b-c --- d--e": "a b-c -- d e",
    "1,000 a,b ,c 3.5": "1,000 a , b , c 3.5",
    "e.g. the U.S. team": "eg the us team",
    "Mr. Smith left. he ran.": "mr. smith left. he ran .",
    "No. 5 No. X": "no. 5 no . x",
    "a.. b...": "a .. b ...",
    "\u201cq\u201d \u2018x\u2019 \u2013 `y''": "\" q \" ' x ' - ' y \"",
    "caf\u00e9 \u0416\u0443\u043a \u4e2d\u6587": "caf\u00e9 \u0436\u0443\u043a \u4e2d \u6587",
    "No.\u3000x": "no . x",
    "the 90's 5's o'clock": "the 90 's 5 's o 'clock",
    "": "",
}


@pytest.mark.parametrize(("text", "expected"), PARTS.items())
def test_parts_as_the_reference_shows_them(text, expected):
    assert " ".join(meteor_words(text)) == expected


@given(st.lists(st.text("abB1'-.,", min_size=1, max_size=6), max_size=6))
def test_simple_tokens_part_alone_as_in_a_line(tokens):
    tokens = [token for token in tokens if simple(token)]
    assert meteor_words(" ".join(tokens)) == [part for token in tokens for part in meteor_words(token)]


@given(st.text(max_size=30))
def test_words_are_never_empty_and_never_hold_a_space(text):
    assert all(word and " " not in word for word in meteor_words(text))
