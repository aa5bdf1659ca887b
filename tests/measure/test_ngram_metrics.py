"""N-gram metrics by hand, against slow ones written from the papers, and where they are undefined or of one image."""

import math
import subprocess
import sys
from itertools import pairwise

import ngram_slow as slow
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.language.stem import stem
from diptych.measure import ngrams
from diptych.measure.bleu import bleu, bleu_of
from diptych.measure.cider import cider, cider_of, cider_plain, cider_plain_of
from diptych.measure.ngrams import prepare
from diptych.measure.rouge import common_subsequence, rouge_l, rouge_l_of

WORDS = st.lists(st.sampled_from(["a", "dog", "cat", "runs", "on", "grass", "red"]), max_size=9).map(" ".join)
SETS = st.lists(st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=3)), min_size=1, max_size=6)
QUICK = {"tokenizer": "none", "resamples": 0}


def apart(rows):
    return {str(n): text for n, (text, _) in enumerate(rows)}, {str(n): known for n, (_, known) in enumerate(rows)}


def test_bleu_by_hand():
    # said 4 words, 3 of them right ("the" once too often); of 3 pairs "the cat" is right; the closest of lengths 3 and 7 is 3
    found = bleu(["the the cat sat"], [["the cat sat", "a cat is on the mat here"]], **QUICK)
    assert found[0].value == pytest.approx(3 / 4)
    assert found[1].value == pytest.approx(math.sqrt(3 / 4 * 2 / 3))
    assert [one.name for one in found] == ["bleu_1", "bleu_2", "bleu_3", "bleu_4"]


def test_two_lengths_as_near_take_the_shorter():
    # 4 words between references of 3 and 5: the shorter gives no penalty, the longer would give exp(1 - 5/4)
    assert bleu(["a b c d"], [["a b c d e", "x y z"]], **QUICK)[0].value == pytest.approx(1.0)
    assert bleu(["a b c d"], [["a b c d e"]], **QUICK)[0].value == pytest.approx(math.exp(-1 / 4))


def test_bleu_of_all_is_not_the_mean_of_each():
    found = bleu(["a b", "c d e f g h"], [["a b"], ["x"]], **QUICK)[0]
    assert found.values_N == pytest.approx([1.0, 0.0], abs=1e-8)
    assert found.value == pytest.approx(2 / 8)


def test_rouge_takes_precision_and_recall_from_two_references():
    # precision 2/2 with the long one, recall 1/1 with the short one
    assert rouge_l(["a b"], [["a x b y", "a"]], **QUICK).value == 1.0
    # one reference: precision 2/2, recall 2/4: 2.44 * .5 / (.5 + 1.44)
    assert rouge_l(["a b"], [["a x b y"]], **QUICK).value == pytest.approx(2.44 * 0.5 / 1.94)


def test_an_empty_text_is_one_token_for_rouge_and_none_for_the_others():
    assert rouge_l([""], [[""]], **QUICK).value == 1.0
    assert bleu([""], [["a"]], **QUICK)[0].value == 0.0
    assert cider(["", "a"], [["a"], ["b"]], **QUICK).values_N.tolist() == [0.0, 0.0]


def test_cider_by_hand():
    # two images, one word each: idf ln 2, cosine 1 for one word, nothing for longer ones: 10 * (1 + 0 + 0 + 0) / 4
    assert cider(["dog", "cat"], [["dog"], ["cat"]], **QUICK).values_N == pytest.approx([2.5, 2.5])
    # said three bigrams against one: apart by 2, one word of two met; weights ln 2 each: cosines 1 over sqrt 2 and over sqrt 3
    found = cider(["dog runs on grass", "cat"], [["dog runs"], ["cat"]], **QUICK).values_N[0]
    one, two = 2 / (math.sqrt(4) * math.sqrt(2)), 1 / math.sqrt(3)
    assert found == pytest.approx(10 * math.exp(-4 / 72) * (one + two) / 4)


