"""The graph of described regions: hand-worked boxes, links and directions."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image as Pillow

from diptych.data.graphs import Relation
from diptych.data.nodes import ROOT, above, children, hung, is_root, nodes, said_of, things
from diptych.data.pictures import Picture
from diptych.data.records import Answer, Caption, Image, Question, Record
from diptych.data.regions import Box, Region
from diptych.engine import Repeat, run
from diptych.engine.context import Context
from diptych.language.parse import parse
from diptych.models.abilities import Described, Detection, Detections, Failed
from diptych.write.links import ComposeNodes, RelateNodes, among, directions
from diptych.write.nodes import DescribeNodes, FindNodes, Searched, named
from doubles import context

SIZE = 100  # pixels of each side


@dataclass
class Captioner:
    """Says by style and left edge of the region; the whole picture has none."""

    said: dict[Any, str]
    asked: list[Any] = field(default_factory=list)

    def caption(self, requests):
        self.asked += requests
        return [
            Failed("mute") if r.record == "mute" else Described(self.said.get((r.style, r.region and r.region.left), "a picture"))
            for r in requests
        ]


@dataclass
class Detector:
    """Boxes by the width of the picture in pixels and the phrase."""

    boxes: dict[tuple[int, str], list[tuple[Box, float]]]
    asked: list[Any] = field(default_factory=list)

    def detect(self, requests):
        self.asked += requests
        return [
            Detections(tuple(Detection(p, box, score) for p in r.phrases for box, score in self.boxes.get((r.picture.width, p), [])))
            for r in requests
        ]


def ready(**doubles) -> Context:
    whole = context(**doubles)

    def picture(image: Image) -> Picture:
        return Picture(image.path, SIZE, SIZE, lambda: Pillow.new("RGB", (SIZE, SIZE)))

    return Context(whole.opener, picture, place="1")


def rooted(text: str, id: str = "r") -> Record:
    """A record whose root has one caption."""
    root = Region(f"{id}/root", Box(0, 0, 1, 1), "crop", ROOT)
    return Record(id, Image(f"{id}.png"), (Caption(f"{id}/c", text, "double:teller", "short", region=root.id),), (root,))


def found(text: str, boxes: dict[tuple[int, str], list[tuple[Box, float]]], **settings) -> list[tuple[str, Box]]:
    step = FindNodes("double:finder", **({"pixels": 0} | settings))
    (done,) = step([rooted(text)], ready(finder=Detector(boxes)))
    return [(node.label, node.box) for node in things(done)]


A, B, C, D = Box(0, 0, 0.2, 0.2), Box(0.5, 0, 0.7, 0.2), Box(0, 0.5, 0.2, 0.7), Box(0.5, 0.5, 0.7, 0.7)


def test_a_single_thing_keeps_what_scores_within_a_twentieth_of_the_best_and_several_keep_all():
    boxes = {(SIZE, "dog"): [(A, 0.9), (B, 0.86), (C, 0.84), (D, 0.36)]}
    assert found("a dog", boxes) == [("dog", A), ("dog", B)]
    assert found("two dogs", boxes) == [("dog", A), ("dog", B), ("dog", C), ("dog", D)]
    assert found("a brown dog and a black dog", boxes) == found("two dogs", boxes)
    assert found("two dogs", boxes, top=3) == [("dog", A), ("dog", B), ("dog", C)]


def test_a_box_must_score_over_the_threshold_and_be_large_enough():
    assert found("two dogs", {(SIZE, "dog"): [(A, 0.35), (B, 0.351)]}) == [("dog", B)]
    assert found("two dogs", {(SIZE, "dog"): [(A, 0.9)]}, pixels=401) == []
    assert found("two dogs", {(SIZE, "dog"): [(A, 0.9)]}, pixels=400) == [("dog", A)]
    assert found("two dogs", {(SIZE, "dog"): [(Box(0.2, 0, 0.2, 0.5), 0.9)]}) == []


def test_boxes_of_one_name_that_overlap_are_one():
    """Shifted by .15 of .2: a seventh in common; by .12: a quarter."""
    seventh, quarter = Box(0.15, 0, 0.35, 0.2), Box(0.12, 0, 0.32, 0.2)
    assert found("two dogs", {(SIZE, "dog"): [(A, 0.9), (seventh, 0.9)]}) == [("dog", A), ("dog", seventh)]
    assert found("two dogs", {(SIZE, "dog"): [(A, 0.9), (quarter, 0.9)]}) == [("dog", A)]
    assert found("a dog", {(SIZE, "dog"): [(A, 0.9), (seventh, 0.9)]}) == [("dog", A)]


def test_sides_numbers_and_what_is_not_there_are_not_looked_for():
    finder = Detector({})
    FindNodes("double:finder")([rooted("a dog on the left side. There is no cat.")], ready(finder=finder))
    assert [one.phrases for one in finder.asked] == [("dog",)]


def grown(depth: int = 3, **settings):
    """A table, in its crop a mug with a handle; the mug also stands in the picture's own caption."""
    table, mug = Box(0.2, 0.2, 0.7, 0.7), Box(0.3, 0.3, 0.5, 0.5)
    teller = Captioner({
        ("short", None): "a table and a mug", ("dense", None): "a table", ("region", 0.2): "a table with a mug and a plate",
        ("region", 0.3): "a mug with a handle",
    })  # fmt: skip
    finder = Detector({
        (SIZE, "table"): [(table, 0.9)], (SIZE, "mug"): [(mug, 0.9)],
        # in the table's crop of 50 pixels the mug lies from .2 to .6; the plate covers nine tenths of it
        (50, "mug"): [(Box(0.2, 0.2, 0.6, 0.6), 0.8)], (50, "plate"): [(Box(0, 0, 1, 0.9), 0.9)],
        (20, "handle"): [(Box(0.5, 0, 1, 0.5), 0.9)],
    })  # fmt: skip
    here = ready(teller=teller, finder=finder)
    describe, find = DescribeNodes("double:teller"), FindNodes("double:finder", pixels=0, **settings)
    (record,) = describe([Record("r", Image("r.png"))], here.at("0"))
    for turn in range(depth):
        for inner, step in enumerate((find, describe)):
            (record,) = step([record], here.at(f"1.{inner}.{turn}"))
        if Searched()(record):
            break
    return record, teller, finder


