"""Counting: an image against its caption with every number put in. Paiss et al., 2023, arXiv:2302.12066, section 4.

Shapes: N images, K numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.measure.intervals import ratio
from diptych.measure.scores import Scored, scored


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Accuracy, mean absolute deviation of the number chosen, recall of each number, and how often each number was taken for which."""

    accuracy: Scored
    deviation: Scored
    recall: dict[int, Scored]
    numbers: tuple[int, ...]
    confusion_KK: NDArray[np.int64]  # true number by chosen number

    @property
    def scored(self) -> tuple[Scored, ...]:
        """All metrics."""
        return (self.accuracy, self.deviation, *self.recall.values())


def counting_of(
    scores_NK: ArrayLike, numbers: Sequence[int], true: Sequence[int], *, ids: Sequence[str] | None = None, how: str = "", seed: int = 0
) -> Counted:
    """`count_accuracy`, `count_deviation` and `count_recall_N`, from each image's score with its caption for each of the numbers.

    `true` are the numbers that the pictures show. Among equal scores the number farthest from the truth is taken, so that a model that
    reads no numbers is not credited. A model that always says one number has its recall at 1 and all others at 0.
    Raises InputError for numbers that do not fit, nan, and pictures that show a number that is not among those put in.
    """
    scores, order = np.asarray(scores_NK, float), np.asarray(numbers)
    if scores.shape != (len(true), len(order)) or len(set(numbers)) != len(order) or np.isnan(scores).any():
        raise InputError(
            f"scores must be (images, numbers) without nan, numbers all different, got {scores.shape}, {len(true)}, {list(numbers)}"
        )
    if strange := set(true) - set(numbers):
        raise InputError(
            f"a picture shows {min(strange)} things, but the numbers put in are {list(numbers)}: leave it out or add the number"
        )
    true_N = np.asarray(true, int)
    apart_NK = np.abs(order[None] - true_N[:, None])
    top_NK = scores == scores.max(axis=1, keepdims=True) if scores.size else scores.astype(bool)
    place_N = np.where(top_NK, apart_NK, -1).argmax(axis=1) if scores.size else np.zeros(0, int)
    said_N = order[place_N]
    names = tuple(ids) if ids is not None else tuple(map(str, range(len(true_N))))
    hit_N = (said_N == true_N).astype(float)
    confusion = np.zeros((len(order), len(order)), np.int64)
    np.add.at(confusion, (np.searchsorted(np.sort(order), true_N), np.searchsorted(np.sort(order), said_N)), 1)
    told = (
        f"{len(order)} numbers, chance {1 / max(1, len(order)):.3g}; {how}" if how else f"{len(order)} numbers, chance {1 / len(order):.3g}"
    )
    recall = {
        number: scored(f"count_recall_{number}", names, np.where(true_N == number, hit_N, np.nan),
                       np.stack((hit_N * (true_N == number), true_N == number), axis=1), ratio, how=told, seed=seed)
        for number in sorted(set(true_N.tolist()))
    }  # fmt: skip
    return Counted(
        scored("count_accuracy", names, hit_N, how=told, seed=seed),
        scored("count_deviation", names, np.abs(said_N - true_N), better="lower", how=told, seed=seed),
        recall,
        tuple(sorted(numbers)),
        confusion,
    )
