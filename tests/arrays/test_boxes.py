import numpy as np
import pytest

from diptych.arrays.boxes import areas, iou, shared, within


def test_iou_of_boxes_worked_by_hand() -> None:
    # two unit squares that share a quarter: 0.25 / 1.75
    found = iou([[0, 0, 1, 1]], [[0.5, 0.5, 1.5, 1.5], [2, 2, 3, 3], [0, 0, 1, 1]])
    assert found.tolist() == [[pytest.approx(1 / 7), 0.0, 1.0]]


def test_within_is_the_share_of_the_first_box() -> None:
    assert within([[0, 0, 2, 1]], [[1, 0, 3, 1]]).tolist() == [[0.5]]
    assert within([[1, 1, 1, 1]], [[0, 0, 3, 3]]).tolist() == [[0.0]]


def test_empty_and_turned_boxes_have_no_area() -> None:
    assert areas([[0, 0, 2, 3], [1, 1, 0, 0]]).tolist() == [6.0, 0.0]
    assert shared(np.zeros((0, 4)), [[0, 0, 1, 1]]).shape == (0, 1)
    assert iou([[0, 0, 0, 0]], [[0, 0, 0, 0]]).tolist() == [[0.0]]
