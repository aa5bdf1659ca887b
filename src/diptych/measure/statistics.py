"""Several systems and several seeds: all pairs of systems compared at once, and intervals over seeds and images together.

Shapes: S seeds, N images, K columns, B resamples.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import LEVEL, RESAMPLES, Array, Paired, of_differences, percentiles, resampled_sums, resamples_for, said
from diptych.measure.scores import Scored, compare


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems, the two-sided p of their difference, and p after Holm's correction for all pairs that were compared together."""

    pair: Paired
    p: float
    p_holm: float


def compare_all(systems: Mapping[str, Scored], *, seed: int = 0) -> tuple[Compared, ...]:
    """Every pair of systems over the images that both have: the later named minus the earlier, images drawn for both at once.

    p is twice the smaller share of resamples on either side of no difference, never under 1 / resamples: an approximation that reads the
    percentile interval backwards. Raises InputError for fewer than two systems, different metrics, or a pair without a common image.
    """
    if len(systems) < 2:
        raise InputError(f"a comparison needs at least two systems, got {len(systems)}")
    pairs = [compare(systems[method], systems[baseline], (method, baseline), seed=seed) for baseline, method in combinations(systems, 2)]
    p = [two_sided(pair) for pair in pairs]
    return tuple(Compared(*row) for row in zip(pairs, p, holm(p), strict=True))


def two_sided(pair: Paired) -> float:
    """Twice the smaller share of resamples on one side of no difference; nan where there are no resamples."""
    return max(2 * min(pair.won, 1 - pair.won), 1 / pair.resamples) if pair.resamples else math.nan


def holm(p_values: Sequence[float]) -> list[float]:
    """p values corrected for being several, in their order; nan stays and is not counted. Holm, 1979."""
    p = np.asarray(p_values, float)
    order = [i for i in np.argsort(p).tolist() if not math.isnan(p[i])]
    adjusted = np.full(len(p), np.nan)
    running = 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, float(p[i]) * (len(order) - rank)))
        adjusted[i] = running
    return [float(value) for value in adjusted]


def over_seeds(seeds: Sequence[Scored], *, seed: int = 0, resamples: int = RESAMPLES) -> Result:
    """One system run with several seeds: the mean of its seeds' values, with an interval over seeds and images together.

    Images are drawn alike for all seeds, seeds apart from them; the seeds' spread is widened by sqrt(S / (S - 1)), since drawing from
    few seeds narrows it. For a t interval over seeds alone see `intervals.t_interval`. Raises InputError for other metrics or images.
    """
    table_SNK = _stacked(seeds)
    first = seeds[0]
    value, values_B, how = _two_way(table_SNK, first, seed, resamples)
    return Result(first.name, value, *percentiles(values_B, LEVEL), len(first.ids), first.result.better, how)


def compare_over_seeds(
    method: Sequence[Scored], baseline: Sequence[Scored], names: tuple[str, str] = ("method", "baseline"), *, seed: int = 0,
    resamples: int = RESAMPLES,
) -> Paired:  # fmt: skip
    """Two systems, each run with the same seeds in the same order on the same images: paired over both, as in `over_seeds`."""
    if len(method) != len(baseline):
        raise InputError(f"paired systems must have the same seeds, got {len(method)} and {len(baseline)}")
    both = _stacked((*method, *baseline))
    ours, theirs = both[: len(method)], both[len(method) :]
    value, ours_B, how = _two_way(ours, method[0], seed, resamples)
    other, theirs_B, _ = _two_way(theirs, method[0], seed, resamples)
    n, better = len(method[0].ids), method[0].result.better
    return of_differences(names, value - other, ours_B - theirs_B, n=n, better=better, how=how)


def _stacked(seeds: Sequence[Scored]) -> NDArray[np.float64]:
    """Columns of all runs, (S, N, K), images in the first run's order."""
    if not seeds:
        raise InputError("an interval over seeds needs at least one run")
    first = seeds[0]
    places = [{id: row for row, id in enumerate(run.ids)} for run in seeds]
    if any(run.name != first.name or place.keys() != places[0].keys() for run, place in zip(seeds, places, strict=True)):
        raise InputError(f"all runs must have one metric on the same images, got {sorted({run.name for run in seeds})}")
    return np.stack([run.columns_NK[[place[id] for id in first.ids]] for run, place in zip(seeds, places, strict=True)])


def _two_way(table_SNK: Array, first: Scored, seed: int, resamples: int) -> tuple[float, Array, str]:
    """Mean over seeds of the statistic, the same over resamples of images and seeds, and how."""
    s, n, k = table_SNK.shape
    value = float(np.mean(first.statistic(table_SNK.sum(axis=1))))
    if n < 2 or resamples == 0:
        return value, np.zeros(0), said(first.result.how, f"mean of {s} seeds, no interval")
    count = resamples_for(n, resamples)
    sums = resampled_sums(table_SNK.transpose(1, 0, 2).reshape(n, s * k), count, seed)
    values_BS = first.statistic(sums.reshape(count, s, k))
    drawn = generator("seeds", seed, s).multinomial(s, np.full(s, 1 / s), count) / s - 1 / s
    wider = math.sqrt(s / (s - 1)) if s > 1 else 0.0
    over = f"{s} seeds and {n} images" if s > 1 else f"{n} images, one seed"
    return value, (values_BS * (1 / s + wider * drawn)).sum(axis=1), said(first.result.how, f"bootstrap over {over}, {count} resamples")