def test_parts_are_found_in_the_crop_and_described_in_turn():
    record, teller, _ = grown()
    by = {node.label: node for node in nodes(record)}
    assert list(by) == ["image", "table", "mug", "handle"]
    assert by["handle"].kind == "part" and by["table"].kind == "object"
    box = by["handle"].box
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((0.4, 0.3, 0.5, 0.4))
    assert [caption.text for caption in said_of(record, by["table"].id)] == ["a table with a mug and a plate"]
    assert [(one.style, one.region) for one in teller.asked[:2]] == [("short", None), ("dense", None)]
    assert Searched()(record) and len({caption.id for caption in record.captions}) == len(record.captions)


def test_a_box_in_a_node_of_its_name_is_that_node_with_one_more_parent():
    record, _, _ = grown()
    mug = next(node for node in things(record) if node.label == "mug")
    root, table = (next(node.id for node in nodes(record) if node.label == label) for label in ("image", "table"))
    assert mug.parents == ((root, "mug"), (table, "mug"))
    assert [node.label for node in children(record, table)["mug"]] == ["mug"]


def test_what_a_part_lies_in_is_not_a_part_of_it():
    table = Box(0.2, 0.2, 0.7, 0.7)
    teller = Captioner({("short", None): "a table", ("region", 0.2): "a table with a mug", ("region", 0.3): "a mug on a table"})
    finder = Detector({
        (SIZE, "table"): [(table, 0.9)], (50, "mug"): [(Box(0.2, 0.2, 0.6, 0.6), 0.8)], (20, "table"): [(Box(0, 0.3, 1, 1), 0.9)],
    })  # fmt: skip
    here = ready(teller=teller, finder=finder)
    describe, find = DescribeNodes("double:teller"), FindNodes("double:finder", pixels=0)
    (record,) = describe([Record("r", Image("r.png"))], here.at("0"))
    for turn in range(3):
        (record,) = find([record], here.at(f"1.0.{turn}"))
        (record,) = describe([record], here.at(f"1.1.{turn}"))
    root, one, other = nodes(record)
    assert len(finder.asked) == 3 and (one.label, other.label) == ("table", "mug")
    assert one.parents == ((root.id, "table"),) and other.parents == ((one.id, "mug"),)
    assert above(record, other.id) == {one.id, root.id} and above(record, root.id) == frozenset()


