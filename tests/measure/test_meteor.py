"""METEOR by hand, against a slow search, plain against compiled, and equal to the reference in every digit."""

import csv
import json
import random
import sys
from importlib import metadata
from itertools import permutations
from pathlib import Path

import meteor_own
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.measure.meteor import best_counts, meteor, meteor_of, pair_counts
from diptych.measure.meteor_data import find_data, load_tables
from diptych.measure.meteor_match import EXACT, Match, align
from diptych.measure.meteor_score import columns, from_columns, power, summed, values
from diptych.measure.meteor_texts import java_hash
from diptych.measure.ngrams import prepare
from diptych.measure.scores import compare

module = sys.modules[meteor.__module__]  # the package gives the function by this name
STORED = json.loads((Path(__file__).parent / "meteor_cases.json").read_text(encoding="utf-8"))
SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
real = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")


def installed() -> bool:
    try:
        return find_data() is not None and bool(metadata.version("pycocoevalcap"))
    except (metadata.PackageNotFoundError, InputError):
        return False


with_tables = pytest.mark.skipif(not installed(), reason="pycocoevalcap not installed")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Tables of our own words, compiled into a folder of the test's."""
    root = tmp_path_factory.mktemp("meteor")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        folder = meteor_own.write(root / "meteor")
        load_tables(folder)
    return folder


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", 0 if request.param == "compiled" else 10**9)
    monkeypatch.setattr(module, "_STARTED_FROM", 10**9)


def score(candidate, *references, data):
    return meteor([candidate], [references], tokenizer="none", data=data, resamples=0).value


def test_by_hand(own):
    # all said is known: precision 1; known weighs .25 + 2 * .75; one chunk of two matches
    recall = (0.25 + 0.75) / 1.75
    assert score("the dog", "the dog barks", data=own) == pytest.approx((1 - 0.6 * 0.5**0.2) / (0.15 / 1 + 0.85 / recall), abs=1e-15)
    assert score("the dog", "the dog", data=own) == 1  # one chunk over both wholes: no penalty
    # a synonym weighs .8, and of "runs" and "ran" one is the other's base: .8 of .75
    mean = 0.8 * 0.75 / 0.75
    assert score("hounds", "dog", data=own) == pytest.approx(mean, abs=1e-15)
    assert score("zebra", "dog", data=own) == 0 and score("", "dog", data=own) == 0 and score("dog", "", data=own) == 0


def test_paraphrases_of_unequal_length(own):
    # "close to" (.75 + .25) for "near" (.75), each by .6; the rest is equal
    said, known = 0.75 + 0.25 + 0.25 + 0.75, 0.75 + 0.25 + 0.75
    precision, recall = (1.0 + 0.6 * 1.0) / said, (1.0 + 0.6 * 0.75) / known
    mean = 1 / (0.15 / precision + 0.85 / recall)
    assert score("close to the house", "near the house", data=own) == pytest.approx(mean, abs=1e-15)


def test_a_word_that_is_both_stem_and_synonym_is_not_matched_alone(own):
    # two candidate matches leave it to the search, where half a word on each side is cut to none: a property of the 1.5 program
    assert score("running", "runs", data=own) == 0
    assert score("walking", "walks", data=own) > 0


def test_words_with_one_java_hash_are_equal(own):
    assert java_hash("Aa") == java_hash("BB") == 2112 and java_hash("\U0001f600") == 31 * 0xD83D + 0xDE00
    assert score("f1g", "dog", data=own) == 1 and score("f1g", "hound", data=own) == 0


def test_the_best_reference_counts(own):
    both = meteor(["the dog"], [["zebra", "the dog barks", "a dog"]], tokenizer="none", data=own, resamples=0)
    assert both.value == max(score("the dog", one, data=own) for one in ("zebra", "the dog barks", "a dog"))


def test_corpus_comes_from_sums_and_resamples_with_them(own):
    said = ["the dog runs", "a car", "several people near the house"]
    known = [["a dog is running"], ["the automobile stops"], ["a group of people close to the house"]]
    found = meteor(said, known, tokenizer="none", data=own)
    counts = best_counts(prepare(said, known, tokenizer="none"), load_tables(own))
    assert found.name == "meteor" and found.value == values(summed(counts)[None])[0]
    assert from_columns(found.columns_NK.sum(axis=0)) == pytest.approx(found.value, abs=1e-14)
    np.testing.assert_allclose(from_columns(columns(counts)), found.values_N, atol=1e-14)
    assert found.result.low <= found.value <= found.result.high
    assert compare(found, meteor(known[0] + known[1] + known[2], known, tokenizer="none", data=own)).difference.value < 0


def slow_best(known, said):
    """Most exact matches, then fewest chunks, over all one-to-one alignments."""
    best = (0, 0)
    slots = [*range(len(said)), *[-1] * len(known)]
    for order in set(permutations(slots, len(known))):
        pairs = [(j, i) for j, i in enumerate(order) if i >= 0]
        if all(known[j] == said[i] for j, i in pairs):
            chunks = sum(n == 0 or pair != (pairs[n - 1][0] + 1, pairs[n - 1][1] + 1) for n, pair in enumerate(pairs))
            best = min(best, (-len(pairs), chunks))
    return best


