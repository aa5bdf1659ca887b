"""What a region model's cells amount to: boxes without doubles, best first."""

# B pictures, N cells, K boxes kept

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from diptych.models.region_model import SLOTS, Regions

Floats = NDArray[np.float32]
MOST = 12  # things of a picture that other models hear of
DOUBLE = 0.5  # intersection over union from which two boxes are of one thing


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The things of one picture, best first: boxes (K, 4) left, top, right, bottom; scores (K,); labels and their chances (K, 4);
    vectors; chances of all labels, slot after slot (K, L).
    """

    boxes: Floats
    scores: Floats
    labels: NDArray[np.int64]
    chances: Floats
    vectors: Floats
    values: Floats


def things(regions: Regions, threshold: float = 0.05) -> list[Found]:
    """For each picture the cells whose objectness reaches the threshold; of two on one thing the better stays."""
    scores_BN = regions.objectness.sigmoid().cpu().numpy()
    half_BN2 = regions.boxes[..., 2:] / 2
    corners_BN4 = (regions.boxes[..., :2] - half_BN2).clamp(0, 1), (regions.boxes[..., :2] + half_BN2).clamp(0, 1)
    boxes_BN4 = np.concatenate([part.cpu().numpy() for part in corners_BN4], -1)
    best = [regions.labels[slot].softmax(-1).max(-1) for slot in SLOTS]
    labels_BN4 = np.stack([one.indices.cpu().numpy() for one in best], -1)
    chances_BN4 = np.stack([one.values.cpu().numpy() for one in best], -1)
    vectors_BNE = regions.vectors.cpu().numpy()
    values_BNL = torch.cat([regions.labels[slot].softmax(-1) for slot in SLOTS], -1).cpu().numpy()
    found = []
    for b, scores in enumerate(scores_BN):
        order = [n for n in np.argsort(-scores, kind="stable") if scores[n] >= threshold]
        kept = singles(boxes_BN4[b], order)
        found.append(
            Found(boxes_BN4[b, kept], scores[kept], labels_BN4[b, kept], chances_BN4[b, kept], vectors_BNE[b, kept], values_BNL[b, kept])
        )
    return found


def table(found: Found, *, inorder: bool = False) -> Floats:
    """(MOST, 5 + L): score, middle, sides and chances of all labels of the best things, largest box first; zeros where there are fewer.

    `inorder` gives a row to every thing, in the order found.
    """
    kept = slice(0, None if inorder else MOST)
    boxes = found.boxes[kept]
    sides = boxes[:, 2:] - boxes[:, :2]
    rows: Floats = np.concatenate([found.scores[kept, None], boxes[:, :2] + sides / 2, sides, found.values[kept]], 1)
    if inorder:
        return rows
    made = np.zeros((MOST, rows.shape[1]), np.float32)
    made[: len(rows)] = rows[np.argsort(-sides.prod(-1), kind="stable")]
    return made


def singles(boxes_N4: Floats, order: list[int]) -> list[int]:
    """Of the boxes in this order those that no earlier one doubles."""
    kept: list[int] = []
    for n in order:
        if not kept or overlaps(boxes_N4[n], boxes_N4[kept]).max() < DOUBLE:
            kept.append(n)
    return kept


def overlaps(box_4: Floats, boxes_N4: Floats) -> Floats:
    """Intersection over union of one box with each of the others."""
    low, high = np.maximum(box_4[:2], boxes_N4[:, :2]), np.minimum(box_4[2:], boxes_N4[:, 2:])
    shared = np.maximum(high - low, 0).prod(-1)
    area = (box_4[2:] - box_4[:2]).prod() + (boxes_N4[:, 2:] - boxes_N4[:, :2]).prod(-1) - shared
    return shared / np.maximum(area, 1e-9)
