"""From a detector's numbers to detections: every phrase by itself, doubles left out, best first."""

# K boxes, P phrases

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.boxes import areas, iou
from diptych.data.regions import Box
from diptych.models.abilities import Detection

Floats = NDArray[np.float32]
MOST = 100  # boxes of one phrase
DOUBLE = 0.5  # intersection over union from which two boxes of one phrase are of one thing


def corners(boxes_K4: Floats) -> Floats:
    """Middle, width and height as left, top, right, bottom."""
    middle_K2, half_K2 = boxes_K4[:, :2], boxes_K4[:, 2:] / 2
    return np.concatenate([middle_K2 - half_K2, middle_K2 + half_K2], 1)


def detections(phrases: Sequence[str], scores_KP: Floats, corners_K4: Floats, threshold: float) -> tuple[Detection, ...]:
    """For each phrase the boxes whose score reaches the threshold, at most `MOST`, best first.

    A box may stand for several phrases ("dog", "brown dog"): what is asked together does not compete. Boxes beside the picture are none.
    """
    found: list[Detection] = []
    boxes_K4 = np.clip(corners_K4, 0, 1)
    there = areas(boxes_K4) > 0
    scores_KP, boxes_K4 = scores_KP[there], boxes_K4[there]
    for p, phrase in enumerate(phrases):
        order = np.argsort(-scores_KP[:, p], kind="stable")[:MOST]
        good = [int(k) for k in order if scores_KP[k, p] >= threshold]
        found.extend(Detection(phrase, Box(*map(float, boxes_K4[k])), float(scores_KP[k, p])) for k in singles(boxes_K4, good))
    return tuple(sorted(found, key=lambda one: -one.score))


def singles(boxes_K4: Floats, order: Sequence[int]) -> list[int]:
    """Of the boxes in this order those that double no earlier one."""
    kept: list[int] = []
    doubles = iou(boxes_K4[list(order)], boxes_K4[list(order)]) >= DOUBLE
    for n in range(len(order)):
        if not any(doubles[n, earlier] for earlier in kept):
            kept.append(n)
    return [order[n] for n in kept]
