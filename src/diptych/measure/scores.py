"""A metric over images: its result with an interval, each image's value, and what is summed over images to make the result.

Shapes: N images, K columns that are summed over images before the statistic is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import RESAMPLES, Better, Paired, Statistic, bootstrap, paired, ratio

Why = Mapping[str, Sequence[str]]  # what was found -> words or statements: {"wrong": ["horse"]}
_NONE: Mapping[str, Why] = {}


@dataclass(frozen=True, slots=True)
class Scored:
    """A metric's result and what it was made from. `values_N` is nan for an image where the metric is undefined.

    `why` is what an image's value comes from, where that can be listed.
    """

    result: Result
    ids: tuple[str, ...]
    values_N: NDArray[np.float64]
    columns_NK: NDArray[np.float64]
    statistic: Statistic = ratio
    why: Mapping[str, Why] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The metric."""
        return self.result.name

    @property
    def value(self) -> float:
        """The metric over all images."""
        return self.result.value

    @property
    def per_image(self) -> dict[str, float]:
        """Each image's value."""
        return dict(zip(self.ids, self.values_N.tolist(), strict=True))


def scored(
    name: str, ids: Sequence[str], values_N: ArrayLike, columns_NK: ArrayLike | None = None, statistic: Statistic = ratio, *,
    value: float | None = None, better: Better = "higher", how: str = "", seed: int = 0, resamples: int = RESAMPLES,
    why: Mapping[str, Why] = _NONE,
) -> Scored:  # fmt: skip
    """A metric from its values (whose mean it is) or from columns and what is made of their sums.

    `value` is the metric over all images where its last digits hang on the order of summation, as a reference implementation has it.
    Without columns, images whose value is nan are left out of the mean, and `how` counts them. `resamples=0` gives no interval.
    Raises InputError when ids, values and columns differ in number.
    """
    values = np.asarray(values_N, float).reshape(-1)
    if columns_NK is None:
        known = ~np.isnan(values)
        if undefined := int((~known).sum()):
            how = f"{how}; {undefined} of {len(values)} images undefined, left out" if how else f"{undefined} images undefined, left out"
        columns = np.stack((np.where(known, values, 0.0), known.astype(float)), axis=1)
    else:
        columns = np.asarray(columns_NK, float)
    if not len(ids) == len(values) == len(columns):
        raise InputError(f"{name} needs one value for each image, got {len(ids)} ids, {len(values)} values, {len(columns)} rows of columns")
    result = bootstrap(columns, statistic, name=name, better=better, how=how, seed=seed, resamples=resamples)
    if value is not None:
        result = replace(result, value=value)
    return Scored(result, tuple(ids), values, columns, statistic, why)


def compare(method: Scored, baseline: Scored, names: tuple[str, str] = ("method", "baseline"), *, seed: int = 0) -> Paired:
    """One metric of two systems over the images that both have, resampled together: difference, interval, share of resamples won.

    An image that is undefined for one of them counts in the other's value alone; `how` says how many there are.

    Raises InputError for two metrics or no common image.
    """
    if method.name != baseline.name:
        raise InputError(f"two systems are compared by one metric, got {method.name} and {baseline.name}")
    place = {id: row for row, id in enumerate(baseline.ids)}
    both = [(row, place[id]) for row, id in enumerate(method.ids) if id in place]
    if not both:
        raise InputError("the two systems have no image in common: give them the same ids")
    ours, theirs = (list(rows) for rows in zip(*both, strict=True))
    left = len(method.ids) + len(baseline.ids) - 2 * len(both)
    how = f"{method.result.how}; {left} images of one system alone left out" if left else method.result.how
    if half := int((np.isnan(method.values_N[ours]) != np.isnan(baseline.values_N[theirs])).sum()):
        how += f"; {half} images undefined for one system alone"
    return paired(
        method.columns_NK[ours], baseline.columns_NK[theirs], method.statistic, names=names, better=method.result.better, how=how, seed=seed
    )  # fmt: skip
