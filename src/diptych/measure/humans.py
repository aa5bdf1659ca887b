"""How well metrics agree with people: protocols that turn ratings of several judges into rows, and tables of agreement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.agreement import RESAMPLES, agreement, compare_agreement
from diptych.measure.intervals import Paired
from diptych.measure.ratings import Ratings, read_ratings
from diptych.measure.scores import Scored

Metric = Callable[..., Scored | tuple[Scored, ...]]


@dataclass(frozen=True, slots=True)
class Protocol:
    """How ratings become rows: one a pair (the mean rating) or one a single rating, with or without copied references."""

    name: str
    single: bool
    copied: bool

    def rows(self, ratings: Ratings) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Each row's pair and rating; a rating that is missing makes no row."""
        keep = np.ones(len(ratings.candidates), bool) if self.copied else ~ratings.copied
        known = ~np.isnan(ratings.ratings_NJ) & keep[:, None]
        if self.single:
            pair, judge = np.nonzero(known)
            return pair, ratings.ratings_NJ[pair, judge]
        pair = np.flatnonzero(known.any(axis=1))
        return pair, np.nanmean(ratings.ratings_NJ[pair], axis=1)


SINGLE = Protocol("single ratings, all pairs", single=True, copied=True)  # Elliott and Keller, 2014
REMOVED = Protocol("single ratings, candidates that equal a reference removed", single=True, copied=False)  # Anderson et al., 2016 (SPICE)
MEAN = Protocol("mean rating, all pairs", single=False, copied=True)
PROTOCOLS = (SINGLE, REMOVED, MEAN)  # the published ones first


def rows_of(scores: ArrayLike, ratings: Ratings, protocol: Protocol) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Scores, ratings and images of a protocol's rows, for `agreement` and `compare_agreement`."""
    values = np.asarray(scores, float).reshape(-1)
    if len(values) != len(ratings.candidates):
        raise InputError(f"a metric must score each of {len(ratings.candidates)} rated pairs, got {len(values)} scores")
    pair, rating = protocol.rows(ratings)
    return values[pair], rating, [ratings.images[i] for i in pair]


def scores_of(metrics: Iterable[Metric], ratings: Ratings) -> dict[str, NDArray[np.float64]]:
    """Each metric's value of each pair, every pair an image of its own (so document frequencies count pairs, as the field's tools do)."""
    texts = {str(i): text for i, text in enumerate(ratings.candidates)}
    known = {str(i): references for i, references in enumerate(ratings.references)}
    found: dict[str, NDArray[np.float64]] = {}
    for metric in metrics:
        made = metric(texts, known, resamples=0)
        found |= {one.name: one.values_N for one in (made if isinstance(made, tuple) else (made,))}
    return found


def against_humans(
    scores: Mapping[str, ArrayLike], ratings: Ratings, *, by: Sequence[str] = ("spearman", "kendall_tau_c"),
    protocols: Sequence[Protocol] = PROTOCOLS, seed: int = 0, resamples: int = RESAMPLES,
) -> dict[str, dict[str, list[Result]]]:  # fmt: skip
    """Protocol -> statistic -> one result a metric: the inner mapping is what `table` takes, its lists what `as_json` does.

    Intervals are over images.
    `scores` holds a value for each rated pair, as `scores_of` gives it.
    """
    found: dict[str, dict[str, list[Result]]] = {}
    for protocol in protocols:
        for statistic in by:
            column = found.setdefault(protocol.name, {}).setdefault(statistic, [])
            for name, values in scores.items():
                x, y, images = rows_of(values, ratings, protocol)
                how = f"{statistic}, {protocol.name}"
                column.append(agreement(x, y, by=statistic, images=images, name=name, how=how, seed=seed, resamples=resamples))
    return found


def against_baseline(
    method: ArrayLike, baseline: ArrayLike, ratings: Ratings, *, protocol: Protocol = REMOVED, by: str = "kendall_tau_c",
    names: tuple[str, str] = ("method", "baseline"), seed: int = 0, resamples: int = RESAMPLES,
) -> Paired:  # fmt: skip
    """One metric's agreement minus another's with the same ratings, over the same resampled images."""
    x, y, images = rows_of(method, ratings, protocol)
    other = rows_of(baseline, ratings, protocol)[0]
    how = f"{by}, {protocol.name}"
    return compare_agreement(x, other, y, by=by, images=images, names=names, how=how, seed=seed, resamples=resamples)


def measure_against_humans(
    path: str | Path, metrics: Iterable[Metric], *, by: Sequence[str] = ("spearman", "kendall_tau_c"), seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, dict[str, list[Result]]]:  # fmt: skip
    """`against_humans` of metrics, functions of candidates and references, over the rated pairs of a folder or file (`read_ratings`)."""
    ratings = read_ratings(path)
    return against_humans(scores_of(metrics, ratings), ratings, by=by, seed=seed, resamples=resamples)
