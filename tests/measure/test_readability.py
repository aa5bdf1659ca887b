"""Readability by hand; other languages and empty texts."""

import math

import numpy as np
import pytest

from diptych.measure.readability import readability, sentences


def run(texts, **more):
    return {one.name: one for one in readability(texts, **({"resamples": 0} | more))}


def test_by_hand() -> None:
    found = run({"a": "The cat sat on the mat."})  # 6 words, 6 syllables, 1 sentence
    assert found["flesch_reading_ease"].value == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    assert found["flesch_kincaid_grade"].value == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert found["words_per_sentence"].value == 6


def test_over_all_captions_the_sums_are_taken_first() -> None:
    found = run({"a": "Dogs run. They bark.", "b": "A yellow umbrella"})  # 4 words, 4 syllables, 2 sentences; 3, 6, 1
    assert found["words_per_sentence"].value == pytest.approx(7 / 3)
    assert found["flesch_reading_ease"].value == pytest.approx(206.835 - 1.015 * 7 / 3 - 84.6 * 10 / 7)
    assert found["flesch_kincaid_grade"].per_image["b"] == pytest.approx(0.39 * 3 + 11.8 * 2 - 15.59)
    assert all(one.result.better == "none" for one in found.values())


@pytest.mark.parametrize(
    ("text", "number"),
    [("One. Two! Three?", 3), ("a 2.5 m wall", 1), ("", 1), ("Wait... what?!", 2), ('He said "stop." Then left.', 2), ("...", 1)],
)
def test_sentences(text: str, number: int) -> None:
    assert sentences(text) == number


def test_what_is_not_english_or_has_no_words_is_undefined_and_counted() -> None:
    texts = {
        "en": "A man rides a horse.", "de": "Ein Hund sitzt auf der Couch", "ja": "一只狗在沙发上", "es": "un perro marrón en la calle",
        "none": "", "marks": "?!",
    }  # fmt: skip
    found = run(texts)["flesch_reading_ease"]
    assert [id for id, value in found.per_image.items() if not math.isnan(value)] == ["en"] and found.value == found.per_image["en"]
    assert "3 of 6 captions not English" in found.result.how and "2 of 6 captions without words" in found.result.how
    assert np.isnan(run({"de": texts["de"]})["flesch_kincaid_grade"].value)


def test_longer_words_and_sentences_are_harder() -> None:
    found = run(
        {"easy": "The dog ran. It was red.", "hard": "A refrigerator accommodates several extraordinary vegetables in an apartment"}
    )
    ease, grade = found["flesch_reading_ease"].per_image, found["flesch_kincaid_grade"].per_image
    assert ease["easy"] > ease["hard"] and grade["easy"] < grade["hard"]
