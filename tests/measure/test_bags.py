"""Bags: their sizes, what they depend on, and hard ones against a slow reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.measure import bags as module
from diptych.measure.bags import hard_bags, random_bags

IDS = [f"i{n}" for n in range(30)]


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.integers(0, 5))
def test_random_bags_hold_their_image_first_and_others_once(size, seed) -> None:
    found = random_bags(IDS, size, seed=seed)
    assert [bag[0] for bag in found] == IDS
    assert all(len(bag) == len(set(bag)) == size and set(bag) <= set(IDS) for bag in found)


def test_random_bags_hang_on_ids_and_seed_not_on_the_order() -> None:
    turned = dict(zip(reversed(IDS), random_bags(IDS[::-1], 5), strict=True))
    assert turned == dict(zip(IDS, random_bags(IDS, 5), strict=True))
    assert random_bags(IDS, 5) != random_bags(IDS, 5, seed=1)


def test_every_other_image_is_as_likely() -> None:
    drawn = np.zeros(30)
    for seed in range(400):
        for id in random_bags(IDS, 3, seed=seed)[7][1:]:
            drawn[IDS.index(id)] += 1
    assert drawn[7] == 0 and drawn[[n for n in range(30) if n != 7]] == pytest.approx(800 / 29, rel=0.7)


def test_hard_bags_by_hand() -> None:
    angles = {"a": 0, "b": 4, "c": 40, "d": 42, "e": 200}  # c and d lie closest, then a and b; e is alone
    vectors = {id: 3 * np.array([np.cos(np.radians(t)), np.sin(np.radians(t))]) for id, t in angles.items()}
    assert [set(bag) for bag in hard_bags(vectors, 2, at_least=0.9)] == [{"c", "d"}, {"a", "b"}]
    assert [set(bag) for bag in hard_bags(vectors, 2, count=1)] == [{"c", "d"}]
    assert [set(bag) for bag in hard_bags(vectors, 2, at_least=0.9, below=0.999)] == [{"a", "b"}]  # c and d are copies


def test_hard_bags_share_no_image_and_are_near_neighbours(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(8, 16))
    vectors = {f"{c}-{k}": centres[c] + 0.1 * rng.normal(size=16) for c in range(8) for k in range(5)}
    found = hard_bags(vectors, 5)
    assert sorted(id for bag in found for id in bag) == sorted(vectors)
    assert all(len({id.split("-")[0] for id in bag}) == 1 for bag in found)
    monkeypatch.setattr(module, "_BLOCK", 7)
    assert hard_bags(dict(reversed(list(vectors.items()))), 5) == found


def test_ties_are_settled_by_the_seed() -> None:
    alike = {id: np.ones(4) for id in IDS}
    assert hard_bags(alike, 3) == hard_bags(dict(reversed(alike.items())), 3)
    assert hard_bags(alike, 3) != hard_bags(alike, 3, seed=1)
    assert len(hard_bags(alike, 3)) == 10
    assert hard_bags(alike, 3, at_least=1.0) and not hard_bags(alike, 3, below=1.0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: random_bags(["a", "b"], 3), "from 2 to the number of images, 2, got 3"),
        (lambda: random_bags(["a", "b"], 1), "got 1"),
        (lambda: random_bags(["a", "a", "b"], 2), "ids must differ"),
        (lambda: hard_bags({"a": [0.0, 0.0], "b": [1.0, 0.0]}, 2), "vector of 'a' is zero"),
    ],
)
def test_what_does_not_fit_is_named(call, said) -> None:
    with pytest.raises(InputError, match=said):
        call()
