"""Agreement with the truth across systems: each is measured over all its texts, and the systems are ranked.

Shapes: U units (scenes or bags of all seeds), M systems, K and J columns of the metric and of the truth, B resamples of the units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.data.results import Result
from diptych.lab.arms import Arm, Marks, result_of
from diptych.lab.ranks import pearson, spearman, tau_b, told_apart
from diptych.measure.intervals import Statistic

Array = NDArray[np.float64]
Agreement = Callable[[Array, Array], Array]


@dataclass(frozen=True, slots=True)
class Side:
    """One metric's columns of all systems; `values` makes values of sums, higher better."""

    columns_UMK: Array
    statistic: Statistic
    sign: float

    @property
    def flat(self) -> Array:
        """Columns of all systems one after another, a row a unit."""
        return self.columns_UMK.reshape(len(self.columns_UMK), -1)

    def values(self, sums_BC: Array) -> Array:
        """(B, M K) to (B, M)."""
        return self.sign * self.statistic(sums_BC.reshape(*sums_BC.shape[:-1], *self.columns_UMK.shape[1:]))


def side_of(listed: Sequence[Marks]) -> Side:
    """Columns summed by unit; a unit that a metric leaves out adds nothing."""
    systems: dict[str, int] = {}
    units: dict[tuple[int, str], int] = {}
    for marks in listed:
        assert marks.system is not None
        systems.setdefault(marks.system, len(systems))
        for case in marks.about:
            units.setdefault((marks.cases.seed, case.unit), len(units))
    first = listed[0].scored
    columns = np.zeros((len(units), len(systems), first.columns_NK.shape[1]))
    for marks in listed:
        assert marks.system is not None
        unit = {case.record.id: units[marks.cases.seed, case.unit] for case in marks.about}
        rows = [unit[id.partition("#")[0]] for id in marks.scored.ids]
        np.add.at(columns[:, systems[marks.system]], rows, marks.scored.columns_NK)
    return Side(columns, first.statistic, listed[0].sign)


def across(ours: Sequence[Marks], truth: Sequence[Marks], agreement: Agreement = tau_b) -> Arm:
    """The agreement of the systems' values with their true ones; both are resampled together."""
    one, other = side_of(ours), side_of(truth)
    width = one.flat.shape[1]
    return Arm(np.hstack((one.flat, other.flat)), lambda sums: agreement(one.values(sums[..., :width]), other.values(sums[..., width:])))


def across_others(ours: Sequence[Marks], truth: Sequence[Marks]) -> list[Result]:
    """Other correlations, how many pairs of systems are surely told apart, and the metric's mean and spread over systems."""
    one, other = side_of(ours), side_of(truth)
    found = [
        result_of(across(ours, truth, agreement), name, "over systems")
        for name, agreement in (("spearman", spearman), ("pearson", pearson))
    ]
    arm = Arm(one.flat, one.values)
    true = other.values(other.flat.sum(axis=0)[None])[0]
    share, nan = told_apart(arm.resampled(), true), float("nan")
    values = one.sign * one.values(one.flat.sum(axis=0)[None])[0]
    highest = max(float(np.nanmax(marks.scored.values_N, initial=-np.inf)) for marks in ours)
    plain = (
        ("pairs_told_apart", share, "share of pairs of systems ranked as in truth in 97.5 % of resamples"),
        ("true_mean_over_systems", float(other.sign * true.mean()), "of the truth, on its own scale"),
        ("mean_over_systems", float(np.nanmean(values)), "of the metric's own values"),
        ("spread_over_systems", float(np.nanstd(values)), "standard deviation of the metric's own values"),
        ("highest_of_an_image", highest, "the metric's own scale"),
    )
    return found + [
        Result(name, value, nan, nan, len(values), "none" if n else "higher", how) for n, (name, value, how) in enumerate(plain)
    ]
