"""Vectors of facts: what is alike lies close, and what the embedder is blind to makes no difference."""

import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.models.abilities import Embedder, EmbedRequest
from diptych.world.grammar import say

PERFECT = "sim:embedder?missed=0&attribute_missed=0&binding_blind=0&count_blind=0&relation_blind=0&text_missed=0&noise=0"
TRUTHS = table(hand_made(), *(truth(k, 4, alike=False) for k in range(120)))


def vectors(address, texts=(), keys=(), seed=0):
    requests = [*(EmbedRequest(text=text) for text in texts), *(EmbedRequest(picture(key)) for key in keys)]
    found = np.array([one.vector for one in opened(address, TRUTHS, Embedder, seed).embed(requests)], float)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def cosine(one, other, address=PERFECT):
    a, b = vectors(address, (one, other))
    return float(a @ b)


def test_texts_that_say_the_same_are_one_vector_whatever_their_words_or_order():
    assert cosine("a red mug and a blue car", "There is a blue car. A red mug.") == pytest.approx(1.0)
    assert cosine("a mug left of a car", "a car right of a mug") == pytest.approx(1.0)
    assert cosine("a red mug", "A photo depicts a red mug") == pytest.approx(1.0)


def test_hand_worked_cosine():
    """A red mug: mug 1, cup .5, red and red mug a half each by square: 2.25. Green instead of red leaves mug and cup: 1.25 / 2.25.
    Vectors of different facts are nearly at right angles: off by about 1 / sqrt(512) = .044.
    """
    assert cosine("a red mug", "a green mug") == pytest.approx(1.25 / 2.25, abs=0.09)
    assert cosine("a red mug", "a blue car") == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize(
    ("rate", "one", "other"),
    [
        ("binding_blind", "a red mug and a blue car", "a blue mug and a red car"),
        ("count_blind", "two mugs", "five mugs"),
        ("relation_blind", "a mug left of a car", "a mug right of a car"),
        ("text_missed", 'a sign that says "OPEN"', 'a sign that says "STOP"'),
    ],
)
def test_what_it_is_blind_to_makes_no_difference(rate, one, other):
    assert cosine(one, other) < 0.95
    assert cosine(one, other, PERFECT.replace(f"{rate}=0", f"{rate}=1")) == pytest.approx(1.0)


def test_pictures_lie_closer_to_their_own_captions_than_to_others():
    keys = list(TRUTHS)
    texts = [say(TRUTHS[key].graph, "dense", ()).text for key in keys]
    table_TP = vectors("sim:embedder", texts, keys)
    likeness = table_TP[: len(keys)] @ table_TP[len(keys) :].T
    assert (likeness.argmax(axis=1) == np.arange(len(keys))).mean() > 0.95


def test_a_guessing_embedder_knows_nothing():
    keys = list(TRUTHS)
    texts = [say(TRUTHS[key].graph, "dense", ()).text for key in keys]
    both = vectors("sim:embedder?guessing=1", texts, keys)
    own = (both[: len(keys)] * both[len(keys) :]).sum(axis=1)
    assert abs(own.mean()) < 0.02


def test_things_are_missed_at_their_rate():
    """The cosine of an embedder that misses nothing and of one that misses 30 % of single things: 1 or nothing in common."""
    nouns = [f"a {colour} {noun}" for noun in ("mug", "car", "duck", "chair", "ball") for colour in ("red", "blue", "green", "pink")]
    seeds = [vectors(PERFECT.replace("missed=0&attribute", "missed=.3&attribute"), nouns, seed=s) for s in range(15)]
    whole = vectors(PERFECT, nouns)
    seen = np.mean([(one * whole).sum(axis=1) > 0.9 for one in seeds])
    assert seen == pytest.approx(0.7, abs=0.08)


@pytest.mark.parametrize("text", ["", "?!", "x" * 3000, "no mug"])
def test_any_text_has_a_finite_vector(text):
    (answer,) = opened("sim:embedder", TRUTHS, Embedder).embed([EmbedRequest(text=text)])
    assert answer.vector.dtype == np.float32 and np.isfinite(answer.vector).all() and np.abs(answer.vector).max() > 0
