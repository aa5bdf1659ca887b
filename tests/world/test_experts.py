"""What every simulated expert keeps to."""

import random

import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.data.errors import AddressError
from diptych.data.graphs import SceneGraph
from diptych.data.regions import Box
from diptych.models import abilities as a
from diptych.world.lookup import Lookup, know
from diptych.world.truth import Truth

TRUTHS = table(*(truth(k) for k in range(30)))
STATEMENTS = [(key, statement) for key, one in TRUTHS.items() for statement in one.graph.statements()[:5]]
# expert -> ability, its method, requests by picture
CASES = {
    "captioner": (a.Captioner, "caption", lambda p: [a.CaptionRequest(p, style) for style in ("short", "dense", "region")]),
    "detector": (a.Detector, "detect", lambda p: [a.DetectRequest(p), a.DetectRequest(p, ("mug", "red ball", "zebra"))]),
    "answerer": (
        a.Answerer,
        "answer",
        lambda p: (
            [a.AskRequest(p, "", s, draw) for k, s in STATEMENTS if k == p.key for draw in (0, 1)] + [a.AskRequest(p, "How many mugs?")]
        ),
    ),
    "ocr": (a.Ocr, "read", lambda p: [a.ReadRequest(p)]),
    "matcher": (a.Matcher, "match", lambda p: [a.MatchRequest(p, "a red ball"), a.MatchRequest(p, "a mug left of a green cube")]),
    "segmenter": (
        a.Segmenter,
        "segment",
        lambda p: [a.SegmentRequest(p, tuple(r.box for r in TRUTHS[p.key].regions) if p.key in TRUTHS else ())],
    ),
    "comparer": (a.Comparer, "compare", lambda p: [a.CompareRequest(p, picture("key3"), draw) for draw in (0, 1)]),
    "embedder": (a.Embedder, "embed", lambda p: [a.EmbedRequest(p)]),
    "judge": (a.Judge, "judge", lambda p: [a.JudgeRequest(p, ("a red ball", "a mug left of a green cube and two ducks"))]),
    "depth": (a.DepthEstimator, "depth", lambda p: [a.DepthRequest(p)]),
}
experts = pytest.mark.parametrize("name", CASES)


def asked(name, keys):
    return [request for key in keys for request in CASES[name][2](picture(key))]


def call(name, requests, address="", seed=0):
    ability, method, _ = CASES[name]
    return getattr(opened(address or f"sim:{name}", TRUTHS, ability, seed), method)(requests)


def told(answers):
    arrays = {a.Depth: "map", a.Embedded: "vector"}
    return [getattr(answer, arrays[type(answer)]).tobytes() if type(answer) in arrays else answer for answer in answers]


@experts
def test_a_picture_without_truth_fails_and_spoils_no_neighbour(name):
    requests = asked(name, ["key1", "nowhere", "key2"])
    answers = call(name, requests)
    assert [isinstance(x, a.Failed) for x in answers] == [r.picture.key == "nowhere" for r in requests]
    assert {x.error for x in answers if isinstance(x, a.Failed)} <= {"sim: experts know only the world; name a real model"}


@experts
def test_answers_do_not_depend_on_order_company_or_process(name):
    requests = asked(name, TRUTHS)
    whole = told(call(name, requests))
    order = list(range(len(requests)))
    random.Random(1).shuffle(order)
    expert = opened(f"sim:{name}", TRUTHS, CASES[name][0])
    method = getattr(expert, CASES[name][1])
    split = {}
    for start in range(0, len(order), 7):
        part = order[start : start + 7]
        split.update(zip(part, told(method([requests[i] for i in part])), strict=True))
    assert [split[i] for i in range(len(requests))] == whole


@experts
def test_the_run_s_seed_and_the_expert_s_own_change_answers(name):
    requests = asked(name, TRUTHS)
    plain = told(call(name, requests))
    assert plain == told(call(name, requests, f"sim:{name}"))
    assert plain != told(call(name, requests, seed=1))
    assert plain != told(call(name, requests, f"sim:{name}?seed=1"))


@experts
def test_wrong_options_and_names_are_refused(name):
    with pytest.raises(AddressError, match="no option 'nonsense'"):
        opened(f"sim:{name}?nonsense=.5", TRUTHS, CASES[name][0])


