"""Agreement of a metric with people: rank and linear correlation, pairwise accuracy, with intervals over images.

Shapes: N rows (a candidate and what people said of it), B resamples. A row without a score or a rating (nan) is left out everywhere, and
`agreement` says how many were. Every statistic is nan where one side is constant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import LEVEL, Paired, of_differences, percentiles, resamples_for, said, weights
from diptych.measure.pair_counts import Floats, accuracy, count_pairs, count_tables, tau_b, tau_c

RESAMPLES = 2_000
_CELLS = 64  # a table with more cells for each row than this is not kept; rows are drawn one by one
_CHUNK = 300_000  # cells at a time, to stay in the processor's cache


def kendall_tau_b(x: ArrayLike, y: ArrayLike) -> float:
    """Kendall's tau-b of two columns, corrected for ties in either. Kendall, 1945; O(n log n) after Knight, 1966."""
    return float(tau_b(count_pairs(*_known(x, y))))


def kendall_tau_c(x: ArrayLike, y: ArrayLike) -> float:
    """Kendall's (Stuart's) tau-c of two columns, for tables that are not square: many scores against few ratings. Stuart, 1953."""
    return float(tau_c(count_pairs(*_known(x, y))))


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation: Pearson's of the ranks, equal values sharing their mean rank."""
    known = _known(x, y)
    return _linear(*(_ranks(values) for values in known))


def pearson(x: ArrayLike, y: ArrayLike) -> float:
    """Pearson's linear correlation."""
    return _linear(*_known(x, y))


def pairwise_accuracy(x: ArrayLike, y: ArrayLike, *, ties: Literal["half", "right"] = "half") -> float:
    """Share of pairs of rows that the scores `x` order as the ratings `y` do.

    `ties="half"`: over the pairs that the ratings order; scores that are equal there count half (a coin is .5: (Somers' D + 1) / 2).
    `ties="right"`: over all pairs; a pair tied in both is right, tied in one is wrong (acc_eq of Deutsch et al., 2023, arXiv:2305.14324).
    """
    if ties not in ("half", "right"):
        raise InputError(f'ties must be "half" or "right", got {ties!r}')
    return float(accuracy(count_pairs(*_known(x, y)), ties))


def _spearman_tables(table: Floats, _x: Floats, _y: Floats) -> Any:
    ranks = [np.cumsum(margin, 1) - margin / 2 for margin in (table.sum(2), table.sum(1))]
    return _linear_tables(table, *ranks)


def _linear_tables(table: Floats, x: Floats, y: Floats) -> Any:
    of_x, of_y, n = table.sum(2), table.sum(1), table.sum((1, 2))
    a = x - (of_x * x).sum(1, keepdims=True) / n[:, None]
    b = y - (of_y * y).sum(1, keepdims=True) / n[:, None]
    top = ((table @ b[:, :, None])[:, :, 0] * a).sum(1)
    bottom = np.sqrt((of_x * a * a).sum(1) * (of_y * b * b).sum(1))
    return np.divide(top, bottom, out=np.full(len(n), np.nan), where=bottom > 0)


# name -> (of two columns, of tables and the distinct values)
STATISTICS: dict[str, tuple[Any, Any]] = {
    "kendall_tau_b": (kendall_tau_b, lambda table, _x, _y: tau_b(count_tables(table))),
    "kendall_tau_c": (kendall_tau_c, lambda table, _x, _y: tau_c(count_tables(table))),
    "spearman": (spearman, _spearman_tables),
    "pearson": (pearson, _linear_tables),
    "pairwise_accuracy": (pairwise_accuracy, lambda table, _x, _y: accuracy(count_tables(table), "half")),
}


def agreement(
    scores: ArrayLike, ratings: ArrayLike, *, by: str = "kendall_tau_c", images: Sequence[Any] | None = None, name: str = "",
    how: str = "", seed: int = 0, resamples: int = RESAMPLES,
) -> Result:  # fmt: skip
    """Agreement of one metric's scores with ratings, by one of STATISTICS, with a percentile interval over resampled images.

    `images` names each row's image: all rows of an image are drawn together, since they share picture, references and judges.
    Without it each row is drawn alone. `n` counts the rows used. Raises InputError for lengths that differ, infinite values, another `by`.
    """
    rows = _rows((scores,), ratings, images, how)
    values_B, how = _values(rows, rows.scores[0], by, seed, resamples)
    return Result(
        name or by, STATISTICS[by][0](rows.scores[0], rows.ratings), *percentiles(values_B, LEVEL), len(rows.ratings), "higher", how
    )


