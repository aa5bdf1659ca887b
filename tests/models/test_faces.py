"""`faces:` on a real face, on photos without one, and what it leaves unjudged."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image as Pillow

from diptych.data.errors import AddressError
from diptych.data.opening import open_picture
from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.lab.opening import pictures, without_source
from diptych.models.abilities import Detections, Detector, DetectRequest, Failed, Ocr
from diptych.models.faces import is_face

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
here = pytest.mark.skipif(find_spec("cv2") is None, reason="opencv not installed")
real = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
BLANK = Picture("blank", 60, 40, lambda: Pillow.new("RGB", (60, 40), "white"))


def test_which_phrases_ask_for_faces() -> None:
    assert all(map(is_face, ("face", "faces", "Human face", "person's face", "the man’s face")))
    assert not any(map(is_face, ("", "clock face", "smiling face", "face mask", "person")))


@here
@real
def test_a_real_face_is_found_where_it_is() -> None:
    model = without_source()("faces:", Detector)
    astronaut = open_picture(Image(str(SHARED / "skimage_photos/astronaut.png")))
    cat = open_picture(Image(str(SHARED / "skimage_photos/chelsea.png")))
    asked = [
        DetectRequest(astronaut, ("dog", "face")),
        DetectRequest(cat, ("face",)),
        DetectRequest(pictures(Image("")), ("face",)),
        DetectRequest(astronaut),
        DetectRequest(astronaut, ("face",), threshold=0.999),
    ]
    found, none, failed, listed, strict = model.detect(asked)
    (face,) = found.found
    assert found.unjudged == ("dog",) and face.phrase == "face" and 0.5 <= face.score < 1
    eyes, mouth = (0.41, 0.20), (0.44, 0.27)  # by hand
    assert all(face.box.left < x < face.box.right and face.box.top < y < face.box.bottom for x, y in (eyes, mouth))
    assert face.box.area < 0.06
    assert none == Detections(()) and isinstance(failed, Failed) and listed.found == (face,) and strict.found == ()


@here
@real
def test_a_row_of_faces() -> None:
    team = open_picture(Image(str(SHARED / "coco128/images/val2017/000000002299.jpg")))
    (seen,) = without_source()("faces:", Detector).detect([DetectRequest(team, ("human face",))])
    assert 22 <= len(seen.found) <= 38  # as many as are in the photo; OpenCV 4.14 finds 26, and nothing else
    assert [one.score for one in seen.found] == sorted((one.score for one in seen.found), reverse=True)


@here
def test_nothing_is_found_in_nothing() -> None:
    model = without_source()("faces:?side=64&windows=2", Detector)
    tiny = Picture("tiny", 3, 2, lambda: Pillow.new("RGB", (3, 2)))
    assert model.detect([DetectRequest(one, ("face", "cat")) for one in (BLANK, tiny)]) == [Detections((), ("cat",))] * 2
    with pytest.raises(AddressError, match="cannot be a Ocr, only Detector"):
        without_source()("faces:", Ocr)
    with pytest.raises(AddressError, match="side= must be a number from 64"):
        without_source()("faces:?side=1", Detector)


@here
def test_a_newer_opencv_carries_no_cascades(monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2  # noqa: PLC0415

    monkeypatch.setattr(cv2.data, "haarcascades", "/nowhere/")
    with pytest.raises(AddressError, match="only those before 5 carry: pip install 'diptych"):
        without_source()("faces:", Detector)
