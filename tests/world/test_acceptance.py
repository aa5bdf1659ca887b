"""What the grammar accepts: all that it says, and no near miss."""

import numpy as np
import pytest

from diptych.train.corruptions import corrupted
from diptych.world.acceptance import accepts, grammatical
from diptych.world.captions import describe
from diptych.world.corpus import Telling, tell
from diptych.world.source import world_source

WORLD = world_source("world:80?seed=3")


@pytest.mark.parametrize("phrasings", ["seen", "held_out"])
@pytest.mark.parametrize("style", ["alt", "short", "dense", "spatial", "region"])
def test_everything_that_the_grammar_says_is_accepted(style: str, phrasings: str) -> None:
    for index in range(WORLD.count):
        truth = WORLD.truth(index)
        said = describe(truth, style, keys=(index,), phrasings=phrasings, region=truth.regions[0].box if style == "region" else None).text
        assert accepts(said, phrasings), said
        assert accepts(said.lower().replace(",", " ,").replace(".", " .")), said


def test_captions_of_corpora_are_accepted() -> None:
    telling = Telling(kinds=0.7, colour=0.5, size=0.5, material=0.5, relations=0.5, numbers=0.5)
    for index in range(WORLD.count):
        said = tell(WORLD.truth(index), telling, keys=(index,)).text
        assert accepts(said, "seen"), said


ACCEPTED = """a ball
a photo of two red balls and an orange cube
there are several pines
there is a ball and a ball
a red ring left of a mug
a sign that says " open "
a picture
The picture shows a ball. The ball is red. The ball is left of the mug.
a ball. the ball is on a table"""
REFUSED = """ball
a
a balls
two ball
an ball
a orange cube
a red
a ball a ball
a ball and
a ball , a cube
a red blue ball
a ball red
there are a ball
there is two balls
a photo of of a ball
a photo a ball
a dog
a ball is red
the ball is red
a striped large ball
a ball. the picture shows a cube
one ball
a sign that says " red "
a ball. a picture of a cube"""


@pytest.mark.parametrize("text", ACCEPTED.splitlines())
def test_accepted(text: str) -> None:
    assert accepts(text, "seen")


@pytest.mark.parametrize("text", ["", *REFUSED.splitlines()])
def test_refused(text: str) -> None:
    assert not accepts(text)


def test_corrupted_captions_are_mostly_refused() -> None:
    said = [tell(WORLD.truth(index), Telling(), keys=(index,)).text for index in range(WORLD.count)]
    known = sorted({word for text in said for word in text.split()})
    rng = np.random.default_rng(0)
    wrong = [corrupted(text, known, rng) for text in said for _ in range(5)]
    # the rest are sentences again: "a ball" is left of "a red ball"
    assert grammatical(said) == 1 and grammatical(wrong) < 0.15 and np.isnan(grammatical([]))
