"""Self-retrieval by hand: embedder, matcher and oracle, ties, failures, bags of several sizes."""

import math

import numpy as np
import pytest
from vector_doubles import FixedEmbedder, FixedMatcher, pictures

from diptych.data.errors import InputError
from diptych.measure.bags import random_bags
from diptych.measure.self_retrieval import searches, self_retrieval

VECTORS = {"key-a": [1, 0], "key-b": [0, 1], "key-c": [1, 1], "A": [2, 0.1], "B": [5, 1], "C": [3, 3]}
SAID = {"a": "A", "b": "B", "c": "C"}


def run(bags, **more):
    more = {"model": FixedEmbedder(VECTORS), "resamples": 0} | more
    return {one.name: one for one in self_retrieval(more.pop("said", SAID), bags, pictures("a", "b", "c"), **more)}


def test_by_hand() -> None:
    found = run([("a", "b", "c"), ("a", "b")])
    assert list(found) == ["self_retrieval_2", "self_retrieval_similarity_2", "self_retrieval_3", "self_retrieval_similarity_3"]
    assert found["self_retrieval_3"].value == pytest.approx(2 / 3)  # B looks like a
    assert found["self_retrieval_2"].value == 0.5 and found["self_retrieval_2"].per_image == {"a": 0.5}
    own = [2 / math.hypot(2, 0.1), 1 / math.hypot(5, 1), 1.0]
    assert found["self_retrieval_similarity_3"].value == pytest.approx(100 * np.mean(own))


def test_a_bag_is_a_row_and_its_captions_are_drawn_together() -> None:
    found = run([("a", "b", "c"), ("a", "c", "b")])["self_retrieval_3"]
    assert found.ids == ("a", "a#2") and found.columns_NK.tolist() == [[2, 3], [2, 3]]


def test_the_first_alone_asks_as_with_random_distractors() -> None:
    found = run(random_bags(list(SAID), 3), queries="first")["self_retrieval_3"]
    assert found.per_image == {"a": 1.0, "b": 0.0, "c": 1.0}


@pytest.mark.parametrize("size", [2, 5, 10])
def test_a_model_that_says_always_the_same_gets_chance(size) -> None:
    ids = [str(n) for n in range(10)]
    bags = random_bags(ids, size)
    texts = dict.fromkeys(ids, "a photo")
    alike = FixedEmbedder({f"key-{n}": [1.0, 2.0] for n in ids} | {"a photo": [1, 1]})
    for model in (alike, FixedMatcher({(f"key-{n}", "a photo"): 0.5 for n in ids}), lambda text, id: 0.5):
        (found, *_) = self_retrieval(texts, bags, pictures(*ids), model=model, resamples=0)
        assert found.value == pytest.approx(1 / size)
        (found, *_) = self_retrieval(texts, bags, pictures(*ids), model=model, ties="pessimistic", resamples=0)
        assert found.value == 0.0


def test_an_oracle_needs_no_pictures() -> None:
    facts = {"a": {"red", "mug"}, "b": {"blue", "mug"}}
    found = self_retrieval(
        {"a": "red mug", "b": "mug"}, [("a", "b")], model=lambda text, id: len(facts[id] & set(text.split())), resamples=0
    )
    assert [one.name for one in found] == ["self_retrieval_2"] and found[0].value == pytest.approx((1 + 0.5) / 2)
    assert "given similarity" in found[0].result.how


def test_failures_leave_captions_out_and_are_counted() -> None:
    model = FixedEmbedder({name: vector for name, vector in VECTORS.items() if name not in ("B", "key-c")})
    found = run([("a", "b"), ("a", "c")], model=model)["self_retrieval_2"]
    assert found.per_image["a"] == 1.0 and math.isnan(found.per_image["a#2"]) and found.value == 1.0
    for said in ("1 of 3 pictures failed", "1 of 3 texts failed", "3 of 4 captions undefined, left out"):
        assert said in found.result.how


def test_a_matcher_is_asked_each_pair_once() -> None:
    scores = {(f"key-{image}", text): float(image == text.lower()) for image in "abc" for text in "ABC"}
    del scores["key-b", "A"]
    model = FixedMatcher(scores)
    found = run([("a", "b", "c"), ("c", "b", "a"), ("b", "c")], model=model)
    assert list(found) == ["self_retrieval_2", "self_retrieval_3"] and found["self_retrieval_3"].value == 1.0
    assert len(model.asked) == 9 and "1 of 9 matches failed" in found["self_retrieval_3"].result.how


def test_every_search_by_itself_for_a_reward() -> None:
    found = searches(SAID, [("a", "b")], pictures("a", "b"), model=FixedEmbedder(VECTORS))
    assert [(one.bag, one.id, one.hit) for one in found] == [(0, "a", 1.0), (0, "b", 0.0)]


def test_half_precision_gives_the_same() -> None:
    big = {name: 3000 * np.array(vector) for name, vector in VECTORS.items()}
    one, other = run([("a", "b", "c")]), run([("a", "b", "c")], model=FixedEmbedder(big, np.float16))
    for name, found in one.items():
        assert found.value == pytest.approx(other[name].value, abs=0.05)


def test_long_and_empty_captions_are_noted() -> None:
    long = "w " * 100
    found = run([("a", "b")], said={"a": long, "b": ""}, model=FixedEmbedder(VECTORS | {long: [1, 0], "": [0, 1]}))["self_retrieval_2"]
    assert "1 of 2 texts surely longer than the encoder's 77 tokens" in found.result.how and "1 of 2 captions empty" in found.result.how


@pytest.mark.parametrize(
    ("bags", "said"),
    [
        ([("a",)], "two images or more"), ([("a", "a")], "each once"), ([("a", "z")], "have no candidate, first 'z'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(bags, said) -> None:
    with pytest.raises(InputError, match=said):
        run(bags)
    with pytest.raises(InputError, match="no picture, first 'c'"):
        self_retrieval(SAID, [("a", "c")], pictures("a"), model=FixedEmbedder(VECTORS))
