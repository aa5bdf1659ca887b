"""Boxes in crops and back: by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from diptych.data.crops import inside, outside, root_of, shared, window_of
from diptych.data.opening import crop
from diptych.data.pictures import Picture
from diptych.data.regions import Box

WHOLE = Picture("key", 100, 50, lambda: Pillow.new("RGB", (100, 50)))
RIGHT = Box(0.5, 0, 1, 1)


def edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def test_a_crop_of_a_crop_lies_in_the_whole() -> None:
    inner = crop(crop(WHOLE, RIGHT), Box(0, 0.5, 0.5, 1))
    assert window_of(inner) == Box(0.5, 0.5, 0.75, 1) and root_of(inner) is WHOLE
    assert window_of(WHOLE) is None and root_of(WHOLE) is WHOLE


@pytest.mark.parametrize(
    ("box", "seen"),
    [
        (Box(0.5, 0, 0.75, 0.5), (0, 0, 0.5, 0.5)),
        (Box(0.4, 0, 0.6, 1), (0, 0, 0.2, 1)),  # half of it
        (Box(0.39, 0, 0.6, 1), None),  # less than half
        (Box(0, 0, 0.4, 1), None),
        (Box(0, 0, 1, 1), (0, 0, 1, 1)),
    ],
)
def test_what_a_crop_shows_half_of_is_in_it(box, seen) -> None:
    found = inside(box, RIGHT)
    assert (found is None) if seen is None else edges(found) == pytest.approx(seen)
    assert inside(box, Box(0.5, 0.5, 0.5, 1)) is None


SPAN = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda span: span[1] - span[0] > 0.01)


@given(SPAN, SPAN, SPAN, SPAN)
def test_out_and_in_again(across, down, wide, high) -> None:
    box, window = Box(across[0], down[0], across[1], down[1]), Box(wide[0], high[0], wide[1], high[1])
    out = outside(box, window)
    assert edges(inside(out, window)) == pytest.approx(edges(box), abs=1e-6)
    assert shared(out, window) == pytest.approx(out.area) == box.area * window.area
