import pytest
from experts_samples import hand_made, truth

from diptych.data.errors import InputError
from diptych.data.regions import Box
from diptych.language.entail import Index
from diptych.language.facts import Facts
from diptych.world.captions import describe

STYLES = ("alt", "short", "dense", "spatial", "region")


@pytest.mark.parametrize("phrasings", ["seen", "held_out"])
@pytest.mark.parametrize("style", STYLES)
def test_every_style_tells_only_what_is_true(style, phrasings):
    for number in range(150):
        one = truth(number)
        told = describe(one, style, keys=(number,), phrasings=phrasings)
        assert told.text
        assert set(Index(one.graph, one.kinds).check(told.graph)) == {"supported"}


def test_dense_captions_tell_more_than_short_ones_and_those_more_than_alt_texts():
    def share(style):
        covered = [(len(facts.covered(describe(one, style, keys=()).graph)), len(facts.list)) for one in map(truth, range(100))
                   for facts in [Facts(Index(one.graph, one.kinds))]]  # fmt: skip
        return sum(part for part, _ in covered) / sum(whole for _, whole in covered)

    alt, short, dense = map(share, ("alt", "short", "dense"))
    assert alt < 0.35 < short < 0.75 < dense


def test_a_share_of_the_nouns_may_be_named():
    def named(share):
        told = [describe(truth(k, 8, alike=False), "short", keys=(), share=share) for k in range(200)]
        return [len({e.noun for e in one.graph.entities}) for one in told]

    whole, half = named(1), named(0.5)
    assert set(whole) == {8}
    assert sum(half) / 1600 == pytest.approx(0.5, abs=0.04)


def test_a_region_is_told_by_its_box():
    assert describe(hand_made(), "region", keys=(), region=Box(0.2, 0.3, 0.35, 0.5)).text.endswith("a small shiny red mug")


def test_captions_hang_on_their_keys():
    assert describe(truth(8), "dense", keys=(1,)) == describe(truth(8), "dense", keys=(1,))
    assert len({describe(truth(8), "dense", keys=(k,)).text for k in range(20)}) > 10


def test_an_unknown_style_is_refused():
    with pytest.raises(InputError, match="style must be one of alt, short, dense, spatial, region, got 'ode'"):
        describe(hand_made(), "ode", keys=())
