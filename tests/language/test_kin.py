"""Content words and how near two of them are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.language.kin import alike, content_words, likeness, names_a_being

WORDS = (
    "dog puppy animal cat kitten man guy boy person people woman girl shirt clothing jacket top hat cap helmet bike bicycle biker ride"
    " rider horse snow snowboard snowboarder skate skateboard board water ocean sea beach sand car truck vehicle bus red reddish happy"
    " happiness tv television mug cup sofa couch run runner running caffè ball baseball base bed bedroom tree plant flower field grass"
)


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
        ("a" * 41, "a" * 40, 0.0, False),
        ("carpet", "carrot", 0.0, False),
        ("dscf1234", "dscf1235", 0.0, False),
        ("flowerpot", "flowerbed", 6 / 9, False),
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


def test_alike_finds_every_pair_that_is() -> None:
    words = WORDS.split()
    slow = {(i, j): likeness(words[i], words[j]) for i in range(len(words)) for j in range(i + 1, len(words))}
    assert alike(words) == {pair: how for pair, how in slow.items() if how != (0.0, False)}
    assert len(alike(words)) > 20 and alike([]) == {}


@given(st.lists(st.text("abcs", min_size=1, max_size=9), max_size=12, unique=True))
@settings(max_examples=200, deadline=None)
def test_alike_finds_every_pair_of_strange_words(words: list[str]) -> None:
    slow = {(i, j): likeness(words[i], words[j]) for i in range(len(words)) for j in range(i + 1, len(words))}
    assert alike(words) == {pair: how for pair, how in slow.items() if how != (0.0, False)}
