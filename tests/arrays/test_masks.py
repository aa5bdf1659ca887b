import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diptych.arrays.masks import box_of, decode, encode, mask_iou
from diptych.data.errors import InputError
from diptych.data.regions import Box, Mask


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_pixels_survive_the_round_trip(pixels: np.ndarray) -> None:
    mask = encode(pixels)
    assert (decode(mask) == pixels).all()
    assert sum(mask.runs[1::2]) == pixels.sum()


def test_runs_worked_by_hand() -> None:
    pixels = np.array([[0, 1, 1], [1, 0, 0]], dtype=bool)
    assert encode(pixels) == Mask(3, 2, (1, 3, 2), Box(0.0, 0.0, 1.0, 1.0))
    assert encode(~pixels).runs == (0, 1, 3, 2)


def test_box_is_tight() -> None:
    pixels = np.zeros((4, 8), dtype=bool)
    pixels[1:3, 2:4] = True
    assert box_of(pixels) == Box(0.25, 0.25, 0.5, 0.75)
    assert box_of(np.zeros((4, 8), dtype=bool)).area == 0


def test_runs_that_do_not_fill_the_mask_are_refused() -> None:
    with pytest.raises(InputError, match="sum to 6, got 5"):
        decode(Mask(3, 2, (1, 4), Box(0, 0, 1, 1)))


def test_iou_of_masks() -> None:
    a, b = np.array([[1, 1, 0]], dtype=bool), np.array([[0, 1, 1]], dtype=bool)
    assert mask_iou(a, b) == pytest.approx(1 / 3)
    assert mask_iou(a & b & ~a, b & ~b) == 0.0
