from PIL import Image as Pillow

from diptych.check.confirm import ConfirmNodes
from diptych.check.match_nodes import MatchNodes
from diptych.data.nodes import ROOT, things
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Region
from diptych.engine.context import Context
from doubles import Scripted, context

BOXES = {"dog": Box(0, 0, 0.5, 0.5), "cat": Box(0.5, 0.5, 1, 1)}


def row(id: str = "r") -> Record:
    root = Region(f"{id}/root", Box(0, 0, 1, 1), "crop", ROOT)
    found = [Region(f"{id}/{noun}", box, "object", noun, parents=((root.id, noun),)) for noun, box in BOXES.items()]
    return Record(id, Image(f"{id}.png"), regions=(root, *found))


def ready(asked: Scripted) -> Context:
    whole = context(asked=asked)
    return Context(whole.opener, lambda image: Picture(image.path, 100, 100, lambda: Pillow.new("RGB", (100, 100))), place="1")


def test_each_thing_is_asked_about_in_its_crop_once_and_a_no_takes_it_out():
    asked = Scripted(answers={"Is there a dog in the image?": "Yes.", "Is there a cat in the image?": "No, only a dog."})
    step = ConfirmNodes("double:asked")
    (done,) = step([row()], ready(asked))
    assert [(one.question, one.picture.box, one.picture.width) for one in asked.asked] == [
        (f"Is there a {noun} in the image?", box, 50) for noun, box in BOXES.items()
    ]
    assert [(q.about, q.answers[0].text) for q in done.questions] == [("r/dog", "Yes."), ("r/cat", "No, only a dog.")]
    assert [node.label for node in things(done)] == ["dog"] and len(done.regions) == 3
    assert step([done], ready(asked)) == [done] and len(asked.asked) == 2
    assert step.calls(row()) == {"answer calls to double:asked": 2}


def test_an_answerer_that_fails_fails_its_record_alone():
    mute, well = ConfirmNodes("double:asked")([row("mute"), row("well")], ready(Scripted(fails={"mute"})))
    assert mute.status.kind == "failed" and well.status.kind == "kept" and things(well) == ()


def test_captions_of_nodes_are_held_against_their_crops():
    said = [Caption("whole", "a dog and a cat", region="r/root"), Caption("part", "a cat", region="r/cat"), Caption("other", "a dog")]
    matcher = Scripted(scores={"a dog and a cat": 0.4, "a cat": 0.7})
    (done,) = MatchNodes("double:asked")([row().add(captions=said)], ready(matcher))
    assert [(one.text, one.picture.box) for one in matcher.asked] == [("a dog and a cat", None), ("a cat", BOXES["cat"])]
    assert [caption.scores for caption in done.captions] == [{"match": 0.4}, {"match": 0.7}, {}]
