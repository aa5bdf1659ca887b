"""A metric's values on the lab's texts, and the agreement made of them with its interval over scenes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diptych.data.draws import generator
from diptych.data.results import Result
from diptych.lab.cases import Case, Cases
from diptych.lab.metrics import better, columns_of
from diptych.language.parse import parse
from diptych.measure.facts import FactCount, count_facts
from diptych.measure.intervals import RESAMPLES, Statistic, bootstrap, percentiles, resampled_sums, resamples_for
from diptych.measure.scores import Scored, scored

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Marks:
    """What a metric gave one seed's texts, all of them or one system's. Higher is better once `sign` is put before."""

    scored: Scored
    cases: Cases
    system: str | None = None

    @property
    def sign(self) -> float:
        """-1 for a metric whose lower values are better."""
        return -1.0 if self.scored.result.better == "lower" else 1.0

    @property
    def about(self) -> Sequence[Case]:
        """The texts that were measured."""
        return self.cases.listed if self.system is None else self.cases.of(self.system)

    def dealt(self) -> "Marks":
        """The values dealt out anew among the texts of each unit; among all of a system's, its texts being of different scenes."""
        rng = generator("dealt", self.cases.seed, self.scored.name, self.system or "")
        units = np.array([case.unit if self.system is None else "" for case in self.about])
        order = np.arange(len(units))
        for unit in dict.fromkeys(units.tolist()):
            rows = np.flatnonzero(units == unit)
            order[rows] = rng.permutation(rows)
        one = self.scored
        return replace(self, scored=replace(one, values_N=one.values_N[order], columns_NK=one.columns_NK[order]))


@dataclass(frozen=True, slots=True)
class Arm:
    """Columns that are summed over units before the agreement is taken."""

    table_UK: NDArray[np.float64]
    statistic: Statistic

    @property
    def value(self) -> float:
        """Over all units."""
        return float(self.statistic(self.table_UK.sum(axis=0)[None])[0])

    def resampled(self) -> NDArray[np.float64]:
        """The value in each resample of the units; arms of the same units share their draws."""
        n = len(self.table_UK)
        return self.statistic(resampled_sums(self.table_UK, resamples_for(n, RESAMPLES), 0))


def result_of(arm: Arm, name: str, how: str) -> Result:
    """The agreement with its interval."""
    return bootstrap(arm.table_UK, lambda sums: arm.statistic(np.atleast_2d(sums)).reshape(np.shape(sums)[:-1]), name=name, how=how)


def apart(ours: Arm, theirs: Arm) -> tuple[float, float, float]:
    """Difference of two agreements and its interval, resampled together."""
    if len(ours.table_UK) < 2:
        return ours.value - theirs.value, float("nan"), float("nan")
    return ours.value - theirs.value, *percentiles(ours.resampled() - theirs.resampled(), LEVEL)


def marks_of(cases: Cases, metric: str, *, parsed: bool) -> list[Marks]:
    """The truth as a metric called "truth": from the statements behind the texts, or from what the parser reads in them."""
    found = []
    for system in cases.systems:
        listed = cases.of(system)
        counts = [_read(case, cases) if parsed else case.truth for case in listed]
        columns, statistic = columns_of(metric, counts)
        values = statistic(columns)
        way = better(metric)
        ids = [case.record.id for case in listed]
        one = scored("truth", ids, values, columns, statistic, better="lower" if way == "lower" else "higher", resamples=0)
        found.append(Marks(one, cases, system))
    return found


def _read(case: Case, cases: Cases) -> FactCount:
    truth = cases.truths[case.record.subject.key]
    (said,) = case.record.standing()
    return count_facts(parse(said.text), truth.graph, truth.kinds, case.truth.words)
