import io
import json
import math

import pytest
from rich.console import Console

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.table import as_json, table
from diptych.measure.text import distinct, lengths, repeated, vocabulary, words_of, words_per_caption

CAPTIONS = ["A dog on a mat.", "Two cats in a well-lit room's 2.5 m box!", "", "a dog"]


def test_words():
    assert words_of(CAPTIONS[1]) == ["two", "cats", "in", "a", "well-lit", "room's", "2.5", "m", "box"]
    assert words_of("  ...!? ") == []
    assert words_of("ein Straßen-Café, 東京 2nd_row") == ["ein", "strassen-café", "東京", "2nd", "row"]


def test_words_per_caption_counts_empty_captions():
    result = words_per_caption(CAPTIONS)
    assert result.value == (5 + 9 + 0 + 2) / 4
    assert result.n == 4 and result.better == "none" and "words" in result.how
    assert math.isnan(words_per_caption([]).value)


def test_distinct_by_hand():
    # bigrams: a b, b a, a b | a b -> four, two different
    assert distinct(["a b a b", "a b", "c"]).value == 2 / 4
    assert distinct(["a b a b", "a b", "c"], 1).value == 3 / 7
    assert math.isnan(distinct(["a"]).value)
    with pytest.raises(InputError, match="at least 1, got 0"):
        distinct(["a"], 0)


def test_vocabulary_counts_words():
    assert vocabulary(CAPTIONS)["a"] == 4
    assert len(vocabulary(["a b", "B"])) == 2


def test_lengths_by_hand():
    found = lengths(CAPTIONS, bins=2)  # 0, 2, 5, 9 words
    assert (found.edges, found.counts) == ((0, 5, 10), (2, 2))
    assert (found.median, found.shortest, found.longest) == (3.5, 0, 9)
    assert lengths(["a b", "c d"]).edges == (2, 3)
    assert lengths([]).counts == ()


@pytest.mark.parametrize("bins", [1, 3, 7, 20])
def test_every_caption_stands_in_one_bin(bins):
    texts = ["w " * n for n in range(37)]
    found = lengths(texts, bins=bins)
    assert sum(found.counts) == 37 and len(found.counts) <= bins


def test_repeated_captions():
    assert repeated({"1": "A  dog", "2": "a dog", "3": "cat", "4": "x", "5": "X", "6": "x"}) == {"x": ("4", "5", "6"), "a dog": ("1", "2")}


RESULT = Result("fact_f1", 0.9123, 0.9, 0.925, 300, "higher", "how it was made")
NONE = Result("chair_i", math.nan, math.nan, math.nan, 0, "lower", "no rows")


def test_json_has_the_stable_fields_and_no_nan():
    made = as_json([RESULT, NONE])
    assert made["fact_f1"] == {"value": 0.9123, "low": 0.9, "high": 0.925, "n": 300, "better": "higher", "how": "how it was made"}
    assert made["chair_i"]["value"] is None
    json.dumps(made, allow_nan=False)


def _drawn(columns, **more):
    out = io.StringIO()
    Console(file=out, width=140).print(table(columns, **more))
    return out.getvalue()


def test_table_aligns_values_and_shows_which_way_is_better():
    drawn = _drawn({"before [x]": [RESULT], "after": [RESULT, NONE]}, title="facts")
    assert "fact_f1 ↑" in drawn and "chair_i ↓" in drawn and "before [x]" in drawn
    assert "0.912 [0.900, 0.925]" in drawn
    rows = drawn.splitlines()
    assert next(r for r in rows if "chair_i" in r).count("-") >= 2


def test_a_table_of_one_system_says_how():
    assert "how it was made" in _drawn({"x": [RESULT]}) and "300" in _drawn({"x": [RESULT]})
    assert "how it was made" not in _drawn({"x": [RESULT], "y": [RESULT]})
