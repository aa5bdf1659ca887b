"""The match of content words: by hand, against a plain loop, and whatever the company."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError, SourceError
from diptych.language.kin import content_words, likeness, names_a_being
from diptych.measure.lexical_match import CHOSEN, Ingredients, WordFrequencies, lexical_match, word_frequencies

KNOWN = WordFrequencies(10, {"dog": 5, "run": 2, "snow": 1})
TEXTS = (
    "A dog runs in the snow", "Two puppies running", "a man on a snowboard", "", "the", "A snowboarder jumps",
    "people eat red apples at a wooden table", "the man eats an apple", "a woman and her dog", "nothing but words",
)  # fmt: skip


def plain(candidate: str, references: list[str], known: WordFrequencies, made: Ingredients) -> float:
    """The docstring's formula, word by word."""

    def weight(word: str) -> float:
        rare = math.log(1 + known.images / max(1, known.counts.get(word, 0))) if made.rare else 1.0
        return rare * (made.beings if names_a_being(word) else 1.0)

    def near(a: str, b: str) -> float:
        form, kin = likeness(a, b)
        form = {"words": float(a == b), "stems": float(form == 1), "beginnings": form}[made.forms]
        return max(form, made.kin if kin else 0.0)

    ours, found = content_words(candidate), []
    for reference in references:
        theirs = content_words(reference)
        if bottom := sum(map(weight, ours + theirs)):
            top = sum(weight(a) * max((near(a, b) for b in theirs), default=0) for a in ours)
            top += sum(weight(b) * max((near(a, b) for a in ours), default=0) for b in theirs)
            found.append(top / bottom)
    return sum(found) / len(found) if found else math.nan


def test_by_hand() -> None:
    rare, seen = math.log(11), math.log(3)  # df 1 and 5 of 10 images
    # "dog" counts twice over as a being; "puppy" is its kin (.3), "run" is the same word
    found = lexical_match(["a dog runs"], [["puppies run in snow"]], frequencies=KNOWN, resamples=0)
    dog, puppy, run, snow = 2 * seen, 2 * rare, math.log(6), rare
    assert found.value == pytest.approx((0.3 * (dog + puppy) + 2 * run) / (dog + puppy + 2 * run + snow))
    assert lexical_match(["a dog"], [["the dogs"]], frequencies=KNOWN, resamples=0).value == 1.0
    assert lexical_match(["a dog"], [["a tree", "dog"]], frequencies=KNOWN, resamples=0).value == 0.5


@pytest.mark.parametrize("made", [CHOSEN, Ingredients("words", 0.0, 1.0, False), Ingredients("stems", 0.7, 3.0)])
def test_equals_the_plain_loop(made: Ingredients) -> None:
    references = [[TEXTS[(i + k) % len(TEXTS)] for k in range(1, 4)] for i in range(len(TEXTS))]
    found = lexical_match(list(TEXTS), references, frequencies=KNOWN, ingredients=made, resamples=0)
    expected = [plain(text, known, KNOWN, made) for text, known in zip(TEXTS, references, strict=True)]
    assert found.values_N == pytest.approx(expected, nan_ok=True, abs=1e-12)
    assert str(made.kin) in found.result.how


@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_a_score_depends_on_no_other_row_once_words_are_counted(rows: list[tuple[str, list[str]]]) -> None:
    together = lexical_match([text for text, _ in rows], [known for _, known in rows], frequencies=KNOWN, resamples=0)
    alone = [lexical_match([text], [known], frequencies=KNOWN, resamples=0).values_N[0] for text, known in rows]
    assert np.array_equal(together.values_N, alone, equal_nan=True)  # to the last bit


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    references = [[text, TEXTS[0]] for text in reversed(TEXTS)]
    whole = lexical_match(list(TEXTS), references, resamples=0)
    for name in ("_IMAGES", "_PAIRS"):
        monkeypatch.setattr(sys.modules["diptych.measure.lexical_match"], name, 3)
        assert np.array_equal(lexical_match(list(TEXTS), references, resamples=0).values_N, whole.values_N, equal_nan=True)


def test_nothing_said_is_wrong_and_nothing_known_is_undefined() -> None:
    found = lexical_match(["", "the", "a dog"], [["a dog"], ["of"], ["", "a dog"]], resamples=0)
    assert found.values_N[0] == 0.0 and math.isnan(found.values_N[1]) and found.values_N[2] == 0.5
    assert "1 of 3 images undefined" in found.result.how


def test_words_are_counted_once_an_image_and_once_for_equal_references(tmp_path: Path) -> None:
    known = word_frequencies([["a dog", "dogs run"], ["a dog", "dogs run"], ["a cat"]])
    assert known.images == 2 and known.counts == {"cat": 1, "dog": 1, "run": 1}
    known.save(tmp_path / "words.json")
    assert WordFrequencies.load(tmp_path / "words.json") == known
    for other in ("[1]", '{"images": 1e999, "counts": {}}', '{"images": 2, "counts": {"dog": 3}}', "[" * 100_000):
        (tmp_path / "other.json").write_text(other)
        with pytest.raises(SourceError, match="no word frequencies"):
            WordFrequencies.load(tmp_path / "other.json")
    with pytest.raises(InputError, match="at least 1 image, got 0"):
        lexical_match(["a"], [["b"]], frequencies=WordFrequencies(0, {}))