def test_above_ends_where_links_go_in_a_circle():
    record = hung(rooted("x").add(regions=[Region("a", A, parents=(("b", "x"),)), Region("b", A, parents=(("a", "x"),))]), {})
    assert above(record, "a") == {"a", "b"} and above(record, "nobody") == frozenset()


def test_a_part_may_not_cover_nearly_all_of_what_it_is_a_part_of():
    assert "plate" not in {node.label for node in things(grown()[0])}
    assert "plate" in {node.label for node in things(grown(largest=0.95)[0])}


def test_depth_ends_the_search_and_nothing_stays_undescribed():
    record, _, finder = grown(depth=1)
    assert [node.label for node in things(record)] == ["table", "mug"] and not Searched()(record)
    assert all(said_of(record, node.id) for node in nodes(record)) and len(finder.asked) == 1


def test_a_caption_that_repeats_its_parents_names_no_parts():
    record = rooted("a table with a mug")
    table = Region("r/t", Box(0.2, 0.2, 0.7, 0.7), "object", "table", parents=(("r/root", "table"),))
    text = "a table with a mug"
    captions = [Caption("r/1", text, region="r/t", graph=parse(text)), Caption("r/2", "a table with a cup", region="r/t")]
    assert named(record.add(regions=[table], captions=captions[:1]), table) == {}
    other = Caption("r/2", "a table with a cup", region="r/t", graph=parse("a table with a cup"))
    assert named(record.add(regions=[table], captions=[other]), table) == {"cup": True}


def test_what_was_denied_is_no_node_nor_what_hangs_under_it_alone():
    record, _, _ = grown()
    table = next(node for node in things(record) if node.label == "table")

    def asked(text):
        return record.add(questions=[Question("q", "Is there a table?", table.id, (Answer(text, "double:asked"),))])

    for no in ("No, there is not.", "no", "No!", '"No": a desk.', "**No**"):
        assert {node.label for node in things(asked(no))} == {"mug", "handle"}, no
    assert (
        {node.label for node in things(asked("Yes."))}
        == {node.label for node in things(asked("Nobody knows."))}
        == {node.label for node in things(asked(""))}
        == {"table", "mug", "handle"}
    )


def test_a_link_is_made_once():
    record = hung(rooted("x"), {"r/root": (("a", "b"), ("a", "b"))})
    assert hung(record, {"r/root": (("a", "b"),)}) == record and not is_root(record.regions[0])


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ((3, 0), ("right of",)), ((3, 1), ("right of",)), ((2, 2), ("right of", "below")), ((0, 3), ("below",)),
        ((-2, 2), ("left of", "below")), ((-3, -1), ("left of",)), ((-2, -2), ("left of", "above")), ((1, -3), ("above",)),
        ((2, -2), ("right of", "above")), ((0, 0), ()),
    ],
)  # fmt: skip
def test_eight_directions(there, words):
    assert directions((0, 0), there) == words


def placed(*labels: str) -> Record:
    """Things side by side, each captioned with its label; phrases are their last words."""
    record = rooted("things")
    for number, label in enumerate(labels):
        noun = label.split()[-1]
        region = Region(f"r/{number}", Box(0.2 * number, 0, 0.2 * number + 0.1, 0.1), "object", noun, parents=(("r/root", noun),))
        record = record.add(regions=[region], captions=[Caption(f"r/c{number}", f"a {label}", "double:teller", "region", region=region.id)])
    return record


