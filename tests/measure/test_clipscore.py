"""CLIPScore and RefCLIPScore by hand, in half precision, with failures and empty captions."""

import math

import numpy as np
import pytest
from vector_doubles import FixedEmbedder, FixedMatcher, pictures

from diptych.data.errors import InputError
from diptych.measure.clipscore import PROMPT, clipscore, clipscores, ref_clipscore

# cosines with the picture [1, 0]: dog .6, cat -.8, "" 1
VECTORS = {
    "key-a": [1, 0], "key-b": [0, 2], f"{PROMPT}dog": [3, 4], f"{PROMPT}cat": [-4, 3], PROMPT: [5, 0], f"{PROMPT}puppy": [0, 7],
    f"{PROMPT}mutt": [-1, 0],
}  # fmt: skip


def test_by_hand() -> None:
    found = clipscore({"a": "dog", "b": "dog"}, pictures("a", "b"), model=FixedEmbedder(VECTORS))
    assert found.per_image == pytest.approx({"a": 2.5 * 0.6, "b": 2.5 * 0.8}) and found.value == pytest.approx(1.75)
    assert "prompt 'A photo depicts '" in found.result.how


def test_a_negative_cosine_scores_nought() -> None:
    assert clipscore({"a": "cat"}, pictures("a"), model=FixedEmbedder(VECTORS)).value == 0.0


def test_each_picture_and_text_is_embedded_once() -> None:
    model = FixedEmbedder(VECTORS)
    clipscores({"a": "dog", "b": "dog"}, {"a": ["dog", "cat"], "b": ["cat"]}, pictures("a", "b"), model=model)
    assert sorted(model.asked) == sorted(["key-a", "key-b", f"{PROMPT}dog", f"{PROMPT}cat"])


def test_failures_are_counted_and_never_score_nought() -> None:
    found = clipscore({"a": "dog", "b": "unheard", "c": "dog"}, pictures("a", "b", "c"), model=FixedEmbedder(VECTORS))
    assert math.isnan(found.per_image["b"]) and math.isnan(found.per_image["c"]) and found.value == pytest.approx(1.5)
    for said in ("1 of 3 pictures failed (first: no vector of key-c)", "1 of 2 texts failed", "2 of 3 images undefined"):
        assert said in found.result.how


def test_empty_captions_are_scored_as_the_prompt_alone_and_counted() -> None:
    found = clipscore({"a": "", "b": "dog"}, pictures("a", "b"), model=FixedEmbedder(VECTORS))
    assert found.per_image["a"] == 2.5 and "1 of 2 captions empty" in found.result.how


def test_reference_score_is_the_harmonic_mean_with_the_best_reference() -> None:
    # cos(dog, puppy) = .8, cos(dog, cat) = 0: best .8; with 2.5 * .6 = 1.5: 2 * 1.5 * .8 / 2.3
    plain, found = clipscores({"a": "dog"}, {"a": ["cat", "puppy"]}, pictures("a"), model=FixedEmbedder(VECTORS))
    assert found.value == pytest.approx(2 * 1.5 * 0.8 / 2.3) and plain.value == pytest.approx(1.5)
    assert ref_clipscore({"a": "dog"}, {"a": ["cat", "puppy"]}, pictures("a"), model=FixedEmbedder(VECTORS)).value == found.value


def test_reference_score_with_failures_and_nothing_alike() -> None:
    candidates, references = {"a": "dog", "b": "dog", "c": "cat"}, {"a": ["unheard", "puppy"], "b": ["unheard"], "c": ["dog", "puppy"]}
    found = ref_clipscore(candidates, references, pictures("a", "b", "c") | {"c": pictures("a")["a"]}, model=FixedEmbedder(VECTORS))
    assert found.per_image["a"] == pytest.approx(2 * 1.5 * 0.8 / 2.3)  # the other reference stands
    assert math.isnan(found.per_image["b"])
    assert found.per_image["c"] == 0.0  # the picture's cosine is below 0


@pytest.mark.parametrize("size", [0.01, 1.0, 3000.0])
def test_half_precision_and_the_size_of_vectors_change_nothing(size: float) -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(size=16)
    names = ["key-a", "key-b", f"{PROMPT}dog", f"{PROMPT}cat", f"{PROMPT}puppy"]
    vectors = {name: size * (base + 0.7 * rng.normal(size=16)) for name in names}
    candidates, references = {"a": "dog", "b": "cat"}, {"a": ["puppy"], "b": ["dog", "puppy"]}
    wide, half = (
        clipscores(candidates, references, pictures("a", "b"), model=FixedEmbedder(vectors, dtype)) for dtype in (np.float32, np.float16)
    )
    for one, other in zip(wide, half, strict=True):
        assert one.values_N == pytest.approx(other.values_N, abs=1e-3) and one.values_N.dtype == np.float64
        assert (one.values_N > 0.5).all()


def test_a_slow_reference() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(12)]
    vectors = {f"key-{n}": rng.normal(size=5) for n in range(6)} | {PROMPT + word: rng.normal(size=5) for word in words}
    said = {str(n): words[rng.integers(12)] for n in range(6)}
    known = {id: [words[k] for k in rng.integers(0, 12, 3)] for id in said}
    _, found = clipscores(said, known, pictures(*said), model=FixedEmbedder(vectors, np.float64))
    for id, value in found.per_image.items():
        image, text = vectors[f"key-{id}"], vectors[PROMPT + said[id]]
        one = 2.5 * max(0.0, _slow_cosine(image, text))
        two = max([0.0, *(_slow_cosine(text, vectors[PROMPT + word]) for word in known[id])])
        assert value == pytest.approx(2 * one * two / (one + two) if one + two else 0.0)


def _slow_cosine(one, other) -> float:
    dot = sum(float(a) * float(b) for a, b in zip(one, other, strict=True))
    return dot / math.sqrt(sum(float(a) ** 2 for a in one)) / math.sqrt(sum(float(b) ** 2 for b in other))


def test_no_captions_give_no_number() -> None:
    assert math.isnan(clipscore({}, {}, model=FixedEmbedder({})).value)


def test_a_matcher_gives_the_cosine_itself() -> None:
    model = FixedMatcher({("key-a", f"{PROMPT}dog"): 30.0})
    found = clipscore({"a": "dog", "b": "dog"}, pictures("a", "b"), model=model, scale=100)
    assert found.value == pytest.approx(0.75) and "1 of 2 matches failed" in found.result.how
    with pytest.raises(InputError, match=r"must be a cosine in \[-1, 1\] after division by scale=1.0, got 30.0"):
        clipscore({"a": "dog"}, pictures("a"), model=model)


@pytest.mark.parametrize(
    ("candidates", "said"),
    [({"z": "dog"}, "1 of 1 captions have no picture, such as 'z'"), ({"a": ["dog"]}, "one text"), ("dog", "mapping by id or a list")],
)
def test_what_does_not_fit_is_named(candidates: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        clipscore(candidates, pictures("a"), model=FixedEmbedder(VECTORS))  # type: ignore[arg-type]


def test_captions_cut_by_the_encoder_are_noted() -> None:
    long = "dog " * 90
    found = clipscore({"a": long}, pictures("a"), model=FixedEmbedder(VECTORS | {PROMPT + long: [1, 0]}))
    assert "1 of 1 texts surely longer than the encoder's 77 tokens" in found.result.how
