import json

import pytest

from diptych.data.errors import AddressError
from diptych.models.abilities import Captioner, CaptionRequest, Described, Detector, DetectRequest, Failed, Matcher, Ocr, ReadRequest
from diptych.models.addresses import open_model, parse_address
from diptych.models.files import open_file
from doubles import picture, record

SCHEMES = {"file": open_file}


@pytest.fixture
def captions(tmp_path):
    path = tmp_path / "system-a.jsonl"
    path.write_text(json.dumps({"id": "r", "captions": ["a dog", "a brown dog"]}) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def boxes(tmp_path):
    path = tmp_path / "instances.json"
    coco = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 100, "height": 50}],
        "categories": [{"id": 7, "name": "dog"}, {"id": 8, "name": "couch"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 10, 20, 20]},
            {"id": 2, "image_id": 1, "category_id": 8, "bbox": [0, 0, 100, 50]},
        ],
    }
    path.write_text(json.dumps(coco), encoding="utf-8")
    return path


def ask(id: str, draw: int = 0) -> CaptionRequest:
    return CaptionRequest(picture(record().subject), draw=draw, record=id)


def test_a_table_of_captions_is_a_captioner_by_id_and_draw(captions) -> None:
    model = open_model(f"file:{captions}", Captioner, SCHEMES)
    assert model.caption([ask("r"), ask("r", 1)]) == [Described("a dog"), Described("a brown dog")]
    missing, none_left, there = model.caption([ask("other"), ask("r", 2), ask("r")])
    assert isinstance(missing, Failed) and "such as 'r'" in missing.error
    assert isinstance(none_left, Failed) and there == Described("a dog")


def test_boxes_are_a_detector_by_what_things_are_called(boxes) -> None:
    model = open_model(f"file:{boxes}", Detector, SCHEMES)

    def found(*phrases: str):
        (answer,) = model.detect([DetectRequest(picture(record().subject), phrases, record="1")])
        return [(one.phrase, round(one.box.left, 2), one.score) for one in answer.found]

    assert found("sofa") == [("sofa", 0.0, 1.0)]
    assert found("zebra") == []
    (answer,) = model.detect([DetectRequest(picture(record().subject), ("sofa", "zebra"), record="1")])
    assert answer.unjudged == ("zebra",)  # nobody annotated zebras, so there may be one
    assert found() == [("dog", 0.1, 1.0), ("couch", 0.0, 1.0)]
    assert model.read([ReadRequest(picture(record().subject), "1")])[0].found == ()


def test_what_a_file_cannot_do_and_where_it_is_not(captions, tmp_path) -> None:
    with pytest.raises(AddressError, match="cannot be a Matcher"):
        open_model(f"file:{captions}", Matcher, SCHEMES)
    with pytest.raises(ValueError, match="does not exist"):
        open_model(f"file:{tmp_path / 'nothing.jsonl'}", Ocr, SCHEMES)


def test_addresses_are_taken_apart() -> None:
    address = parse_address("sim:captioner?recall=.5&family=a")
    assert (address.scheme, address.name, dict(address.options)) == ("sim", "captioner", {"recall": ".5", "family": "a"})
    for wrong in ("", "captioner", "no scheme: x"):
        with pytest.raises(AddressError, match="is no model address"):
            parse_address(wrong)
    with pytest.raises(AddressError, match="scheme must be one of file:"):
        open_model("hf:some/model", Captioner, SCHEMES)


def test_rows_answer_for_file_names_too(boxes, captions) -> None:
    seer = open_model(f"file:{boxes}", Detector, SCHEMES)
    for id in ("1", "1.jpg", "photos/1.jpg", "1.png"):
        (answer,) = seer.detect([DetectRequest(picture(record().subject), ("dog",), record=id)])
        assert [one.phrase for one in answer.found] == ["dog"], id
    teller = open_model(f"file:{captions}", Captioner, SCHEMES)
    assert teller.caption([ask("photos/r.jpg")]) == [Described("a dog")]


def test_a_name_that_two_rows_share_stands_for_neither(tmp_path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text("".join(json.dumps({"id": f"{folder}/1.jpg", "caption": folder}) + "\n" for folder in "ab"), encoding="utf-8")
    model = open_model(f"file:{path}", Captioner, SCHEMES)
    ambiguous, known = model.caption([ask("1.jpg"), ask("b/1.jpg")])
    assert isinstance(ambiguous, Failed) and known == Described("b")
