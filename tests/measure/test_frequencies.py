"""Document frequencies made, saved, loaded, and CIDEr-D with them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError, SourceError
from diptych.measure import ngrams
from diptych.measure.cider import cider, cider_d
from diptych.measure.frequencies import Frequencies, document_frequencies
from diptych.measure.ngrams import prepare

REFERENCES = {"a": ["a red dog runs", "the dog runs"], "b": ["a red cat"], "c": ["grass", "", "a cat on grass"]}
CANDIDATES = {"a": "a red dog", "b": "a dog", "c": "a cat on the grass"}
QUICK = {"tokenizer": "none", "resamples": 0}


@pytest.fixture
def known():
    return document_frequencies(REFERENCES, tokenizer="none", source="three images")


def test_counts_images_and_not_captions(known):
    assert (known.images, known.count("dog"), known.count("dog runs"), known.count("a red")) == (3, 1, 1, 2)
    assert (known.count("a"), known.count("a cat on grass"), known.count("red runs"), known.count("zebra")) == (3, 1, 0, 0)


@pytest.mark.parametrize("compiled_from", [0, 10**9])
def test_its_own_references_give_cider_back(known, tmp_path, monkeypatch, compiled_from):
    monkeypatch.setattr(ngrams, "COMPILED_FROM", compiled_from)
    known.save(tmp_path / "df.npz")
    found = cider_d(CANDIDATES, REFERENCES, frequencies=tmp_path / "df.npz", **QUICK)
    assert found.values_N.tolist() == cider(CANDIDATES, REFERENCES, **QUICK).values_N.tolist()
    assert found.name == "cider_d" and "document frequencies of 3 images (three images)" in found.result.how


def test_one_image_scores_as_it_does_in_company(known):
    together = cider_d(CANDIDATES, REFERENCES, frequencies=known, **QUICK).per_image
    for id, text in CANDIDATES.items():
        assert cider_d({id: text}, {id: REFERENCES[id]}, frequencies=known, **QUICK).value == together[id]


def test_an_ngram_that_begins_with_an_unknown_word_is_unknown(known):
    corpus = prepare(["zebra a"], [["zebra a"]], tokenizer="none")
    counts = dict(zip([(-1, 0), (-1, 1), (0, 1)], known.of(corpus).tolist(), strict=True))
    assert corpus.vocabulary == ("zebra", "a") and counts == {(-1, 0): 0, (-1, 1): 3, (0, 1): 0}


def test_an_unknown_ngram_counts_as_one_of_one_image(known):
    # "zebra" and "dog" both weigh ln 3: 10 * cosine 1 of words / 4
    found = cider_d(["zebra"], [["zebra"]], frequencies=known, **QUICK).value
    assert found == pytest.approx(10 / 4) == cider_d(["dog"], [["dog"]], frequencies=known, **QUICK).value
    # "a" is in every image and weighs nothing, so only "dog" counts: of two words its cosine is 1
    mixed = cider_d(["a dog"], [["dog"]], frequencies=known, **QUICK).value
    assert mixed == pytest.approx(10 * math.exp(-1 / 72) / 4)


def test_save_and_load_keep_everything(known, tmp_path):
    known.save(tmp_path / "df")
    read = Frequencies.load(tmp_path / "df")
    assert (read.images, read.words, read.source, len(read)) == (3, known.words, "three images", len(known))
    assert read.parents_G.tolist() == known.parents_G.tolist() and read.counts_G.tolist() == known.counts_G.tolist()


def test_raw_captions_and_lists(tmp_path):
    made = document_frequencies([["A dog.", "dogs!"], ["A cat"]])
    assert (made.images, made.count("a"), made.count("dogs"), made.count(".")) == (2, 2, 1, 0)


def test_references_without_a_word(tmp_path):
    empty = document_frequencies([["", ""]], tokenizer="none")
    empty.save(tmp_path / "df.npz")
    assert len(Frequencies.load(tmp_path / "df.npz")) == 0
    assert cider_d(["a b"], [["a b"]], frequencies=tmp_path / "df.npz", **QUICK).value == 0.0  # one image: ln 1 is nothing


def test_no_image_is_an_error():
    with pytest.raises(InputError, match="at least one image"):
        document_frequencies([])


@pytest.mark.parametrize("content", [b"", b"not a file of arrays", b"PK\x03\x04broken"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(SourceError, match="holds no document frequencies"):
        Frequencies.load(tmp_path / "x.npz")


def test_missing_and_pickled_files_are_refused(tmp_path, known):
    with pytest.raises(SourceError, match="holds no document frequencies"):
        Frequencies.load(tmp_path / "none.npz")
    np.savez(tmp_path / "x.npz", parents_G=np.array([{}], object), lasts_G=[0], counts_G=[1], images=1, words=[97], source=[])
    with pytest.raises(SourceError, match="holds no document frequencies"):
        Frequencies.load(tmp_path / "x.npz")


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_changed_bytes_are_read_or_refused(tmp_path_factory, changes):
    file = tmp_path_factory.getbasetemp() / "df.npz"
    document_frequencies([["a dog on a bed", "a cat"], ["two men in a boat"]]).save(file)
    content = bytearray(file.read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    file.write_bytes(content)
    try:
        assert Frequencies.load(file).images > 0
    except SourceError as error:
        assert "document frequencies" in str(error)


def test_files_that_unpack_to_too_much_are_refused(tmp_path, known, monkeypatch):
    known.save(tmp_path / "df.npz")
    monkeypatch.setattr("diptych.measure.frequencies._BYTES", 100)
    with pytest.raises(SourceError, match="at most 100"):
        Frequencies.load(tmp_path / "df.npz")


@pytest.mark.parametrize(("name", "value"), [("parents_G", 5), ("lasts_G", -1), ("lasts_G", 99), ("counts_G", 9), ("images", 0)])
def test_arrays_that_contradict_themselves_are_refused(tmp_path, known, name, value):
    known.save(tmp_path / "df.npz")
    with np.load(tmp_path / "df.npz") as stored:
        arrays = dict(stored)
    if name == "images":
        arrays[name] = np.array(value)
    else:
        arrays[name][0] = value
    np.savez(tmp_path / "df.npz", **arrays)
    with pytest.raises(SourceError, match="contradict"):
        Frequencies.load(tmp_path / "df.npz")


def test_other_tokens_than_were_counted_are_refused(tmp_path):
    file = tmp_path / "frequencies.npz"
    document_frequencies([["A dog on a bed.", "a cat"]]).save(file)
    known = Frequencies.load(file)
    assert known.tokens.startswith("PTB tokens")
    with pytest.raises(InputError, match="one tokenizer for both"):
        cider_d(["a dog"], [["a cat"]], frequencies=known, tokenizer="none")
