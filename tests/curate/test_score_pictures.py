import pytest
from PIL import Image as Pillow

from diptych.curate.pictures import SCORES, HashPictures, ScorePictures
from diptych.curate.select import Keep
from diptych.data.errors import InputError
from diptych.data.opening import open_picture
from diptych.data.records import Image, Record
from diptych.engine.context import Context


@pytest.fixture
def rows(tmp_path) -> list[Record]:
    Pillow.new("RGB", (200, 100), (255, 255, 255)).save(tmp_path / "white.png")
    halves = Pillow.new("RGB", (120, 120), (100, 100, 100))
    halves.paste((200, 200, 200), (60, 0, 120, 120))
    halves.save(tmp_path / "halves.png")
    return [Record(name, Image(str(tmp_path / f"{name}.png"))) for name in ("white", "halves", "missing")]


CONTEXT = Context(lambda address, ability: None, open_picture)


def test_scores_by_hand_and_a_picture_that_is_missing(rows) -> None:
    white, halves, missing = ScorePictures()(rows, CONTEXT)
    assert missing.status.kind == "failed" and "is missing" in missing.status.why
    assert tuple(white.scores) == SCORES
    assert (white.scores["exposed"], white.scores["squareness"], white.scores["short_side"]) == (0.0, 0.5, 100.0)
    assert halves.scores["brightness"] == pytest.approx(150 / 255) and halves.scores["contrast"] == pytest.approx(50 / 127.5)
    assert white.scores["sharpness"] == 0 < halves.scores["sharpness"]
    kept = Keep("exposed", 0.5)([white, halves], CONTEXT)
    assert [row.status.kind for row in kept] == ["dropped", "kept"]


def test_only_what_is_asked_for(rows) -> None:
    (white,) = ScorePictures(("width", "squareness"))(rows[:1], CONTEXT)
    assert white.scores == {"width": 200.0, "squareness": 0.5}
    with pytest.raises(InputError, match="got 'beauty'"):
        ScorePictures(("beauty",))
    with pytest.raises(InputError, match="phash or dhash, got 'md5'"):
        HashPictures("md5")


def test_hashes_are_labels(rows) -> None:
    white, halves, missing = HashPictures("dhash")(rows, CONTEXT)
    assert white.labels == {"dhash": "0" * 16} and missing.status.kind == "failed"
    assert halves.labels["dhash"] == "08" * 8 or halves.labels["dhash"].count("0") < 16
