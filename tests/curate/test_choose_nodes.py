import math

import pytest

from diptych.curate.nodes import ChooseNodes
from diptych.data.errors import InputError
from diptych.data.nodes import ROOT
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Region
from doubles import context

BOX = Box(0, 0, 1, 1)


def row() -> Record:
    root = Region("r/root", BOX, "crop", ROOT)
    dog = Region("r/dog", BOX, "object", "dog", parents=((root.id, "dog"),))
    group = Region("r/g", BOX, "group", "relation", parents=((root.id, "relation"),))
    said = [
        Caption("alt", "an alt text"),
        Caption("region", "a big brown dog", "m", "region", region=dog.id),
        Caption("relation", "a dog left of a very big cat", "m", "relation", region=group.id, scores={"match": 0.1}),
        Caption("short", "a dog and a cat", "m", "short", region=root.id, scores={"match": 0.3}),
        Caption("elsewhere", "nobody's", "m", "region", region="gone"),
    ]
    return Record("r", Image("r.png"), tuple(said), (root, dog, group), chosen=("alt",))


def chosen(*styles: str, **settings) -> tuple[str, ...]:
    (done,) = ChooseNodes(styles, **settings)([row()], context())
    return done.chosen if done.status.kind == "kept" else (done.status.why,)


def test_style_after_style():
    assert chosen("short", "relation", "region") == ("short", "relation", "region")
    assert chosen("region", "alt") == ("region", "alt")
    assert chosen("dense") == ("no caption of dense",)


@pytest.mark.parametrize(
    ("words", "ids"), [(17, ("short", "relation", "region")), (16, ("short", "relation")), (11, ("short", "region")), (2, ("short",))]
)
def test_captions_are_taken_while_they_fit_and_the_first_in_any_case(words, ids):
    assert chosen("short", "relation", "region", words=words) == ids


def test_a_caption_must_score_enough_for_its_style_and_one_without_a_score_passes():
    assert chosen("short", "relation", "region", least=(("relation", 0.2), ("short", 0.3), ("region", 0.9))) == ("short", "region")


def test_a_score_that_is_nan_is_none_and_scores_have_any_scale():
    (done,) = ChooseNodes(("part",), least=(("part", 7.0),))([row().add(captions=[said("odd", math.nan), said("none")])], context())
    assert done.chosen == ("odd",)
    (done,) = ChooseNodes(("part",), least=(("part", 7.0),))([row().add(captions=[said("low", 6.9), said("none")])], context())
    assert done.chosen == ("none",)


def said(id: str, *scores: float) -> Caption:
    return Caption(id, "a brown dog", "m", "part", region="r/dog", scores=dict(zip(("match",), scores, strict=False)))


def test_what_says_nothing_new_is_left_out():
    more = Caption("again", "a brown dog", "m", "part", region="r/dog")
    again = row().add(captions=[more])
    for repeats, ids in ((False, ("region", "short")), (True, ("region", "again", "short"))):
        (done,) = ChooseNodes(("region", "part", "short"), repeats=repeats)([again], context())
        assert done.chosen == ids


def test_limits():
    with pytest.raises(InputError, match="styles must name at least one"):
        ChooseNodes(())
