"""Labels of two texts: right at the table's rate, the same in any company, and blind to pictures."""

import random

import numpy as np
import pytest
from experts_samples import opened

from diptych.models.abilities import Entailer, EntailRequest
from diptych.world.experts_entailer import entailment

PREMISE = "There is a small red mug on a blue table and three green ducks."
CASES = [
    ("There is a mug.", "entailed"),
    ("The mug is red.", "entailed"),
    ("There are three ducks.", "entailed"),
    ("The mug is on the table.", "entailed"),
    ("The mug is green.", "contradicted"),
    ("There are five ducks.", "contradicted"),
    ("There is a car.", "neutral"),
    ("The ducks are striped.", "neutral"),
    ("", "neutral"),
]
PAIRS = [
    EntailRequest(f"a {colour} {noun} and a {other} lamp", f"There is a {asked} {noun}.")
    for noun in ("mug", "car", "duck", "chair", "ball", "robot", "vase", "cone")
    for colour in ("red", "blue", "green", "pink")
    for other in ("white", "black", "cyan")
    for asked in ("red", "blue", "green", "pink", "purple")
]


@pytest.mark.parametrize(("hypothesis", "label"), CASES)
def test_what_the_premise_says_of_a_hypothesis(hypothesis, label):
    assert entailment(PREMISE, hypothesis) == label


def labels(address, requests=PAIRS, seed=0):
    return [answer.label for answer in opened(address, {}, Entailer, seed).entail(requests)]


def test_a_perfect_entailer_is_right():
    assert labels("sim:entailer?accuracy=1") == [entailment(one.premise, one.hypothesis) for one in PAIRS]


@pytest.mark.parametrize("accuracy", [0.6, 0.88])
def test_it_is_right_at_its_rate(accuracy):
    """480 pairs: the share's error is .02."""
    right = [entailment(one.premise, one.hypothesis) for one in PAIRS]
    found = labels(f"sim:entailer?accuracy={accuracy}")
    assert np.mean([a == b for a, b in zip(found, right, strict=True)]) == pytest.approx(accuracy, abs=0.06)


def test_wrong_labels_on_what_does_not_follow_are_yes_at_the_lenient_share():
    found = labels("sim:entailer?accuracy=0&lenient=.8")
    unfounded = [label for label, one in zip(found, PAIRS, strict=True) if entailment(one.premise, one.hypothesis) != "entailed"]
    assert len(unfounded) > 300
    assert np.mean([label == "entailed" for label in unfounded]) == pytest.approx(0.8, abs=0.07)
    assert "entailed" not in {
        label for label, one in zip(found, PAIRS, strict=True) if entailment(one.premise, one.hypothesis) == "entailed"
    }


def test_answers_do_not_depend_on_order_or_company_but_on_the_seed():
    whole = labels("sim:entailer")
    order = list(range(len(PAIRS)))
    random.Random(5).shuffle(order)
    expert = opened("sim:entailer", {}, Entailer)
    assert [expert.entail([PAIRS[i]])[0].label for i in order] == [whole[i] for i in order]
    assert whole != labels("sim:entailer", seed=1)


def test_a_guessing_entailer_does_not_read():
    found = labels("sim:entailer?guessing=1")
    right = [entailment(one.premise, one.hypothesis) for one in PAIRS]
    assert np.mean([a == b for a, b in zip(found, right, strict=True)]) == pytest.approx(1 / 3, abs=0.07)
