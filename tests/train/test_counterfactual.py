"""Captions with one thing made false: what changes, what agrees, and that it never says the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.language.inflect import article
from diptych.language.parse import parse
from diptych.train.counterfactual import KINDS, Editor, editor

TEXTS = (
    "a red dog left of two small cats.", "Three blue cubes are on top of a table.", "There is one brown dog with a black hat in a photo",
    "a man riding a horse next to an apple", "A small orange ball and 4 green cones", "An hourglass behind a blue mug. The mug is shiny.",
    "A dog sleeps on a couch", "two men are looking at a big elephant under a tree", "A woman holding an umbrella", "a sheep",
)  # fmt: skip
EDITOR = editor(TEXTS)


def edits(text: str, kind: str, count: int = 150) -> set[str]:
    found = (Editor(EDITOR.nouns, EDITOR.attributes, (kind,))(text, np.random.default_rng(seed)) for seed in range(count))
    return {one.text for one in found if one is not None}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_caption_says_something_else_of_one_kind_alone(kind, text):
    before = parse(text)
    for new in edits(text, kind, 12):
        after = parse(new)
        assert new != text and {s.key for s in after.statements()} != {s.key for s in before.statements()}
        changed = [a for a, b in zip(before.entities, after.entities, strict=True) if (a.noun, a.count) != (b.noun, b.count)]
        if kind in ("number", "noun"):
            assert len(changed) == 1
        if kind == "attribute":
            assert not changed and sum(a.values != b.values for a, b in zip(before.entities, after.entities, strict=True)) == 1


def test_numbers_agree():
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    assert edits("two red dogs", "number") == {"a red dog"} | {f"{word} red dogs" for word in words[1:]}
    assert edits("There is a man", "number") == {f"There are {word} men" for word in words}
    assert edits("A dog sleeps", "number") == set(), "no verb is left to disagree"
    assert edits("Two dogs are asleep", "number") == {f"{word.capitalize()} dogs are asleep" for word in words[1:]}
    assert edits("4 green cones", "number") == {"a green cone"} | {f"{number} green cones" for number in (2, 3, 5, 6, 7, 8, 9, 10)}


def test_nouns_keep_their_form_and_articles_follow():
    assert "an elephant" in edits("a man", "noun") and "two women" in edits("two dogs", "noun")
    for new in edits("a man and two dogs", "noun"):
        first, second = new.split()[:2]
        assert first == article(second)


def test_attributes_give_way_to_what_the_thing_cannot_have_too():
    colours = {"a black ball", "a blue ball", "a brown ball", "a green ball", "an orange ball"}
    assert edits("a red ball", "attribute") == colours
    assert "a blue ball and a blue ball" not in edits("a red ball and a blue ball", "attribute")


def test_places_turn_round_or_their_ends_change_places():
    assert edits("a dog left of a cat", "relation") == {"a dog right of a cat", "a cat left of a dog"}
    assert edits("a dog next to a cat", "relation") == set(), "true both ways"
    assert edits("a big dog chasing a cat", "relation") == {"a cat chasing a big dog"}


def test_what_cannot_be_changed_is_left_alone():
    assert EDITOR("", np.random.default_rng(0)) is None
    assert Editor((), (), ("noun", "attribute"))("a red dog", np.random.default_rng(0)) is None
    with pytest.raises(InputError, match="'colour'"):
        Editor(kinds=("colour",))  # type: ignore[arg-type]


WORDS = (
    "a",
    "an",
    "the",
    "two",
    "red",
    "blue",
    "dog",
    "dogs",
    "cat",
    "on",
    "left",
    "of",
    "with",
    "and",
    "is",
    "are",
    ".",
    ",",
    "3",
    "There",
)


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.integers(0, 9))
def test_any_words_give_another_caption_or_none(words, seed):
    text = " ".join(words)
    found = EDITOR(text, np.random.default_rng(seed))
    assert found is None or (found.text.lower() != text.lower() and found.kind in KINDS)
