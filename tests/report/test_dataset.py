from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from report_samples import draw, scene, text_of

from diptych.data.draws import generator
from diptych.data.errors import SourceError
from diptych.data.opening import open_picture
from diptych.data.records import Caption, Image, Record
from diptych.data.sources import open_source
from diptych.report import dataset_report
from diptych.report.likeness import fingerprint, groups
from diptych.report.looking import look
from diptych.report.wording import Wording, histogram


def photo(seed: int) -> Pillow.Image:
    """Soft blobs: as unlike each other as photos are."""
    small = generator("photo", seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Pillow.fromarray(small).resize((320, 240), Pillow.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    for n in range(4):
        photo(n).save(place / f"{n}.jpg", quality=92)
        (place / f"{n}.txt").write_text("two brown dogs\n" if n < 2 else f"a red car number {n}\n")
    (place / "copy.jpg").write_bytes((place / "0.jpg").read_bytes())
    photo(1).resize((200, 150)).save(place / "small.jpg", quality=60)
    (place / "cut.jpg").write_bytes((place / "2.jpg").read_bytes()[:900])
    photo(9).resize((100, 300)).save(place / "tall.png")
    (place / "<b>.png").write_bytes(b"no picture")
    return place


def report(source: Path, out: Path, **changes: object) -> str:
    path = dataset_report(open_source(str(source)), out / "page.html", title=str(source), pictures=open_picture, progress=False, **changes)  # type: ignore[arg-type]
    return path.read_text(encoding="utf-8")


def test_a_folder_of_photos(folder: Path, tmp_path: Path) -> None:
    text = report(folder, tmp_path)
    said = text_of(text)
    for words in (
        "rows9", "broken pictures222 % of 9 opened", "exact copies1", "captions4", "repeated captions1", "2 pictures could not be opened",
        "cut.jpg is truncated", "Exact copies: 1 group, 2 pictures", "Near copies: 1 group, 2 pictures", "rows without a caption556 %",
        "at most 10 of 128 bits", "JPEG", "PNG", "4 captions parsed (all)", "dog", "brown", "<b>.png",
    ):  # fmt: skip
        assert words in said, words
    assert "<b>.png" not in text


def test_a_large_folder_is_sampled_and_says_so(folder: Path, tmp_path: Path) -> None:
    said = text_of(report(folder, tmp_path, most_pictures=3, most_captions=2))
    assert "3 of 9 pictures were opened, drawn by their ids" in said
    assert "2 captions parsed (a sample, drawn by record ids, of 4)" in said


def test_rows_that_could_not_be_read_are_listed(tmp_path: Path) -> None:
    rows = [Record("a", Image("")).fail("read", "line 3 is no JSON"), Record("b", Image("missing.jpg"), (Caption("c", ""),))]
    said = text_of(dataset_report(rows, tmp_path / "p.html", title="t", pictures=open_picture, progress=False).read_text())
    assert "line 3 is no JSON" in said
    assert "1 row unreadable" in said
    assert "missing.jpg is missing" in said
    assert "empty captions1100 %" in said


def test_no_records(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no records"):
        dataset_report(iter(()), tmp_path / "p.html", title="t", pictures=open_picture, progress=False)


def test_copies_are_found_and_different_pictures_are_not(folder: Path) -> None:
    found = look(open_source(str(folder)), open_picture, lambda n: None)
    names = [[found.ids[index] for index in group] for group in found.copies()]
    assert names == [["0.jpg", "copy.jpg"]]
    assert [sorted(found.ids[index] for index in group) for group in found.alike()] == [["1.jpg", "small.jpg"]]
    assert {id for id, _ in found.broken} == {"cut.jpg", "<b>.png"}
    assert found.formats == Counter({"JPEG": 6, "PNG": 1})
    assert (found.widths[found.ids.index("tall.png")], found.heights[found.ids.index("tall.png")]) == (100, 300)


def test_fingerprints() -> None:
    assert fingerprint(Pillow.new("RGB", (50, 50), "grey")) is None
    rising = np.tile(np.arange(0, 252, 28, dtype=np.uint8), (9, 1))  # brighter to the right in every step, level downwards
    bits = fingerprint(Pillow.fromarray(rising))
    assert bits is not None
    assert int(np.bitwise_count(bits).sum()) == 64
    other = fingerprint(Pillow.fromarray(255 - rising))
    assert other is not None
    assert int(np.bitwise_count(bits ^ other).sum()) == 64
    assert groups([bits, None, other, bits]) == [[0, 3]]
    assert groups([None, bits]) == []


def test_groups_chain_neighbours() -> None:
    prints = [np.array([0, 0], np.uint64), np.array([2**10 - 1, 0], np.uint64), np.array([2**20 - 1, 0], np.uint64)]
    assert groups(prints, near=10) == [[0, 1, 2]]
    assert groups(prints, near=9) == []


def test_wording_counts() -> None:
    found = Wording()
    for text in ("A red dog", "a  RED dog", "", "été — dog's 12 dogs"):
        found.add(Record(text, Image(""), (Caption("c", text),)))
    found.add(Record("none", Image("")))
    assert (found.captions, found.empty, found.without, found.repeated, found.longest) == (4, 1, 1, 1, 19)
    assert found.words == Counter({"a": 2, "red": 2, "dog": 2, "été": 1, "dog's": 1, "dogs": 1})
    assert found.mean_length() == pytest.approx((3 + 3 + 0 + 5) / 4)


@pytest.mark.parametrize(
    "values", [Counter({3: 1}), Counter({0: 5, 1: 2}), Counter(range(1000)), Counter({5: 990, 100_000: 1}), Counter({640: 3, 4000: 1})]
)
def test_histograms_count_every_value_once(values: Counter[int]) -> None:
    found = histogram(values)
    assert sum(n for *_, n in found) == values.total()
    assert len(found) <= 16
    assert all(a < b for a, b, _ in found)
    assert all(one[1] == two[0] for one, two in pairwise(found))
    assert [n for *_, n in found] == [sum(n for v, n in values.items() if a <= v < b) for a, b, _ in found]


def test_no_values_have_no_histogram() -> None:
    assert histogram(Counter()) == []


@pytest.mark.parametrize("name", ["coco128/images", "conceptual_captions_photos", "skimage_photos"])
def test_real_photos(name: str, tmp_path: Path) -> None:
    place = Path(__file__).parents[2] / "../shared/data" / name
    if not place.is_dir():
        pytest.skip("shared data absent")
    said = text_of(report(place, tmp_path, most_pictures=12))
    assert "Every picture that was opened is whole" in said


def drawn() -> Iterator[Pillow.Image]:
    return (draw(scene(seed)) for seed in range(2))


def test_pictures_that_differ_a_little_in_what_they_show_are_not_copies() -> None:
    one, two = (fingerprint(picture) for picture in drawn())
    assert groups([one, two]) == []
