"""Vectors of length 1: half precision, huge and tiny vectors, each picture and text once, what fails."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_doubles import FixedEmbedder, picture, pictures

from diptych.data.errors import InputError, RunError
from diptych.measure import asking
from diptych.measure.asking import ask_all
from diptych.measure.embeddings import cosine, cosines, embed_pictures, embed_texts, said_long, unit


def test_unit_by_hand() -> None:
    assert unit([3, 4]).tolist() == pytest.approx([0.6, 0.8])
    assert unit([0.0, 0.0]) is None and unit([np.nan, 1]) is None and unit([np.inf, 1]) is None and unit([]) is None


@pytest.mark.parametrize("size", [1e-300, 1e-7, 1.0, 300.0, 1e300])
def test_no_square_over_or_underflows(size: float) -> None:
    found = unit(np.array([3.0, 4.0]) * size)
    assert found.dtype == np.float64 and found.tolist() == pytest.approx([0.6, 0.8], rel=1e-12)


@pytest.mark.parametrize("size", [1e-3, 1.0, 2000.0])  # at 2000 the square of an entry, and the norm, are infinite in float16
def test_float16_gives_what_float32_gives(size: float) -> None:
    one, other = np.random.default_rng(0).normal(size=(2, 64))
    wide = cosine(unit((one * size).astype(np.float32)), unit((other * size).astype(np.float32)))
    half = cosine(unit((one * size).astype(np.float16)), unit((other * size).astype(np.float16)))
    assert half == pytest.approx(wide, abs=1e-3)
    with np.errstate(all="ignore"):
        naive = (one * size).astype(np.float16)
        norm = np.sqrt((naive * naive).sum(dtype=np.float16))
    assert size < 1000 or not np.isfinite(norm)  # what a norm in the model's own type would have been


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=8))
def test_length_is_one(values: list[float]) -> None:
    found = unit(values)
    assert found is None if not np.any(values) else np.linalg.norm(found) == pytest.approx(1, abs=1e-12)


def test_each_different_picture_and_text_is_asked_once() -> None:
    model = FixedEmbedder({"key-a": [1, 0], "key-c": [0, 1], "p x": [1, 1], "p y": [2, 0]})
    shown = embed_pictures({"a": picture("key-a"), "b": picture("key-a"), "c": picture("key-c"), "d": picture("key-d")}, model)
    told = embed_texts(["x", "y", "x"], model, "p ")
    assert sorted(model.asked) == ["key-a", "key-c", "key-d", "p x", "p y"]
    assert shown.of["a"].tolist() == shown.of["b"].tolist() == [1, 0] and set(told.of) == {"x", "y"}
    assert shown.said("pictures") == "1 of 4 pictures failed (first: no vector of key-d)" and told.said("texts") == ""
    assert shown.cosine("c", told, "x") == pytest.approx(np.sqrt(0.5)) and np.isnan(shown.cosine("d", told, "x"))


def test_a_vector_that_overflowed_in_the_model_fails_and_says_so() -> None:
    found = embed_pictures(pictures("a"), FixedEmbedder({"key-a": [1e6, 1]}, np.float16))
    assert not found.of and "zero or not finite" in found.said("pictures")


def test_vectors_of_two_widths_are_refused() -> None:
    with pytest.raises(InputError, match="widths 2 and 3"):
        cosine(np.ones(2), np.ones(3))


def test_requests_go_in_batches_and_every_answer_is_accounted_for() -> None:
    model = FixedEmbedder({str(n): [1.0] for n in range(600)})
    embed_texts(map(str, range(600)), model)
    assert model.batches == [256, 256, 88]
    with pytest.raises(RunError, match="0 answers to 2 requests"):
        ask_all(lambda requests: [], ["x", "y"])


def test_texts_surely_too_long_are_counted() -> None:
    assert said_long(["a b c", "a, b!"], 5) == "1 of 2 texts surely longer than the encoder's 5 tokens, cut there"
    assert said_long(["a b c"], None) == said_long(["a b c"], 5) == ""


def test_tables_of_cosines_are_the_cosines_one_by_one() -> None:
    rng = np.random.default_rng(0)
    model = FixedEmbedder({f"key-{n}": rng.normal(size=6) for n in range(4)} | {t: rng.normal(size=6) for t in "xyz"})
    shown, told = embed_pictures(pictures("0", "1", "lost", "3"), model), embed_texts("xy?", model)
    found = cosines(shown, ["3", "lost", "0"], told, ["?", "y", "x"])
    one_by_one = [[shown.cosine(id, told, name) for name in "?yx"] for id in ("3", "lost", "0")]
    assert found == pytest.approx(np.array(one_by_one), nan_ok=True) and np.isnan(found).sum() == 5
    assert np.isnan(cosines(shown, ["lost"], told, ["x"])).all()


def test_scores_are_computed_by_numpy_on_the_host_alone() -> None:
    folder = Path(asking.__file__).parent
    for name in ("embeddings", "clipscore", "retrieval", "retrieval_ranks", "self_retrieval", "regeneration", "bags"):
        assert "torch" not in (folder / f"{name}.py").read_text("utf-8")