def test_several_of_a_kind_are_told_along_the_tree():
    (done,) = ComposeNodes("rules:")([placed("red dog", "cat", "black dog", "brown dog")], ready())
    (group,) = [region for region in nodes(done) if region.kind == "group"]
    (caption,) = said_of(done, group.id)
    assert (group.label, group.parents, caption.style) == ("dog", (("r/root", "dog"),), "composition")
    assert (group.box.left, group.box.right) == pytest.approx((0.0, 0.7))
    graph = caption.graph
    assert graph is not None and sorted(e.region for e in graph.entities) == ["r/0", "r/2", "r/3"]
    ends = [(graph.entities[r.subject].region, r.predicate, graph.entities[r.object].region) for r in graph.relations]
    assert all((one < other) == (word == "left of") for one, word, other in ends)
    assert {frozenset((one, other)) for one, _, other in ends} == {frozenset(("r/0", "r/2")), frozenset(("r/2", "r/3"))}
    members = {region.id for region in done.regions if (group.id, "dog") in region.parents}
    assert members == {"r/0", "r/2", "r/3"}


def test_relations_are_kept_that_hold_between_single_nodes():
    record = placed("red dog", "cat", "black dog")
    text = "A black dog is left of a cat. The cat is next to a mug. Two birds are on a red dog."
    graph = among(parse(text), things(record), record)
    assert [e.region for e in graph.entities] == ["r/2", "r/1"]
    assert graph.relations == (Relation(0, "left of", 1),)


def test_a_relation_node_says_what_relates_and_one_that_relates_nothing_is_not_made():
    teller = Captioner({("spatial", None): "a red dog left of a cat, and a mug on a table"})
    (done,) = RelateNodes("double:teller", "rules:")([placed("red dog", "cat")], ready(teller=teller))
    (group,) = [region for region in nodes(done) if region.kind == "group"]
    assert [caption.text for caption in said_of(done, group.id)] == ["A red dog is left of a cat."]
    assert (group.id, "relation") in done.regions[1].parents
    teller = Captioner({("spatial", None): "a mug on a table"})
    (same,) = RelateNodes("double:teller", "rules:")([placed("red dog", "cat")], ready(teller=teller))
    assert same == placed("red dog", "cat")
    lone = Captioner({})
    assert RelateNodes("double:teller", "rules:")([placed("red dog")], ready(teller=lone)) == [placed("red dog")] and lone.asked == []


def test_one_that_fails_fails_its_record_alone():
    teller = Captioner({("short", None): "a dog"})
    mute, well = DescribeNodes("double:teller")([Record("mute", Image("m.png")), Record("well", Image("w.png"))], ready(teller=teller))
    assert mute.status.kind == "failed" and "double:teller: mute" in mute.status.why
    assert [caption.text for caption in well.captions] == ["a dog", "a picture"]


def test_several_detailed_captions_are_several_draws():
    teller = Captioner({})
    (done,) = DescribeNodes("double:teller", details=3)([Record("r", Image("r.png"))], ready(teller=teller))
    assert [(one.style, one.draw, one.temperature) for one in teller.asked] == [
        ("short", 0, 0.0), ("dense", 0, 0.0), ("dense", 1, 1.0), ("dense", 2, 1.0),
    ]  # fmt: skip
    assert [caption.style for caption in done.captions] == ["short", "dense", "dense", "dense"]


def test_the_whole_runs_and_accounts_for_every_row(tmp_path):
    _, teller, finder = grown()
    here = ready(teller=teller, finder=finder)
    describe = DescribeNodes("double:teller")
    parts = (describe, Repeat((FindNodes("double:finder", pixels=0), describe), 3, Searched()), ComposeNodes("rules:"))
    summary = run(parts, [Record("r", Image("r.png"))], tmp_path / "run", opener=here.opener, pictures=here.pictures, progress=False)
    assert summary.rows()["kept"] == 1 and summary.ledger["detect calls"] == 3
