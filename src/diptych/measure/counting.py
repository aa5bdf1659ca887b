"""Counting: an image against its caption with every number put in. Paiss et al., 2023, arXiv:2302.12066, section 4.

Shapes: N images, K numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
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
    if scores.shape != (len(true), len(order)) or not numbers or len(set(numbers)) != len(order) or np.isnan(scores).any():
        raise InputError(
            f"scores must be (images, numbers) without nan, numbers all different, got {scores.shape}, {len(true)}, {list(numbers)}"
        )
    if strange := set(true) - set(numbers):
        raise InputError(
            f"a picture shows {min(strange)} things, but the numbers put in are {list(numbers)}: leave it out or add the number"
        )
    true_N = np.asarray(true, int)
    apart_NK = np.abs(order[None] - true_N[:, None])
    said_N = order[_chosen(scores, apart_NK)]
    names = tuple(ids) if ids is not None else tuple(map(str, range(len(true_N))))
    hit_N = (said_N == true_N).astype(float)
    confusion = np.zeros((len(order), len(order)), np.int64)
    np.add.at(confusion, (np.searchsorted(np.sort(order), true_N), np.searchsorted(np.sort(order), said_N)), 1)
    told = "; ".join(filter(None, (f"{len(order)} numbers, chance {1 / len(order):.3g}", how)))
    made = partial(scored, ids=names, how=told, seed=seed)
    recall = {number: _recall(number, true_N, hit_N, made) for number in sorted(set(true_N.tolist()))}
    return Counted(
        made("count_accuracy", values_N=hit_N),
        made("count_deviation", values_N=np.abs(said_N - true_N), better="lower"),
        recall,
        tuple(sorted(numbers)),
        confusion,
    )


def _chosen(scores_NK: NDArray[np.float64], apart_NK: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of the best score of each image, of equal ones the farthest from the truth."""
    if not scores_NK.size:
        return np.zeros(0, np.int64)
    top_NK = scores_NK == scores_NK.max(axis=1, keepdims=True)
    return np.asarray(np.where(top_NK, apart_NK, -1).argmax(axis=1), np.int64)


def _recall(number: int, true_N: NDArray[np.int64], hit_N: NDArray[np.float64], made: Callable[..., Scored]) -> Scored:
    there_N = true_N == number
    return made(
        f"count_recall_{number}", values_N=np.where(there_N, hit_N, np.nan), columns_NK=np.stack((hit_N * there_N, there_N), axis=1)
    )