def test_cider_plain_by_hand():
    # "dog dog" and "dog cat" of image 0: weights (2 ln 2, 0) and (ln 2, ln 2): cosine 2 / (2 * sqrt 2); clipped it would be half of that
    candidates, references = ["dog dog", "bird"], [["dog cat"], ["bird"]]
    found = cider_plain(candidates, references, **QUICK)
    assert found.values_N == pytest.approx([(1 / math.sqrt(2)) / 4, 1 / 4])
    assert cider(candidates, references, **QUICK).values_N[0] == pytest.approx(10 * 0.5 / math.sqrt(2) / 4)
    assert "no stemming" in found.result.how and "from 0 to 1" in found.result.how


def test_cider_plain_reaches_1_and_no_length_lowers_it():
    text = "a dog runs on the grass"
    assert cider_plain([text, "x"], [[text], ["y"]], **QUICK).values_N[0] == pytest.approx(1.0)
    twice = cider_plain(["dog " * 9, "x"], [["dog"], ["y"]], **QUICK).values_N[0]
    assert twice == pytest.approx(1 / 4)  # one word alike, whatever the length; longer n-grams are in one of them only


def test_stems_meet_only_when_asked():
    candidates, references = ["dogs running", "x"], [["dog runs"], ["y"]]
    assert cider_plain(candidates, references, **QUICK).values_N[0] == 0.0
    found = cider_plain(candidates, references, stem=stem, **QUICK)
    assert found.values_N[0] == pytest.approx(2 / 4) and "stems by stem" in found.result.how


@settings(max_examples=60, deadline=None)
@given(SETS)
def test_equal_to_slow_ones_from_the_papers(rows):
    candidates, references = apart(rows)
    found = rouge_l(candidates, references, **QUICK)
    assert found.per_image == pytest.approx({id: slow.rouge_l(text, references[id]) for id, text in candidates.items()})
    assert cider(candidates, references, **QUICK).per_image == pytest.approx(slow.cider(candidates, references, clipped=True), abs=1e-12)
    plain = slow.cider(candidates, references, clipped=False)
    assert cider_plain(candidates, references, **QUICK).per_image == pytest.approx(plain, abs=1e-12)
    for order, one in enumerate(bleu(candidates, references, **QUICK), 1):
        exact = slow.bleu(candidates, references, order)
        assert one.value == pytest.approx(exact, rel=1e-5) if exact else one.value < 0.04  # the tool adds small constants


def test_compiled_code_counts_as_plain_code_does(monkeypatch):
    rng = np.random.default_rng(5)
    said = [" ".join(map(str, rng.zipf(1.4, rng.integers(0, 30)) % 50)) for _ in range(900)]
    candidates, references = said[:150], [said[150 + 5 * n : 150 + 5 * n + 1 + n % 5] for n in range(150)]
    metrics = (bleu_of, rouge_l_of, cider_of, cider_plain_of)
    corpus = prepare(candidates, references, tokenizer="none")
    plain, values = corpus.bags, [metric(corpus, resamples=0) for metric in metrics]
    monkeypatch.setattr(ngrams, "COMPILED_FROM", 0)
    corpus = prepare(candidates, references, tokenizer="none")
    fast, again = corpus.bags, [metric(corpus, resamples=0) for metric in metrics]
    for one, other in zip((*values[0], *values[1:]), (*again[0], *again[1:]), strict=True):
        assert one.values_N.tolist() == other.values_N.tolist() and len(set(one.values_N.tolist())) > 9, one.name
    assert plain.starts.tolist() == fast.starts.tolist() and plain.counts_B.tolist() == fast.counts_B.tolist()
    assert plain.same_B.tolist() == fast.same_B.tolist()
    assert plain.frequency_G[plain.grams_B].tolist() == fast.frequency_G[fast.grams_B].tolist()
    assert len(set(zip(plain.grams_B.tolist(), fast.grams_B.tolist(), strict=True))) == len(set(plain.grams_B.tolist()))


def test_common_subsequence_by_hand():
    assert common_subsequence([1, 2, 3, 4], [[1, 3, 4], [4, 3, 2, 1], [], [9], [1, 2, 3, 4]]) == [3, 1, 0, 0, 4]


