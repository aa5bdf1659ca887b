from dataclasses import replace

import numpy as np
import pytest

from diptych.check.detect import CheckByDetector
from diptych.data.graphs import Attribute, Entity, Quote, SceneGraph
from diptych.data.regions import Box, Mask, Region
from diptych.models.abilities import Detection
from diptych.write.distance import MeasureDepth, mean_depth
from diptych.write.fuse import Fuse
from diptych.write.inventory import ListObjects, ReadWords
from diptych.write.propose import Propose
from diptych.write.revise import Revise
from diptych.write.weave import Weaving, weave, where
from doubles import Scripted, box, context, dogs, proposed, record


def keys(graph: SceneGraph) -> set[tuple[str, ...]]:
    return {statement.key for statement in graph.statements()}


def test_propose_asks_each_captioner_and_draw_and_keeps_ids_apart() -> None:
    teller = Scripted(captions={"r": "a cat"})
    (row,) = Propose(("double:a", "double:b"), draws=2)([record()], context(a=teller, b=teller))
    assert [c.text for c in row.captions] == ["a cat"] * 4
    assert len({c.id for c in row.captions}) == 4
    assert [c.by for c in row.captions] == ["double:a", "double:a", "double:b", "double:b"]


def test_propose_fails_the_row_its_captioner_fails_on_and_asks_no_more_for_it() -> None:
    first, second = Scripted(fails={"bad"}), Scripted()
    good, bad = Propose(("double:a", "double:b"))([record(id="good"), record(id="bad")], context(a=first, b=second))
    assert len(good.captions) == 2 and good.status.kind == "kept"
    assert bad.status.kind == "failed" and [request.record for request in second.asked] == ["good"]


def test_fuse_leaves_out_what_is_contradicted() -> None:
    seer = Scripted(boxes={"dog": [0.9, 0.9], "brown dog": [0.9, 0.9]})
    experts = context(seer=seer)
    checked = CheckByDetector("double:seer")([record(proposed("c", dogs()))], experts)
    (row,) = Fuse("rules:")(checked, experts)
    fused = row.standing()[0]
    assert fused.parents == ("c",) and fused.style == "fused" and fused.by == "rules:"
    assert "couch" not in fused.text
    assert keys(fused.graph) == {k for k in keys(dogs()) if "couch" not in k}


def test_fuse_unites_what_different_captions_say_and_says_from_where() -> None:
    brown = proposed("a", SceneGraph((Entity("dog", 1, attributes=(Attribute("brown"),)),)), "x:a")
    cat = proposed("b", SceneGraph((Entity("cat", 1),)), "x:b")
    (row,) = Fuse("rules:")([record(brown, cat)], context())
    graph = row.standing()[0].graph
    assert {entity.noun: entity.origins for entity in graph.entities} == {"dog": ("a",), "cat": ("b",)}


def test_fuse_with_nothing_left_drops_or_keeps_the_best() -> None:
    empty = proposed("c", SceneGraph())
    assert Fuse("rules:")([record(empty)], context())[0].status.why == "no statement survived the checks"
    assert Fuse("rules:", otherwise="best")([record(empty)], context())[0].chosen == ("c",)


def test_list_objects_takes_the_best_above_the_threshold() -> None:
    found = [Detection("dog", box(0), 0.4), Detection("cat", box(1), 0.9, ("black",)), Detection("cow", box(2), 0.6)]
    (row,) = ListObjects("double:seer", threshold=0.5, limit=1)([record()], context(seer=Scripted(inventory=found)))
    assert [(r.label, r.attributes) for r in row.regions] == [("cat", ("black",))]


def test_read_words_gives_regions_and_texts() -> None:
    (row,) = ReadWords("double:reader")([record()], context(reader=Scripted(words=["STOP"])))
    assert row.texts[0].words == "STOP" and row.texts[0].region == row.regions[0].id and row.regions[0].kind == "text"


def region(label: str, place: Box, *attributes: str, depth: float | None = None, id: str = "") -> Region:
    return Region(id or label, place, label=label, attributes=attributes, by="x:seer", depth=depth)


def test_weave_adds_new_things_and_their_attributes_once() -> None:
    graph = SceneGraph((Entity("dog", 1),))
    regions = [region("dog", box(0), "brown"), region("cat", box(2), "black", id="1"), region("cat", box(4), "black", id="2")]
    woven = weave(graph, regions, Weaving())
    assert [(e.noun, e.count, e.values) for e in woven.entities] == [("dog", 1, ("brown",)), ("cat", None, ("black",))]
    assert woven.entities[1].at_least == 2  # a detector may have missed a third
    assert woven.entities[0].region == "dog" and woven.entities[1].origins == ("x:seer",)


def test_weave_lets_the_caption_win_a_conflict_unless_told_otherwise() -> None:
    graph = SceneGraph((Entity("dog", 1, attributes=(Attribute("white"),)),))
    assert weave(graph, [region("dog", box(), "brown")], Weaving()).entities[0].values == ("white",)
    assert "brown" in weave(graph, [region("dog", box(), "brown")], Weaving(conflicts=True)).entities[0].values


def test_no_thing_takes_an_attribute_that_excludes_its_own_though_another_has_it() -> None:
    graph = SceneGraph((Entity("vase", 1, attributes=(Attribute("red"),)), Entity("vase", 1, attributes=(Attribute("green"),))))
    found = [region("vase", box(0), "green", id="1"), region("vase", box(2), "green", "large", id="2")]
    assert [e.values for e in weave(graph, found, Weaving()).entities] == [("red", "large"), ("green",)]


