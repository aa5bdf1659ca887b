"""Intervals: bootstrap over rows for sums, means, ratios and F1, paired comparison of two systems, t interval over a few seeds.

Shapes: N rows (images), K columns that are summed over rows, B resamples. A statistic maps sums (..., K) to values (...), nan where
it is undefined, so that numerators and denominators are always drawn together.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych import __version__
from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.data.results import Difference, Result

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]
Better = Literal["higher", "lower", "none"]

RESAMPLES = 10_000
LEVEL = 0.95
_DRAWS = 50_000_000  # row draws for one interval; beyond 5,000 rows there are fewer resamples, never under 1,000
_KEPT = 64_000_000  # a weight table up to this many bytes is remembered
_ALONE = 200_000  # multiplications in one product; BLAS leaves so few to one thread
_ROWS = 2_048  # rows of the table in one product
_CHUNK = 200_000  # row draws at a time, to stay in the processor's cache


def ratio(sums_K: Array) -> Array:
    """First sum over second; nan where the second is 0."""
    return _divide(sums_K[..., 0], sums_K[..., 1])


def one_minus_ratio(sums_K: Array) -> Array:
    """1 minus (first sum over second); nan where the second is 0."""
    return 1.0 - ratio(sums_K)


def f1(sums_K: Array) -> Array:
    """Harmonic mean of precision (first over second sum) and recall (third over fourth).

    Nothing stated, or nothing right, scores 0; it is undefined only where there is nothing to recall.
    """
    recall = _divide(sums_K[..., 2], sums_K[..., 3])
    precision = np.nan_to_num(_divide(sums_K[..., 0], sums_K[..., 1]))
    total = precision + recall
    both = np.nan_to_num(_divide(2 * precision * recall, total))
    return np.where(np.isnan(recall), np.nan, both)


def bootstrap(
    columns_NK: ArrayLike, statistic: Statistic = ratio, *, name: str, better: Better = "higher", how: str = "", seed: int = 0,
    resamples: int = RESAMPLES, level: float = LEVEL,
) -> Result:  # fmt: skip
    """The statistic of the column sums with its percentile interval over resampled rows.

    Resamples in which it is undefined are left out. With no row, or where the value is undefined, everything is nan and `how` says
    why; a single row has a value and no interval. The draws depend on the seed and N alone, so systems measured on the same rows
    share them. Efron, 1979.
    """
    table = as_columns(columns_NK)
    n = len(table)
    value = float(statistic(table.sum(axis=0))) if n else math.nan
    if math.isnan(value):
        return Result(name, math.nan, math.nan, math.nan, n, better, said(how, "no rows" if not n else "undefined: divides by 0"))
    if n == 1 or resamples == 0:
        return Result(name, value, math.nan, math.nan, n, better, said(how, "one row, so no interval" if resamples else "no interval"))
    count = resamples_for(n, resamples)
    low, high = percentiles(statistic(resampled_sums(table, count, seed)), level)
    return Result(name, value, low, high, n, better, said(how, f"bootstrap over rows, {count} resamples, {level:.0%} percentile"))


def mean(values_N: ArrayLike, *, name: str, better: Better = "higher", how: str = "", seed: int = 0, resamples: int = RESAMPLES) -> Result:
    """Mean over rows with its bootstrap interval."""
    values = np.asarray(values_N, float).reshape(-1)
    table = np.stack((values, np.ones_like(values)), axis=1)
    return bootstrap(table, ratio, name=name, better=better, how=how, seed=seed, resamples=resamples)


@dataclass(frozen=True, slots=True)
class Paired:
    """Two systems on the same rows: their difference, and the share of resamples in which the method is the better one (ties half)."""

    difference: Difference
    won: float
    n: int
    better: Better
    how: str
    resamples: int = 0


def of_differences(
    names: tuple[str, str], value: float, apart_B: Array, *, n: int, better: Better = "higher", how: str = ""
) -> Paired:  # fmt: skip
    """Two systems from their difference in each resample; those in which it is undefined (nan) are left out."""
    apart = apart_B[~np.isnan(apart_B)]
    if not len(apart):
        return Paired(Difference(*names, value, math.nan, math.nan), math.nan, n, better, how)
    gain = -apart if better == "lower" else apart
    won = float(((gain > 0) + 0.5 * (gain == 0)).mean())
    return Paired(Difference(*names, value, *percentiles(apart, LEVEL)), won, n, better, how, len(apart))


def paired(
    method_NK: ArrayLike, baseline_NK: ArrayLike, statistic: Statistic = ratio, *, names: tuple[str, str] = ("method", "baseline"),
    better: Better = "higher", how: str = "", seed: int = 0, resamples: int = RESAMPLES,
) -> Paired:  # fmt: skip
    """Method minus baseline with its interval, both resampled by the same rows.

    Raises InputError when the two have different numbers of rows.
    """
    ours, theirs = as_columns(method_NK), as_columns(baseline_NK)
    if len(ours) != len(theirs):
        raise InputError(f"paired systems must have the same rows, got {len(ours)} and {len(theirs)}: keep those that both have")
    n = len(ours)
    value = float(statistic(ours.sum(axis=0)) - statistic(theirs.sum(axis=0))) if n else math.nan
    if n < 2 or math.isnan(value):
        why = "no rows" if not n else "undefined: divides by 0" if math.isnan(value) else "one row, so no interval"
        return of_differences(names, value, np.zeros(0), n=n, better=better, how=said(how, why))
    count = resamples_for(n, resamples)
    sums = resampled_sums(np.hstack((ours, theirs)), count, seed)
    apart = statistic(sums[:, : ours.shape[1]]) - statistic(sums[:, ours.shape[1] :])
    how = said(how, f"paired bootstrap over rows, {count} resamples")
    return of_differences(names, value, apart, n=n, better=better, how=how)


def t_interval(
    differences: Sequence[float], *, name: str, better: Better = "higher", how: str = "", level: float = LEVEL
) -> Result:  # fmt: skip
    """Mean of a few paired differences (one for each seed) with Student's t interval; fewer than two have no interval."""
    values = np.asarray(differences, float)
    n = len(values)
    if n == 0 or bool(np.isnan(values).any()):
        return Result(name, math.nan, math.nan, math.nan, n, better, said(how, "no seeds" if n == 0 else "a seed without a value"))
    middle = float(values.mean())
    if n == 1:
        return Result(name, middle, math.nan, math.nan, 1, better, said(how, "one seed, so no interval"))
    half = t_quantile(0.5 + level / 2, n - 1) * float(values.std(ddof=1)) / math.sqrt(n)
    return Result(name, middle, middle - half, middle + half, n, better, said(how, f"t interval over {n} seeds, {level:.0%}"))


