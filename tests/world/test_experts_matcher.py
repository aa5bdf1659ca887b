import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.models.abilities import Matcher, MatchRequest
from diptych.world.grammar import say

PERFECT = "sim:matcher?misjudged=0&binding_blind=0&noise=0&generic=0"
HAND = table(hand_made())
TRUTHS = table(*(truth(k, 5, alike=False) for k in range(200)))


def scores(texts, address="sim:matcher", truths=HAND):
    return [answer.score for answer in opened(address, truths, Matcher).match([MatchRequest(picture(key), text) for key, text in texts])]


def test_a_perfect_matcher_gives_fact_f1():
    """Facts: 3 nouns, 7 attributes, 1 count, 1 contact, 1 text: 13. "a red mug" states 2, both true: P 1, R 2/13."""
    red, white = scores([("hand", "a red mug"), ("hand", "a white mug")], PERFECT)
    assert red == pytest.approx(2 * (2 / 13) / (1 + 2 / 13))
    assert white == pytest.approx(2 * 0.5 * (1 / 13) / (0.5 + 1 / 13))


def test_true_texts_mostly_score_above_texts_of_other_pictures():
    keys = list(TRUTHS)
    own = [say(TRUTHS[key].graph, "short", ()).text for key in keys]
    pairs = np.array(scores([*zip(keys, own, strict=True)], truths=TRUTHS)) > scores(
        [*zip(keys, own[1:] + own[:1], strict=True)], truths=TRUTHS
    )
    assert pairs.mean() > 0.97


def test_texts_with_wrong_binding_are_often_believed():
    """A colour that something else in the picture has is believed at `binding_blind`."""
    swapped = []
    for key, one in TRUTHS.items():
        first, other = one.graph.entities[:2]
        if first.values[0] != other.values[0]:
            swapped.append((key, f"a {other.values[0]} {first.noun}"))
    address = "sim:matcher?misjudged=0&noise=0&generic=0"
    blind, strict = np.array(scores(swapped, address, TRUTHS)), np.array(scores(swapped, PERFECT, TRUTHS))
    assert (blind > strict + 1e-9).mean() == pytest.approx(0.4, abs=0.08)


@pytest.mark.parametrize("text", ["", "?!", "click to enlarge", "x" * 3000])
def test_any_text_gets_a_score_between_0_and_1(text):
    assert 0 <= scores([("hand", text)])[0] <= 1