def test_words_on_several_things_are_told_once() -> None:
    signs = [Region(str(n), box(2 * n), "text", words, by="x:reader") for n, words in enumerate(("GO", "go", "STOP", "Exit"))]
    woven = weave(SceneGraph(texts=(Quote("exit"),)), signs, Weaving())
    assert [(q.words, q.origins) for q in woven.texts] == [("exit", ()), ("GO", ("x:reader",)), ("STOP", ("x:reader",))]


def test_each_region_stands_for_the_thing_it_fits() -> None:
    graph = SceneGraph((Entity("ball", 1, attributes=(Attribute("red"),)),))
    blue, red = region("ball", box(0), "blue", id="blue"), region("ball", box(4), "red", "large", id="red")
    woven = weave(graph, [blue, red], Weaving())
    assert [(e.count, e.values, e.region) for e in woven.entities] == [(1, ("red", "large"), "red"), (1, ("blue",), "blue")]
    # a caption's own thing keeps its only region, whatever the expert takes it for
    assert [e.region for e in weave(graph, [blue], Weaving()).entities] == ["blue"]


def test_boxes_under_the_threshold_add_nothing() -> None:
    faint, clear = (replace(region(noun, box(n)), score=score) for n, (noun, score) in enumerate((("dog", 0.4), ("cat", 0.6))))
    assert [e.noun for e in weave(SceneGraph(), [faint, clear], Weaving(threshold=0.5)).entities] == ["cat"]
    twice = [faint, replace(faint, id="listed", score=0.7)]
    assert [e.noun for e in weave(SceneGraph(), twice, Weaving(threshold=0.5)).entities] == ["dog"]


def test_one_thing_found_twice_is_one_thing() -> None:
    twice = [region("ball", Box(0.1, 0.1, 0.3, 0.3), id="1"), region("ball", Box(0.11, 0.1, 0.31, 0.3), "red", id="2")]
    woven = weave(SceneGraph(), twice, Weaving())
    assert [(e.noun, e.count, e.values) for e in woven.entities] == [("ball", 1, ("red",))]


def test_places_by_margin() -> None:
    left, right = region("dog", Box(0.0, 0.4, 0.2, 0.6), depth=0.2), region("cat", Box(0.7, 0.4, 0.9, 0.6), depth=0.3)
    assert where(left, right) == ["left of"] and where(right, left) == ["right of"]
    assert where(left, region("cow", Box(0.02, 0.4, 0.21, 0.6), depth=0.3)) == []  # too close to call either way
    assert where(left, region("cow", Box(0.02, 0.4, 0.21, 0.6), depth=0.9)) == ["in front of"]
    assert where(left, region("cow", Box(0.02, 0.4, 0.21, 0.6))) == []
    woven = weave(SceneGraph(), [left, right], Weaving(places=True))
    assert [(r.subject, r.predicate, r.object) for r in woven.relations] == [(1, "right of", 0)]
    two_dogs = [left, right, region("dog", Box(0.4, 0.4, 0.5, 0.6), "black", id="second")]
    assert weave(SceneGraph(), two_dogs, Weaving(places=True)).relations == ()  # which dog?


def test_revise_cuts_and_adds_and_remembers_the_caption_it_revised() -> None:
    seer = Scripted(boxes={"dog": [0.9, 0.9]}, inventory=[Detection("lamp", box(5), 0.9, ("blue",))])
    experts = context(seer=seer)
    rows = CheckByDetector("double:seer", of="chosen", kinds=("exists",))([record(proposed("c", dogs()))], experts)
    rows = ListObjects("double:seer")([replace(row, regions=()) for row in rows], experts)
    (row,) = Revise("rules:", add=Weaving())(rows, experts)
    text = row.standing()[0].text
    assert "couch" not in text and "blue lamp" in text and "dogs" in text
    assert row.standing()[0].parents == ("c",)
    assert len(row.captions) == 2


def test_mean_depth_reads_the_map_under_the_mask() -> None:
    mask = Mask(4, 2, (2, 2, 4), Box(0.5, 0.0, 1.0, 0.5))  # the right half of the upper row
    depth = np.array([[0.0, 1.0], [0.5, 0.5]], np.float32)
    assert mean_depth(mask, depth) == pytest.approx(1.0)
    assert mean_depth(Mask(2, 1, (2,), Box(0, 0, 0, 0)), depth) is None


def test_depth_is_measured_where_there_are_objects() -> None:
    near = np.zeros((8, 8), np.float32)
    near[:, 4:] = 1.0
    seer = Scripted(masks=[Mask(2, 1, (1, 1), Box(0.5, 0.0, 1.0, 1.0))], distances=near)
    full = replace(record(id="full"), regions=(region("dog", box(5)),))
    bare, measured = MeasureDepth("double:seer", "double:seer")([record(id="bare"), full], context(seer=seer))
    assert bare.status.kind == "kept" and bare.regions == ()
    assert [r.depth for r in measured.regions] == [1.0]
    assert {request.record for request in seer.asked} == {"full"}


def test_a_row_that_cannot_be_segmented_fails_and_its_depth_is_not_asked_for() -> None:
    seer = Scripted(fails={"r"})
    (row,) = MeasureDepth("double:seer", "double:seer")([replace(record(), regions=(region("dog", box()),))], context(seer=seer))
    assert row.status.kind == "failed" and len(seer.asked) == 1