def compare_agreement(
    method: ArrayLike, baseline: ArrayLike, ratings: ArrayLike, *, by: str = "kendall_tau_c", images: Sequence[Any] | None = None,
    names: tuple[str, str] = ("method", "baseline"), how: str = "", seed: int = 0, resamples: int = RESAMPLES,
) -> Paired:  # fmt: skip
    """Agreement of one metric minus another's with the same ratings, over the rows both score, images drawn for both at once."""
    rows = _rows((method, baseline), ratings, images, how)
    (ours_B, how), (theirs_B, _) = (_values(rows, scores, by, seed, resamples) for scores in rows.scores)
    ours, theirs = (STATISTICS[by][0](scores, rows.ratings) for scores in rows.scores)
    return of_differences(names, ours - theirs, ours_B - theirs_B, n=len(rows.ratings), how=how)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows without missing values: scores of each metric, ratings, number of the image."""

    scores: tuple[Floats, ...]
    ratings: Floats
    image_N: NDArray[np.int64]
    unit: str  # what is drawn
    how: str


def _rows(metrics: Sequence[ArrayLike], ratings: ArrayLike, images: Sequence[Any] | None, how: str) -> _Rows:
    columns = [_column(values) for values in (*metrics, ratings)]
    n = len(columns[-1])
    if any(len(column) != n for column in columns) or (images is not None and len(images) != n):
        raise InputError(f"scores, ratings and images must have one entry a row, got {[len(c) for c in columns]} scores and ratings")
    keep = ~np.isnan(np.sum(columns, axis=0))
    *scores, rated = (column[keep] for column in columns)
    left = int((~keep).sum())
    how = f"{how}; " * bool(how and left) + (f"{left} of {n} rows without score or rating left out" if left else how)
    named = np.arange(len(rated)) if images is None else np.asarray(images)[keep]
    return _Rows(tuple(scores), rated, np.unique(named, return_inverse=True)[1].reshape(-1), "rows" if images is None else "images", how)


def _values(rows: _Rows, scores: Floats, by: str, seed: int, resamples: int) -> tuple[Floats, str]:
    """The statistic over resampled images (none without two of them), and how."""
    if by not in STATISTICS:
        raise InputError(f"agreement is measured by {', '.join(STATISTICS)}, got {by!r}")
    count = int(rows.image_N.max()) + 1 if len(rows.image_N) else 0
    if count < 2 or resamples == 0:
        return np.zeros(0), said(rows.how, "no interval")
    wanted = resamples_for(count, resamples)
    resampled = _resampler(scores, rows.ratings, rows.image_N, by)
    values_B = np.concatenate([resampled(some) for some in weights(count, wanted, seed)])
    return values_B, said(rows.how, f"bootstrap over {count} {rows.unit}, {wanted} resamples, {LEVEL:.0%} percentile")


def _resampler(x: Floats, y: Floats, groups: NDArray[np.int64], by: str) -> Callable[[NDArray[Any]], Floats]:
    """From how often some resamples draw each image, (B, images), to the statistic of each."""
    x_G, of_x = np.unique(x, return_inverse=True)
    y_L, of_y = np.unique(y, return_inverse=True)
    plain, of_tables = STATISTICS[by]
    if len(x_G) * len(y_L) > _CELLS * len(x):
        alone = np.arange(len(x))
        return lambda weights_BI: np.array([plain(x[at], y[at]) for at in (np.repeat(alone, some[groups]) for some in weights_BI)])
    cell_N = of_x * len(y_L) + of_y
    order = np.argsort(cell_N, kind="stable")
    cells, starts = np.unique(cell_N[order], return_index=True)
    shape, images = (len(x_G), len(y_L)), groups[order]

    def tables(weights_BI: NDArray[Any]) -> Iterator[Floats]:
        """How often each (x, y) is drawn, (B, G, L), some resamples at a time."""
        step = max(1, _CHUNK // (shape[0] * shape[1]))
        for start in range(0, len(weights_BI), step):
            some = weights_BI[start : start + step, images].astype(float)
            table = np.zeros((len(some), shape[0] * shape[1]))
            table[:, cells] = np.add.reduceat(some, starts, axis=1)
            yield table.reshape(len(some), *shape)

    return lambda weights_BI: np.concatenate([of_tables(table, x_G[None], y_L[None]) for table in tables(weights_BI)])


def _known(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    a, b = _column(x), _column(y)
    if len(a) != len(b):
        raise InputError(f"two columns must have the same rows, got {len(a)} and {len(b)}")
    keep = ~(np.isnan(a) | np.isnan(b))
    return a[keep], b[keep]


def _column(values: ArrayLike) -> Floats:
    column = np.asarray(values, float)
    if column.ndim != 1:
        raise InputError(f"a column must hold one number a row, got shape {column.shape}")
    if bool(np.isinf(column).any()):
        raise InputError(f"scores and ratings must be finite, or nan where missing, got {column[np.isinf(column)][0]}")
    return column


def _ranks(values: Floats) -> Floats:
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    return ranks


def _linear(x: Floats, y: Floats) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    a, b = x - x.mean(), y - y.mean()
    return float(np.clip((a / np.sqrt(a @ a)) @ (b / np.sqrt(b @ b)), -1, 1))
