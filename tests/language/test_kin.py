"""Content words and how near two of them are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.language.kin import content_words, likeness, names_a_being


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two dogs are running in the snow.", ("dog", "run", "snow")),
        ("A man's dog and a man", ("man", "dog")),
        ("", ()),
        ("the of 's ... !", ()),
        ("Un caffè, grazie 42", ("un", "caffè", "grazie", "42")),
        ("children ran; people sat", ("child", "run", "person", "sit")),
        ("a man 's t-shirt, they don't", ("man", "t", "shirt")),
    ],
)
def test_content_words_are_distinct_lemmas_without_function_words(text: str, words: tuple[str, ...]) -> None:
    assert content_words(text) == words


@pytest.mark.parametrize(
    ("a", "b", "form", "near"),
    [
        ("dog", "dog", 1.0, True),
        ("dog", "puppy", 0.0, True),
        ("dog", "animal", 0.0, True),
        ("man", "woman", 0.0, False),
        ("snow", "snowboard", 4 / 9, False),
        ("snowboarder", "snowboard", 1.0, False),  # one stem
        ("baseball", "basement", 0.0, False),
        ("skateboard", "skate", 0.5, False),
        ("bikes", "biker", 0.8, False),
        ("bed", "bedroom", 0.0, False),  # three letters in common
        ("carpet", "carrot", 0.0, False),
        ("happy", "happiness", 1.0, False),  # one stem
    ],
)
def test_likeness_by_hand(a: str, b: str, form: float, near: bool) -> None:
    assert likeness(a, b) == (pytest.approx(form), near)


def test_people_and_animals_are_beings() -> None:
    assert all(map(names_a_being, ("man", "dog", "child", "skier", "people")))
    assert not any(map(names_a_being, ("car", "run", "red", "tree", "caffè")))


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_two_texts_have_words_that_compare_both_ways(a: str, b: str) -> None:
    for x in content_words(a):
        assert likeness(x, x) == (1.0, True)
        for y in content_words(b):
            assert likeness(x, y) == likeness(y, x) and 0 <= likeness(x, y)[0] <= 1
