"""`colours:` on drawn pictures, on the world's things, whose colours are known, and on real photos."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from diptych.data.errors import AddressError
from diptych.data.graphs import Statement
from diptych.data.opening import crop, open_picture
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.regions import Box, Region
from diptych.engine.context import Context
from diptych.lab.opening import opened, without_source
from diptych.language.meaning import COLOURS
from diptych.models.abilities import Answered, Answerer, AskRequest, Captioner, Failed
from diptych.models.colour_words import NAMED, named, possible, word_of
from diptych.models.colours import Colours, of_thing
from diptych.write.colours import NameColours

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
ALL = Box(0, 0, 1, 1)


def shown(image: Pillow.Image) -> Picture:
    return Picture("key", image.width, image.height, lambda: image)


def ball(colour: str, ground: str = "white") -> Picture:
    """A ball that fills the crop."""
    image = Pillow.new("RGB", (60, 60), ground)
    ImageDraw.Draw(image).ellipse((0, 0, 59, 59), fill=colour)
    return crop(shown(image), ALL)


def ask(picture: Picture, question: str = "What color is the ball?", value: str = "") -> Answered | Failed:
    statement = Statement(0, "attribute", "ball", value) if value else None
    (answer,) = Colours().answer([AskRequest(picture, question, statement)])
    return answer


def test_every_colour_of_the_language_has_a_word_here() -> None:
    assert {word_of(colour) for colour in COLOURS} == set(NAMED)
    assert word_of("wooden") == ""


@pytest.mark.parametrize("colour", sorted(set(NAMED) - {"beige"}))
def test_a_ball_of_each_colour(colour: str) -> None:
    seen = ask(ball({"brown": "saddlebrown"}.get(colour, colour), "gray" if colour == "white" else "white"))
    assert isinstance(seen, Answered) and seen.text == colour and seen.score is not None
    assert seen.score > 0.95 or (colour, seen.score) == ("gray", 0.5)  # which light makes of others, too


def test_several_colours_with_the_share_of_the_first() -> None:
    image = Pillow.new("RGB", (90, 30), "red")
    image.paste("blue", (60, 0, 90, 30))
    answer = ask(shown(image), "What colours are in the picture?")
    assert answer == Answered("red and blue", pytest.approx(2 / 3))


def test_statements_are_held_against_crops() -> None:
    assert ask(ball("red"), value="red").text == "yes" and ask(ball("red"), value="maroon").text == "yes"
    assert ask(ball("red"), value="green").text == "no"
    assert ask(ball("red"), value="wooden").text == "unknown"
    assert ask(ball("gray"), value="white").text == ask(ball("brown"), value="orange").text == "unknown"  # they may be in the shade
    near = ask(ball("#20b0c0"), value="blue")  # between turquoise and blue
    assert near.text == "unknown"


def test_of_a_whole_picture_nobody_knows_where_the_ball_is() -> None:
    whole = shown(Pillow.new("RGB", (9, 9), "red"))
    assert ask(whole).text == "unknown" and ask(whole, value="red").text == "unknown"
    assert ask(ball("red"), "Is there a ball?").text == "unknown"


def test_a_thing_is_what_its_surroundings_are_not() -> None:
    assert of_thing({"gray": 0.6, "red": 0.4}, {"gray": 1.0}) == {"red": pytest.approx(0.8), "gray": pytest.approx(0.2)}
    assert of_thing({"gray": 1.0}, {"gray": 1.0}) == {"gray": 1.0}
    assert of_thing({"red": 1.0}, {}) == {"red": 1.0}
    pixels = np.array([[255, 0, 0], [250, 5, 0], [0, 0, 255]], np.uint8)
    assert named(pixels) == {"red": pytest.approx(2 / 3), "blue": pytest.approx(1 / 3)} and possible(pixels, "green") == 0


def test_colours_of_the_world() -> None:
    """Things' colours are known there; a colour that a thing has is next to never denied."""
    have = opened("world:10?seed=8", 0)
    told: Counter[bool] = Counter()
    held: Counter[str] = Counter()
    for record in have.source:
        picture = have.pictures(record.subject)
        truth = have.truths[picture.key]
        boxes = {region.id: region for region in truth.regions}
        for entity in truth.graph.entities:
            region, colours = boxes[entity.region], [value for value in entity.values if word_of(value)]
            if len(colours) == 1 and (region.score or 0) > 0.8:
                told[word_of(colours[0]) in ask(crop(picture, region.box)).text] += 1
                held[ask(crop(picture, region.box), value=colours[0]).text] += 1
    assert told.total() > 25
    assert told[True] / told.total() > 0.75 and held["no"] / held.total() < 0.03, (told, held)


def test_things_found_get_the_one_colour_they_have(tmp_path) -> None:
    image = Pillow.new("RGB", (100, 50), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, 49, 49), fill="red")
    draw.rectangle((50, 0, 75, 49), fill="green")
    draw.rectangle((75, 0, 99, 49), fill="blue")
    image.save(tmp_path / "p.png")
    regions = (
        Region("1", Box(0, 0, 0.5, 1), label="ball"),
        Region("2", Box(0.5, 0, 1, 1), label="flag"),
        Region("3", Box(0, 0, 0.5, 1), label="ball", attributes=("blue",)),
        Region("4", Box(2, 2, 3, 3), label="nothing"),
        Region("5", Box(0, 0, 0.5, 1), "text", "STOP"),
    )
    step = NameColours(at_least=0.6)
    (done,) = step([Record("r", Image(str(tmp_path / "p.png")), regions=regions)], Context(without_source(), open_picture))
    assert [region.attributes for region in done.regions] == [("red",), (), ("blue",), (), ()]
    assert step.calls(done) == {"answer calls to colours:": 2}


def test_addresses_that_are_wrong() -> None:
    opener = without_source()
    assert opener("colours:?least=.3&family=x", Answerer) == Colours(0.3)
    for wrong, why in (("colours:red", "takes no name"), ("colours:?most=2", "no option 'most'"), ("colours:?least=2", "from 0.01 to 1")):
        with pytest.raises(AddressError, match=why):
            opener(wrong, Answerer)
    with pytest.raises(AddressError, match="cannot be a Captioner"):
        opener("colours:", Captioner)


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_real_photos() -> None:
    apple = open_picture(Image(str(SHARED / "coco128/images/val2017/000000002149.jpg")))
    seen = ask(apple, "What colors are in the photo?")
    assert "green" in seen.text
    cat = open_picture(Image(str(SHARED / "skimage_photos/chelsea.png")))
    assert ask(cat, "What colors are in the photo?").text.startswith("brown")