@settings(max_examples=60, deadline=None)
@given(st.text("ab", min_size=1, max_size=4), st.text("abc", min_size=1, max_size=4))
def test_the_search_finds_the_best_of_all_alignments(known, said):
    matches = [Match(j, i, 1, 1, EXACT) for j in range(len(known)) for i in range(len(said)) if known[j] == said[i]]
    found, chunks = align(matches, len(known), len(said))
    assert (-len(found), chunks) == slow_best(known, said)


def drawn(seed: int, pairs: int, longest: int) -> tuple[list[str], list[list[str]]]:
    rng = random.Random(seed)
    pool = [*meteor_own.SYNSETS, "dogs runs running children cars zebra", "close to", "next to near", "a group of people", "several"]
    pool += ["f1g j1und", "a number of people", "the the", "a a", "of", "caf\u00e9 bar", "mr. no. 5", "t-shirt's", "'s"]
    said = [" ".join(rng.choice(pool) for _ in range(rng.randint(0, longest))) for _ in range(pairs)]
    known = [[" ".join(rng.choice(pool) for _ in range(rng.randint(0, longest))) for _ in range(rng.randint(1, 4))] for _ in said]
    known[0][0] = said[0]
    return said, known


@pytest.mark.parametrize(("seed", "pairs", "longest"), [(0, 120, 8), (1, 6, 40), (2, 2, 200)])
def test_compiled_equals_plain(own, monkeypatch, seed, pairs, longest):
    corpus, tables = prepare(*drawn(seed, pairs, longest), tokenizer="none"), load_tables(own)
    monkeypatch.setattr(module, "_STARTED_FROM", 10**9)
    plain = pair_counts(corpus, tables), pair_counts(corpus, None)
    monkeypatch.setattr(module, "COMPILED_FROM", 0)
    compiled = pair_counts(corpus, tables), pair_counts(corpus, None)
    np.testing.assert_array_equal(plain[0], compiled[0])
    np.testing.assert_array_equal(plain[1], compiled[1])
    assert plain[0][:, 18:20].sum() > 0 and (plain[0] != plain[1]).any()


@pytest.mark.usefixtures("path")
def test_no_images(own):
    found = meteor([], [], data=own)
    assert np.isnan(found.value) and found.per_image == {}


def test_without_tables_it_is_not_called_meteor():
    found = meteor({"a": "Dogs are running."}, {"a": ["A dog runs", "cats"]}, data=False, resamples=0)
    assert found.name == "meteor_exact_stem" and "not METEOR" in found.result.how and 0 < found.value < 1


def test_data_without_meteor_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no METEOR tables in"):
        meteor(["a"], [["a"]], data=tmp_path)


def test_powers_are_the_nearest_number_but_for_those_listed():
    assert power(0, 5) == 0 and power(1, 2) == 1
    assert power(6, 47) == pytest.approx((12 / 47) ** 0.2, abs=1e-15)
    assert power(55, 117) != power(110, 234)  # one is listed


@pytest.mark.usefixtures("path")
@with_tables
def test_own_cases_equal_the_reference():
    rows = STORED["rows"]
    found = meteor([row["candidate"] for row in rows], [row["references"] for row in rows], tokenizer="none", resamples=0)
    assert found.name == "meteor" and found.values_N.tolist() == [row["value"] for row in rows] and found.value == STORED["corpus"]
    corpus = prepare([row["candidate"] for row in rows], [row["references"] for row in rows], tokenizer="none")
    assert best_counts(corpus, load_tables(find_data())).tolist() == [row["counts"] for row in rows]


@with_tables
@real
def test_a_thousand_coco_captions():
    folder = SHARED / "coco_fakecap"
    known, said = (json.loads((folder / "examples" / name).read_text()) for name in ("gts.json", "res.json"))
    stored = json.loads((folder / "reference_scores.json").read_text())
    found = meteor({id: few[0] for id, few in said.items()}, known, tokenizer="none", resamples=0)
    assert found.value == stored["corpus"]["METEOR"]
    assert [found.per_image[id] for id in stored["image_ids"]] == stored["per_image"]["METEOR"]


@with_tables
@real
@pytest.mark.parametrize("name", ["example_1.csv", "example_2.csv"])
def test_audio_captions(name):
    with (SHARED / "aac_captions" / "data" / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stored = json.loads((SHARED / "aac_captions" / "reference_scores.json").read_text())
    known = [[row[f"caption_{n}"] for n in range(1, 6)] for row in rows]
    assert meteor([row["caption_predicted"] for row in rows], known, resamples=0).value == stored[name]["METEOR"]


@with_tables
@real
def test_two_sentences_with_published_scores():
    folder = SHARED / "nlg_eval_example"
    lines = [(folder / name).read_text().splitlines() for name in ("hyp.txt", "ref1.txt", "ref2.txt")]
    stored = json.loads((folder / "reference_scores.json").read_text())
    found = meteor(lines[0], list(zip(*lines[1:], strict=True)), tokenizer="none", resamples=0)
    assert found.value == stored["corpus_no_tokeniser"]["METEOR"]


@with_tables
@real
def test_flickr8k_pairs():
    folder = SHARED / "flickr8k_judgements"
    lines = [(folder / name).read_text().splitlines() for name in ("candidates", *(f"ref-{n}" for n in range(5)))]
    stored = json.loads((folder / "reference_scores.json").read_text())
    found = meteor_of(prepare(lines[0], list(zip(*lines[1:], strict=True))), resamples=0)
    assert found.value == stored["corpus"]["METEOR"]
    assert [round(value, 10) for value in found.values_N.tolist()] == stored["per_pair"]["METEOR"]
