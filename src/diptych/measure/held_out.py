"""Held-out combinations: is what was learnt of parts put together for pairs never seen together?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.measure.intervals import Array, ratio
from diptych.measure.scores import Scored, scored


def held_out_of(
    right_N: ArrayLike, unseen_N: ArrayLike, *, ids: Sequence[str] | None = None, name: str = "pair", how: str = "", seed: int = 0
) -> tuple[Scored, ...]:
    """`NAME_seen`, `NAME_unseen`, their `NAME_harmonic` mean, and `NAME_gap`, seen minus unseen, where lower is better.

    `right_N` whether (or by what share) each answer is right, `unseen_N` whether its combination was held out of training.
    Raises InputError for numbers that do not fit, or where one side has no row.
    """
    right, unseen = np.asarray(right_N, float).reshape(-1), np.asarray(unseen_N, bool).reshape(-1)
    if len(right) != len(unseen) or not unseen.any() or unseen.all():
        raise InputError(
            f"held-out accuracy needs rows of both sides, got {int(unseen.sum())} unseen of {len(unseen)} for {len(right)} answers"
        )
    names = tuple(ids) if ids is not None else tuple(map(str, range(len(right))))
    columns = np.stack((right * ~unseen, ~unseen, right * unseen, unseen), axis=1).astype(float)
    made = {"how": f"{int(unseen.sum())} of {len(unseen)} rows unseen{'; ' if how else ''}{how}", "seed": seed}
    return (
        scored(f"{name}_seen", names, np.where(unseen, np.nan, right), columns[:, :2], ratio, **made),  # type: ignore[arg-type]
        scored(f"{name}_unseen", names, np.where(unseen, right, np.nan), columns[:, 2:], ratio, **made),  # type: ignore[arg-type]
        scored(f"{name}_harmonic", names, right, columns, harmonic, **made),  # type: ignore[arg-type]
        scored(f"{name}_gap", names, right, columns, gap, better="lower", **made),  # type: ignore[arg-type]
    )


def candidates_right(scores_NC: ArrayLike, right_NC: ArrayLike) -> NDArray[np.float64]:
    """For each row, 1 where its best candidate is a right one, and the right share of those that tie for it."""
    scores, right = np.asarray(scores_NC, float), np.asarray(right_NC, bool)
    if scores.shape != right.shape or scores.ndim != 2 or not scores.size or not right.any(axis=1).all():
        raise InputError(
            f"scores and right answers must have one shape (rows, candidates), each row a right one, got {scores.shape}, {right.shape}"
        )
    top = scores == scores.max(axis=1, keepdims=True)
    found: NDArray[np.float64] = (top & right).sum(axis=1) / top.sum(axis=1)
    return found


def harmonic(sums_K: Array) -> Array:
    """Of seen and unseen accuracy."""
    seen, unseen = ratio(sums_K[..., :2]), ratio(sums_K[..., 2:])
    total = seen + unseen
    return np.where(total > 0, 2 * seen * unseen / np.where(total > 0, total, 1.0), 0.0 * total)


def gap(sums_K: Array) -> Array:
    """Seen accuracy minus unseen."""
    apart: Array = ratio(sums_K[..., :2]) - ratio(sums_K[..., 2:])
    return apart
