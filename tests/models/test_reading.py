"""`tesseract:` and `rapidocr:`: words of drawn pictures and real pages, what is missing, what is hostile."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from diptych.data.errors import AddressError
from diptych.data.opening import open_picture
from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.data.regions import Box
from diptych.lab.opening import pictures, without_source
from diptych.models.abilities import Detector, Failed, Ocr, ReadRequest, Word, Words
from diptych.models.reading_order import in_reading_order
from diptych.models.tesseract import words_of

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
NO_TESSERACT = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract not installed")
NO_RAPID = pytest.mark.skipif(find_spec("rapidocr") is None or find_spec("onnxruntime") is None, reason="rapidocr not installed")
READERS = [pytest.param("tesseract:", marks=NO_TESSERACT), pytest.param("rapidocr:?threads=1", marks=NO_RAPID)]
_OPENED: dict[str, Ocr] = {}


def reader(address: str) -> Ocr:
    if address not in _OPENED:
        _OPENED[address] = without_source()(address, Ocr)
    return _OPENED[address]


def page() -> Picture:
    image = Pillow.new("RGB", (640, 240), "white")
    draw = ImageDraw.Draw(image)
    draw.text((40, 30), "OPEN DAILY", fill="black", font=ImageFont.load_default(48))
    draw.text((40, 150), "from nine to five", fill="black", font=ImageFont.load_default(40))
    return Picture("page", 640, 240, lambda: image)


@pytest.mark.parametrize("address", READERS)
def test_lines_drawn_are_read_in_order_and_in_place(address: str) -> None:
    blank = Picture("blank", 90, 90, lambda: Pillow.new("RGB", (90, 90), "white"))
    first, nothing, again, stranger = reader(address).read([ReadRequest(one) for one in (page(), blank, page(), pictures(Image("")))])
    assert [word.words.lower() for word in first.found] == ["open daily", "from nine to five"]
    assert nothing == Words(()) and again == first and isinstance(stranger, Failed)
    upper, lower = first.found
    assert all(0.8 < word.score <= 1 for word in first.found)
    assert upper.box.left == pytest.approx(40 / 640, abs=0.02) and 0.1 < upper.box.top < upper.box.bottom < 0.45
    assert 0.6 < lower.box.top < lower.box.bottom < 0.9 and upper.box.right < 0.65


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
@pytest.mark.parametrize("address", [pytest.param("rapidocr:?threads=1", marks=NO_RAPID)])
def test_a_real_page(address: str) -> None:
    seen = open_picture(Image(str(SHARED / "skimage_photos/page.png")))
    (answer,) = reader(address).read([ReadRequest(seen)])
    lines = [word.words for word in answer.found]
    assert lines[0] == "Region-based segmentation" and "Let us first determine markers of the coins and the" in lines
    assert all(0 <= one.box.left < one.box.right <= 1 and 0 <= one.box.top < one.box.bottom <= 1 for one in answer.found)


@NO_TESSERACT
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_tesseract_on_a_real_page() -> None:
    source = open_picture(Image(str(SHARED / "skimage_photos/page.png")))
    large = Picture("large", 1152, 573, lambda: source.pil().resize((1152, 573)))  # it wants letters of 20 pixels or more
    (answer,) = reader("tesseract:").read([ReadRequest(large)])
    said = " ".join(word.words for word in answer.found)
    assert "segmentation" in said and "markers of the coins" in said


def test_reading_order_is_by_lines() -> None:
    def word(text: str, left: float, top: float, height: float = 0.1) -> Word:
        return Word(text, Box(left, top, left + 0.2, top + height), 1.0)

    given = [word("d", 0.5, 0.52), word("b", 0.6, 0.11), word("c", 0.1, 0.5), word("a", 0.1, 0.1), word("e", 0.1, 0.56)]
    assert [one.words for one in in_reading_order(given)] == ["a", "b", "c", "d", "e"]


HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def test_tesseracts_table_by_hand() -> None:
    rows = [
        "4\t1\t1\t1\t1\t0\t10\t10\t80\t20\t-1\t",
        "5\t1\t1\t1\t1\t1\t10\t10\t30\t20\t90\tSTOP",
        "5\t1\t1\t1\t1\t2\t50\t12\t40\t20\t60\tat",
        "5\t1\t1\t1\t2\t1\t0\t50\t10\t10\t95\t ",
        '5\t1\t2\t1\t1\t1\t0\t80\t100\t20\t101\t"x"',
    ]
    words = words_of(HEAD + "\n".join(rows) + "\n", (100, 100))
    assert words == Words(
        (Word("STOP at", Box(0.1, 0.1, 0.9, 0.32), pytest.approx((4 * 90 + 2 * 60) / 600)), Word('"x"', Box(0, 0.8, 1, 1), 1.0))
    )
    assert words_of("", (9, 9)) == Words(())
    assert isinstance(words_of(HEAD + "5\t1\t1\t1\t1\t1\tx\t1\t1\t1\t90\tword\n", (9, 9)), Failed)


def test_what_is_wrong_is_said() -> None:
    opener = without_source()
    for wrong, why in (
        ("tesseract:?languages=../../etc", "must name languages"),
        ("tesseract:?languages=-l", "must name languages"),
        ("tesseract:?languages=", "must name languages"),
        ("tesseract:?layout=99", "from 1 to 13"),
        ("tesseract:?layout=2", "reads no words"),
        ("tesseract:page.png", "takes no name"),
        ("rapidocr:?model=x", "has no option 'model'"),
        ("rapidocr:?threads=many", "from 0 to 256"),
    ):
        with pytest.raises(AddressError, match=why):
            opener(wrong, Ocr)
    for address in ("tesseract:", "rapidocr:"):
        with pytest.raises(AddressError, match="cannot be a Detector, only Ocr"):
            opener(address, Detector)


@NO_TESSERACT
def test_a_language_that_is_not_there_and_a_picture_that_takes_too_long() -> None:
    with pytest.raises(AddressError, match="apt-get install tesseract-ocr-tlh"):
        without_source()("tesseract:?languages=eng,tlh", Ocr)
    (late,) = without_source()("tesseract:?seconds=0.1", Ocr).read(
        [ReadRequest(Picture("big", 3000, 3000, lambda: page().pil().resize((3000, 3000))))]
    )
    assert isinstance(late, Failed) and "more than 0.1 s" in late.error


WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(("rapidocr", "onnxruntime", "cv2")))
from diptych.lab.opening import without_source
from diptych.models import abilities
from diptych.data.errors import AddressError
for address, ability in (("rapidocr:", "Ocr"), ("faces:", "Detector"), ("tesseract:", "Ocr")):
    try:
        without_source()(address, getattr(abilities, ability))
    except AddressError as error:
        print(error)
"""


def test_what_to_install_is_said_where_it_is_missing() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, env={"PATH": ""}, timeout=60, check=True)
    rapid, faces, tesseract = done.stdout.splitlines()
    assert all("pip install 'diptych[experts]'" in line for line in (rapid, faces)) and "apt-get install tesseract-ocr" in tesseract