def t_quantile(probability: float, freedom: int) -> float:
    """Quantile of Student's t at a probability from .5 to below 1, by halving on its closed form for whole degrees of freedom."""
    low, high = 0.0, 1.0
    while t_below(high, freedom) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_below(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def t_below(t: float, freedom: int) -> float:
    """Probability that Student's t lies below `t` >= 0 (Abramowitz and Stegun, 1964, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    square = math.cos(angle) ** 2
    odd = freedom % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for step in range(freedom // 2):
        total += term
        term *= square * (2 * step + 1 + odd) / (2 * step + 2 + odd)
    between = 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total
    return 0.5 + between / 2


def as_columns(columns_NK: ArrayLike) -> Array:
    """A float table of N rows and K columns, also when there is no row; InputError for another shape or values that are not finite."""
    table = np.asarray(columns_NK, float)
    if table.size == 0:
        return np.zeros((0, table.shape[1] if table.ndim == 2 else 1))
    if table.ndim != 2 or not bool(np.isfinite(table).all()):
        raise InputError(
            f"rows to resample must be a finite table of N rows and K columns, got shape {table.shape}: drop rows without a value"
        )
    return table


def resamples_for(n: int, wanted: int) -> int:
    """How many resamples N rows are given: those wanted, fewer (at least 1,000) beyond 5,000 rows."""
    if wanted < 1:
        raise InputError(f"resamples must be at least 1, got {wanted}")
    return min(wanted, max(1_000, _DRAWS // n))


def resampled_sums(table_NK: Array, resamples: int, seed: int) -> Array:
    """Column sums of B resamples of the rows, shape (B, K)."""
    n = len(table_NK)
    return np.concatenate([_weighted(chunk, table_NK) for chunk in weights(n, resamples, seed)])


def _weighted(weights_BN: NDArray[np.uint8], table_NK: Array) -> Array:
    """Weights times table, piece by piece: a larger product starts BLAS's threads, which on a busy machine wait for each other."""
    b, n = weights_BN.shape
    k = table_NK.shape[1]
    step = max(1, _ALONE // (_ROWS * max(1, k)))
    sums = np.zeros((b, k))
    for draw in range(0, b, step):
        for row in range(0, n, _ROWS):
            piece = weights_BN[draw : draw + step, row : row + _ROWS].astype(float)
            sums[draw : draw + step] += piece @ table_NK[row : row + _ROWS]
    return sums


def weights(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """How often each resample draws each row, some resamples at a time, shape (some, N)."""
    if n * resamples > _KEPT:
        yield from _chunks(n, resamples, seed)
        return
    table = drawn_weights(n, resamples, seed)
    step = max(1, _CHUNK // n)
    yield from (table[i : i + step] for i in range(0, resamples, step))


@lru_cache(2)
def drawn_weights(n: int, resamples: int, seed: int) -> NDArray[np.uint8]:
    """How often each resample draws each row, shape (B, N); remembered, since most metrics are taken over the same rows."""
    table = np.empty((resamples, n), np.uint8)  # filled in place: joining chunks would hold it twice
    filled = 0
    for chunk in _chunks(n, resamples, seed):
        table[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    table.setflags(write=False)
    return table


def _chunks(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """How often each row is drawn, some resamples at a time; no row is drawn 256 times but with a chance below 1e-500."""
    rng = generator("bootstrap", seed, n)
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        kind = np.uint16 if n <= 1 << 16 else np.uint32  # twice as fast as drawing wide numbers
        drawn = rng.integers(0, n, size=(size, n), dtype=kind) + np.arange(0, size * n, n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.uint8)


def percentiles(values_B: Array, level: float) -> tuple[float, float]:
    """Both ends of the central interval, values that are nan left out; nan where there is none."""
    kept = values_B[~np.isnan(values_B)]
    if not len(kept):
        return math.nan, math.nan
    low, high = np.quantile(kept, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def _divide(top: Array, bottom: Array) -> Array:
    quotient: Array = np.divide(top, bottom, out=np.full(np.shape(bottom), np.nan), where=np.asarray(bottom) != 0)
    return quotient


def said(how: str, more: str) -> str:
    """How a number was made, with the version that made it."""
    return f"{how}; {more}; diptych {__version__}" if how else f"{more}; diptych {__version__}"