def test_an_unknown_expert_is_refused_with_the_known_ones():
    with pytest.raises(AddressError, match=r"no simulated expert 'oracle'.*sim:captioner.*sim:depth"):
        opened("sim:oracle", TRUTHS, a.Captioner)


def test_a_captioner_asked_for_as_a_detector_is_refused():
    with pytest.raises(AddressError, match="sim:captioner is no Detector"):
        opened("sim:captioner", TRUTHS, a.Detector)


def test_a_crop_shows_the_things_with_half_their_box_in_it_at_their_place_in_it():
    whole = picture("hand")
    crop = picture("crop", parent=whole, box=Box(0.5, 0.4, 1.0, 0.9))
    known = Lookup(table(hand_made())).find(crop)
    assert [thing.noun for thing in known.things] == ["duck"]
    assert (known.things[0].box.left, known.things[0].box.bottom) == pytest.approx((0.2, 0.8))
    assert known.graph.relations == ()


def test_a_crop_of_a_crop_is_placed_in_the_whole_picture():
    half = picture("half", parent=picture("hand"), box=Box(0.0, 0.0, 0.5, 1.0))
    quarter = picture("quarter", parent=half, box=Box(0.2, 0.2, 0.8, 0.6))  # .1 to .4 and .2 to .6 of the whole
    known = Lookup(table(hand_made())).find(quarter)
    assert [thing.noun for thing in known.things] == ["mug"]
    assert known.things[0].box.left == pytest.approx((0.2 - 0.1) / 0.3)


def test_a_marked_copy_without_a_box_shows_all_its_parent_shows():
    known = Lookup(table(hand_made())).find(picture("marked", parent=picture("hand")))
    assert len(known.things) == 4


def test_what_is_known_of_a_picture():
    known = know(hand_made())
    assert [[thing.index for thing in group] for group in known.groups] == [[1], [2, 3], [0]]  # largest first, by noun
    assert known.near[1][0] == ("below", 0)
    assert [thing.clear for thing in known.things] == [True, True, True, False]  # a quarter of a percent of the picture


def test_a_segmenter_follows_the_object_and_a_depth_map_its_order():
    truths = table(hand_made())
    mask = (
        opened("sim:segmenter?missed=0&jitter=0", truths, a.Segmenter)
        .segment([a.SegmentRequest(picture("hand"), (Box(0.59, 0.5, 0.8, 0.8),))])[0]
        .masks[0]
    )
    covered = sum(mask.runs[1::2])
    assert sum(mask.runs) == 64 * 64
    assert covered / 64**2 == pytest.approx(np.pi / 4 * 0.2 * 0.3, rel=0.05)  # the ellipse in the box
    depth = opened("sim:depth?noise=0", truths, a.DepthEstimator).depth([a.DepthRequest(picture("hand"))])[0].map
    near, far = depth[int(0.65 * 64), int(0.7 * 64)], depth[int(0.125 * 64), int(0.925 * 64)]
    assert depth.dtype == np.float32
    assert (depth.min(), depth.max()) == (0.0, 1.0)
    assert near < 0.2
    assert far > 0.8


@experts
def test_an_empty_picture_is_answered_like_any_other(name, monkeypatch):
    monkeypatch.setitem(TRUTHS, "bare", Truth("bare", SceneGraph(), (), {}))
    assert not any(isinstance(answer, a.Failed) for answer in call(name, asked(name, ["bare"])))


def test_what_captioners_invent_fools_the_detector_a_little_more_than_anything_else():
    """Correlations .3 and .05: by their geometric mean, .12, a false positive is about .05 + .12 * .95 = .16 likely."""
    truths = table(*(truth(k, 6, alike=False) for k in range(1500)))
    captioner, detector = opened("sim:captioner", truths, a.Captioner), opened("sim:detector", truths, a.Detector)
    fired = []
    for key in truths:
        known = captioner.lookup.find(picture(key))
        graph = captioner.said(known, "short").graph
        invented = tuple({e.noun for e in graph.entities} - {t.noun for t in known.things})
        if invented:
            seen = {box.phrase for box in detector.detect([a.DetectRequest(picture(key), invented)])[0].found}
            fired += [noun in seen for noun in invented]
    assert len(fired) > 500
    assert np.mean(fired) == pytest.approx(0.16, abs=0.05)
