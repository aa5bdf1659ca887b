import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.models.abilities import Captioner, CaptionRequest, Judge, JudgeRequest
from diptych.world.experts_judge import harmonic

PERFECT = "sim:judge?accuracy=1&leniency=0&trust=0&sight=1&verbosity=0&noise=0&enough=1"
HAND = table(hand_made())


def scores(address, *captions, truths=HAND, key="hand", texts=()):
    return opened(address, truths, Judge).judge([JudgeRequest(picture(key), captions, texts)])[0].scores


def test_the_score_of_a_perfect_judge_worked_by_hand():
    """Facts: mug, table, duck; red, small, shiny, blue, green, green, striped; two ducks; mug on table; OPEN: 13 in all."""
    assert scores(PERFECT, "a zebra", "a picture") == (1.0, 1.0)
    # 2 of 2 believed, 2 of 13 told: 2 * 2/13 / (1 + 2/13) = .267, times 5 is 1.33
    assert scores(PERFECT, "a red mug") == (2.0,)
    # half believed, 1 of 13 told: .133
    assert scores(PERFECT, "a blue mug") == (2.0,)
    # with enough = .2 the red mug has told 2/2.6 of what it need: 2 * .769 / 1.769 = .87, 4.35
    assert scores(PERFECT.replace("enough=1", "enough=.2"), "a red mug") == (5.0,)
    assert harmonic(0.0, 0.0) == 0 and harmonic(1.0, 0.5) == pytest.approx(2 / 3)


def test_scores_are_whole_and_no_caption_changes_another_s():
    truths = table(*(truth(k) for k in range(60)))
    for key in truths:
        pair = scores("sim:judge", "a red mug and a ball", "two blue cubes", truths=truths, key=key)
        assert pair[1:] == scores("sim:judge", "two blue cubes", truths=truths, key=key)
        assert all(1 <= one <= 6 and one == int(one) for one in pair)


def test_what_the_texts_say_is_believed_where_it_trusts_them():
    trusting = PERFECT.replace("trust=0", "trust=1").replace("enough=1", "enough=0.01")
    wary = PERFECT.replace("enough=1", "enough=0.01")
    text = "a red mug and a castle"
    assert scores(trusting, text, texts=("There is a castle.",)) > scores(wary, text, texts=("There is a castle.",))
    assert scores(trusting, text) == scores(wary, text)


def test_a_judge_of_a_captioner_s_family_likes_its_captions_better_than_another_judge_does():
    truths = table(*(truth(k, 5, alike=False) for k in range(500)))
    captioner = opened("sim:captioner?family=a", truths, Captioner)
    texts = {key: captioner.caption([CaptionRequest(picture(key))])[0].text for key in truths}
    kin, other = (
        np.array([scores(f"sim:judge?family={family}", texts[key], truths=truths, key=key)[0] for key in truths]) for family in ("a", "b")
    )
    gain = kin - other
    assert gain.mean() > 2 * gain.std() / len(gain) ** 0.5


def test_a_guessing_judge_uses_the_whole_scale_evenly():
    truths = table(*(truth(k) for k in range(600)))
    found = [scores("sim:judge?guessing=1", "a ball", truths=truths, key=key)[0] for key in truths]
    assert set(found) == {1.0, 2.0, 3.0, 4.0, 5.0, 6.0} and np.mean(found) == pytest.approx(3.5, abs=0.2)
