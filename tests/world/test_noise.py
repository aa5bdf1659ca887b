from collections import Counter

import pytest
from experts_samples import hand_made, truth

from diptych.data.graphs import SceneGraph
from diptych.language.entail import Index
from diptych.language.parse import parse
from diptych.world.noise import GOOD, HARMFUL, LABELS, alt, alt_text
from diptych.world.truth import Truth

TRUTHS = [truth(k) for k in range(2500)]
ALTS = [alt(one, noise=0.4, keys=(0, k)) for k, one in enumerate(TRUTHS)]
ROWS = [(made.text, made.label) for made in ALTS]


def test_harmful_labels_come_at_the_share_asked_for_and_in_their_proportions():
    """2,500 rows: standard error .01; relations fall back to attributes where nothing is related."""
    shares = Counter(label for _, label in ROWS)
    assert set(shares) == set(LABELS)
    assert len(LABELS) == 8
    assert sum(shares[label] for label in HARMFUL) / len(ROWS) == pytest.approx(0.4, abs=0.025)
    for label in ("wrong-count", "swapped", "metadata", "duplicate"):
        assert shares[label] / len(ROWS) == pytest.approx(0.4 * HARMFUL[label], abs=0.015)
    assert shares["exact-short"] / len(ROWS) == pytest.approx(0.6 * GOOD["exact-short"], abs=0.025)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_none_or_all_may_be_harmful(noise):
    labels = {alt_text(one, noise=noise, keys=(0,))[1] for one in TRUTHS[:300]}
    assert labels == set(HARMFUL if noise else GOOD)


def test_shares_of_each_side_are_whole():
    assert sum(GOOD.values()) == pytest.approx(1)
    assert sum(HARMFUL.values()) == pytest.approx(1)


def test_a_text_hangs_on_its_keys_alone():
    again = [alt_text(one, noise=0.4, keys=(0, k)) for k, one in reversed(list(enumerate(TRUTHS[:50])))]
    assert again[::-1] == ROWS[:50]
    assert [alt_text(one, noise=0.4, keys=(1, k)) for k, one in enumerate(TRUTHS[:50])] != ROWS[:50]


def test_good_texts_are_true_and_harmful_ones_hold_a_falsehood():
    wrong = Counter()
    for one, made in zip(TRUTHS, ALTS, strict=True):
        said = Index(one.graph, one.kinds).check(made.graph)
        if made.label in GOOD:
            assert set(said) == {"supported"}, made
        elif made.label.startswith("wrong"):
            assert "contradicted" in said, made
        else:
            wrong[made.label] += "contradicted" in said
    assert wrong["swapped"] > 0.8 * Counter(label for _, label in ROWS)["swapped"]
    assert wrong["metadata"] == wrong["duplicate"] == 0  # they say nothing of the picture


def test_what_texts_say_is_read_from_them_by_the_parser():
    right = [set(Index(made.graph).check(parse(made.text))) == {"supported"} for made in ALTS if made.graph.entities]
    assert sum(right) / len(right) > 0.9


def test_texts_are_short_as_on_the_web():
    stated = [len(made.graph.statements()) for made in ALTS if made.label == "exact-short"]
    assert max(stated) <= 4
    assert 2 <= sum(stated) / len(stated) <= 3.5


def test_a_swapped_text_belongs_to_the_other_scene():
    others = [
        made.graph for k, one in enumerate(TRUTHS[:300]) if (made := alt(one, noise=1, keys=(k,), other=hand_made)).label == "swapped"
    ]
    assert len(others) > 30
    index = Index(hand_made().graph)
    assert all(set(index.check(graph)) == {"supported"} for graph in others)


def test_a_scene_without_things_still_gets_a_text():
    bare = Truth("bare", SceneGraph(), (), {})
    assert all(alt_text(bare, noise=0.5, keys=(k,))[0] for k in range(40))
