import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.measure.amber import AmberCount, amber, amber_by_image

SHARED = Path(__file__).parents[2] / "../shared/data"
CAPTIONS = {"a": "a dog, a dog and a cat on a couch under the sky", "b": "a boat near a dune", "c": "a quiet idea"}
OBJECTS = {"a": ["dog", "couch", "lamp"], "b": ["beach", "boat"], "c": ["tree"]}
TARGETS = {"a": ["cat", "bowl"], "b": ["sky"], "c": []}


def test_by_hand():
    counts = amber_by_image(CAPTIONS, OBJECTS, targets=TARGETS)
    # "dune" is in no list, so it names nothing; "sky" is somebody's target and so counts where it is not true
    assert counts["a"] == AmberCount(("dog", "cat", "couch", "sky"), ("dog", "couch"), ("cat",), ("dog", "couch"), 3)
    assert counts["b"] == AmberCount(("boat",), ("boat",), (), ("boat",), 2)
    assert counts["c"] == AmberCount((), (), (), (), 1)
    chair, cover, hal, cog = amber(CAPTIONS, OBJECTS, targets=TARGETS, resamples=0)
    assert chair.per_image["a"] == 0.5 and chair.per_image["b"] == 0.0 and math.isnan(chair.per_image["c"])
    assert (chair.value, cover.value, hal.value, cog.value) == pytest.approx((0.25, (2 / 3 + 1 / 2) / 3, 1 / 3, 0.125))
    assert [s.name for s in (chair, cover, hal, cog)] == ["amber_chair", "amber_cover", "amber_hal", "amber_cog"]
    assert [s.result.better for s in (chair, cover, hal, cog)] == ["lower", "higher", "lower", "lower"]
    assert "1 of 3 images undefined" in chair.result.how


def test_associated_words_name_their_object():
    found = amber_by_image(CAPTIONS, OBJECTS, associations={"beach": ["dune", "parasol"]})
    assert found["b"] == AmberCount(("boat", "dune"), ("boat", "dune"), (), ("boat", "beach"), 2)
    # elsewhere a dune is now a mistake
    wrong = amber({"a": "a dog by a dune", "b": ""}, {"a": ["dog"], "b": ["beach"]}, associations={"beach": ["dune"]}, resamples=0)
    assert wrong[0].per_image["a"] == 0.5


def test_without_targets_there_is_no_cognition():
    assert [s.name for s in amber(CAPTIONS, OBJECTS, resamples=0)] == ["amber_chair", "amber_cover", "amber_hal"]


def test_a_target_that_is_true_is_no_imagination():
    cog = amber({"a": "a cat"}, {"a": ["cat"]}, targets={"a": ["cat"]}, resamples=0)[3]
    assert cog.value == 0.0


def test_other_words_for_an_object():
    counts = amber_by_image({"a": "a puppy on a sofa"}, {"a": {"dog", "couch"}})
    assert set(counts["a"].covered) == {"dog", "couch"} and len(counts["a"].right) == 2


def test_an_object_that_is_listed_twice_is_one():
    assert [one.value for one in amber({"a": "a dog"}, {"a": ["dog", "dog"]}, resamples=0)] == [0.0, 1.0, 0.0]


def test_bad_input():
    with pytest.raises(InputError, match="captions have no objects: 'b'"):
        amber({"a": "a dog", "b": "a cat"}, {"a": ["dog"]})
    with pytest.raises(InputError, match="objects have no caption"):
        amber({"a": "a dog"}, {"a": ["dog"], "b": []})
    with pytest.raises(InputError, match="captions have no targets"):
        amber({"a": "a dog"}, {"a": ["dog"]}, targets={})
    with pytest.raises(InputError, match="must be a text"):
        amber({"a": math.nan}, {"a": ["dog"]})
    with pytest.raises(InputError, match="list of names"):
        amber({"a": "a dog"}, {"a": "dog"})
    with pytest.raises(InputError, match="list of names"):
        amber({"a": "a dog"}, {"a": math.nan})
    with pytest.raises(InputError, match="the associations of 'sea' must be a list of names"):
        amber({"a": "a wave"}, {"a": ["sea"]}, associations={"sea": "wave"})
    empty = amber({"a": ""}, {"a": []}, targets={"a": []}, resamples=0)
    assert [math.isnan(s.value) for s in empty] == [True, True, False, True]
    assert all(math.isnan(s.value) for s in amber({}, {}))


WORDS = ("dog", "couch", "tree", "cup", "road", "boat")
names = st.lists(st.sampled_from(WORDS), unique=True, max_size=4)


@settings(max_examples=80, deadline=None)
@given(names, names, names)
def test_equals_plain_sets(said, there, targets):
    found = amber({"1": ". ".join(f"There is a {w}" for w in said)}, {"1": there}, targets={"1": targets}, resamples=0)
    r, a, h = set(said) & (set(there) | set(targets)), set(there), set(targets) - set(there)
    chair = 1 - len(r & a) / len(r) if r else math.nan
    expected = [chair, len(r & a) / len(a) if a else math.nan, float(bool(r - a)), len(r & h) / len(r) if r else math.nan]
    assert [s.value for s in found] == pytest.approx(expected, nan_ok=True)


def test_real_captions_against_boxes():
    if not SHARED.exists():
        pytest.skip("shared data absent")
    photos = json.loads((SHARED / "coco128/joined.json").read_text("utf-8"))
    seven = [photo for photo in photos if "show_edit_tell_rl_caps" in photo["predictions"]]
    objects = {str(p["image_id"]): {row[0] for row in p["boxes_class_cx_cy_w_h"]} for p in seven}
    seen, blind = (
        amber({str(p["image_id"]): p["predictions"][system] for p in seven}, objects, resamples=0)
        for system in ("show_edit_tell_rl_caps", "contrastive_result")
    )
    assert len(seven) == 15
    assert seen[0].value < 0.4 < blind[0].value and seen[1].value > blind[1].value + 0.2


def test_names_in_capitals_and_plurals_are_the_same_objects():
    captions = {"a": "two dogs on a couch", "b": "a tennis racket"}
    plain = amber(captions, {"a": ["dog", "couch"], "b": ["tennis racket"]}, targets={"a": ["cat"], "b": []}, resamples=0)
    odd = {"a": ["DOGS", "Dog", "Couches"], "b": ["Tennis_Rackets"]}
    found = amber(captions, odd, targets={"a": ["Cats"], "b": []}, resamples=0)
    assert [one.value for one in found] == [one.value for one in plain] == [0.0, 1.0, 0.0, 0.0]
    assert amber({"a": "blue Swimming Trunks"}, {"a": ["swimming trunks"]}, resamples=0)[1].value == 1.0
    assert amber({"a": "a dune"}, {"a": ["Beaches"]}, associations={"BEACH": ["Dunes"]}, resamples=0)[1].value == 1.0


def test_names_in_no_dictionary_are_counted():
    cover = amber({"a": "a dog"}, {"a": ["dog", "xyzzy"]}, resamples=0)[1]
    assert cover.value == 0.5 and "1 of 2 object names in no dictionary: 'xyzzy'" in cover.result.how
    assert "dictionary" not in amber({"a": "a dog"}, {"a": ["dog", "skis", "hair drier"]}, resamples=0)[1].result.how