def test_sums_recompute_the_whole_and_its_interval():
    rng = np.random.default_rng(0)
    words = ["a", "dog", "runs", "on", "grass", "red", "cat"]
    texts = [" ".join(rng.choice(words, rng.integers(4, 9))) for _ in range(120)]
    corpus = prepare(texts[:40], [texts[40 + 2 * n : 42 + 2 * n] for n in range(40)], tokenizer="none")
    for found in bleu_of(corpus, resamples=500):
        assert float(found.statistic(found.columns_NK.sum(axis=0))) == pytest.approx(found.value, rel=1e-12)
        assert found.result.low < found.value < found.result.high
    again = bleu_of(prepare(texts[:40] * 2, [texts[40 + 2 * n : 42 + 2 * n] for n in range(40)] * 2, tokenizer="none"), resamples=0)
    twice = found.columns_NK[np.r_[0:40, 0:40]].sum(axis=0)
    assert float(found.statistic(twice)) == pytest.approx(again[3].value, rel=1e-12)


def test_references_of_another_order_give_the_same_digits():
    candidates = {"x": "a dog runs", "y": "a cat", "z": "red grass on grass"}
    references = {"z": ["red grass"], "x": ["a dog", "dog runs"], "y": ["the cat"]}
    one = cider(candidates, references, **QUICK)
    other = cider({id: candidates[id] for id in references}, references, **QUICK)
    assert one.ids == ("z", "x", "y") and one.value == other.value and one.per_image == other.per_image


def test_one_image_and_none():
    alone = cider(["a dog"], [["a dog"]], **QUICK)
    assert alone.value == 0.0 and "one image alone scores 0" in alone.result.how
    for found in (*bleu([], [], **QUICK), rouge_l([], [], **QUICK), cider([], [], **QUICK), cider_plain([], [], **QUICK)):
        assert math.isnan(found.value) and found.result.n == 0


def test_an_unknown_tokenizer_is_named():
    with pytest.raises(InputError, match="tokenizer must be one of ptb, ptb_each, none, got 'moses'"):
        prepare(["a"], [["b"]], tokenizer="moses")


def test_a_few_captions_start_no_compiler():
    code = (
        "import sys; from diptych.measure.ngrams import prepare; from diptych.measure.bleu import bleu_of; "
        "from diptych.measure.rouge import rouge_l_of; from diptych.measure.cider import cider_of; "
        "c = prepare(['a dog'], [['the dog']], tokenizer='none'); bleu_of(c), rouge_l_of(c), cider_of(c); print('numba' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"


@pytest.mark.parametrize("paying", [True, False])
def test_parted_tokens_and_empty_captions_either_way(monkeypatch, paying):
    monkeypatch.setattr(ngrams, "pays", lambda captions: paying)
    found = prepare(["1 1/2 cups", "", "a 1 1/2"], [["", "1 1/2"], [".", "a dog"], ["1 1/2 cups", "a"]])
    words = [[found.vocabulary[n] for n in found.words.ids_T[a:b]] for a, b in pairwise(found.words.offsets)]
    assert words == [["1", "1/2", "cups"], [], ["1", "1/2"], [], [], ["a", "dog"], ["a", "1", "1/2"], ["1", "1/2", "cups"], ["a"]]
    assert found.pieces.lengths_C.tolist() == [2, 1, 1, 1, 1, 2, 2, 2, 1]
    glued = [found.pieces.ids_T[found.pieces.offsets[c]] for c in (0, 2, 7)]
    assert len(set(glued)) == 1 and glued[0] == found.pieces.ids_T[found.pieces.offsets[6] + 1] >= len(found.vocabulary)
    assert rouge_l_of(found, resamples=0).values_N.tolist()[1] == 1.0


def test_an_end_of_line_shifts_later_captions_as_in_the_reference_and_is_told_or_is_kept_to_its_own():
    candidates, references = ["a dog\rruns", "a cat", "two birds"], [["a dog"], ["a cat"], ["two birds"]]
    shifted = rouge_l(candidates, references, resamples=0)
    assert shifted.values_N[0] == 1 and max(shifted.values_N[1:]) < 1
    assert "1 captions hold an end of line and shift all later ones" in shifted.result.how
    own = rouge_l(candidates, references, tokenizer="ptb_each", resamples=0)
    assert own.values_N[0] < 1 and min(own.values_N[1:]) == 1
    assert "shift" not in own.result.how and "each caption by itself" in own.result.how
