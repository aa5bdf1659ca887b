import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw

from contracts import check_survey
from diptych.arrays.hashes import distance
from diptych.curate.pictures import HashPictures
from diptych.curate.twins import DropTwins, Twins
from diptych.data.errors import InputError
from diptych.data.opening import open_picture
from diptych.data.records import Image, Record
from diptych.data.schema import to_batch
from diptych.engine.context import Context

CONTEXT = Context(lambda address, ability: None, open_picture)


def row(id: str, code: str) -> Record:
    return Record(id, Image(id), labels={"phash": code} if code else {})


FLIPS = st.lists(st.sets(st.integers(0, 63), max_size=9), min_size=1, max_size=12)


@given(FLIPS, st.integers(0, 11))
def test_twins_are_those_of_a_slow_search(flips, within: int) -> None:
    codes = [f"{sum(1 << bit for bit in bits):016x}" for bits in flips]
    stay: list[int] = []
    dropped = []
    for n, code in enumerate(codes):
        if any(distance(code, codes[m]) <= within for m in stay):
            dropped.append(str(n))
        else:
            stay.append(n)
    found = Twins(within=within).look([to_batch([row(str(n), code) for n, code in enumerate(codes)])])
    assert [id for id, _ in found.twins] == dropped
    assert all(distance(codes[int(id)], codes[int(twin)]) <= within for id, twin in found.twins)


def test_the_first_stays_and_rows_without_a_hash_too() -> None:
    rows = [row("a", "f" * 16), row("b", ""), row("c", "f" * 15 + "e"), row("d", "0" * 16), row("e", "no hash")]
    assert check_survey(Twins(), [to_batch(rows)]) == DropTwins((("c", "a"),))
    done = DropTwins((("c", "a"),))(rows, CONTEXT)
    assert [one.status.kind for one in done] == ["kept", "kept", "dropped", "kept", "kept"]
    assert done[2].status.why == "looks like a"
    with pytest.raises(InputError, match="from 0 to 11 bits of 64, got 12"):
        Twins(within=12)


def test_a_picture_made_smaller_is_a_twin(tmp_path) -> None:
    for name, place in (("dot", 20), ("other", 90)):
        image = Pillow.new("RGB", (160, 120), "white")
        ImageDraw.Draw(image).ellipse((place, 20, place + 60, 90), fill="red")
        image.save(tmp_path / f"{name}.png")
    Pillow.open(tmp_path / "dot.png").resize((80, 60)).save(tmp_path / "small.jpg", quality=60)
    rows = [Record(name, Image(str(tmp_path / name))) for name in ("dot.png", "other.png", "small.jpg")]
    found = Twins().look([to_batch(HashPictures()(rows, CONTEXT))])
    assert found.twins == (("small.jpg", "dot.png"),)
