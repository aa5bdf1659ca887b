"""Fact metrics by name: `fact_f1`, or `fact_recall.relation` for one kind of statement."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.data.graphs import KINDS, Kind
from diptych.data.results import Difference, Result
from diptych.measure.facts import FACT_METRICS, FactCount, compare_facts, fact_columns, measure_facts
from diptych.measure.intervals import Statistic


def measured(name: str, counts: Sequence[FactCount], how: str) -> Result:
    """The metric over rows with its bootstrap interval."""
    metric, kinds = _parts(name)
    return measure_facts(counts, metric, kinds=kinds, name=name, how=how)


def difference(name: str, method: Sequence[FactCount], baseline: Sequence[FactCount], names: tuple[str, str]) -> Difference:
    """Method minus baseline on the same rows, by paired bootstrap."""
    metric, kinds = _parts(name)
    return compare_facts(method, baseline, metric, kinds=kinds, names=names).difference


def columns_of(name: str, counts: Sequence[FactCount]) -> tuple[NDArray[np.float64], Statistic]:
    """What the metric sums over rows, and what is made of the sums."""
    metric, kinds = _parts(name)
    return np.array(fact_columns(counts, metric, kinds=kinds), float), FACT_METRICS[metric].statistic


def better(name: str) -> str:
    """Which way is better: higher, lower or none."""
    return FACT_METRICS[_parts(name)[0]].better


def _parts(name: str) -> tuple[str, tuple[Kind, ...]]:
    metric, _, kind = name.partition(".")
    kinds = tuple(known for known in KINDS if not kind or known == kind)
    if metric not in FACT_METRICS or not kinds:
        raise InputError(f"there is no metric {name!r}: it must be one of {', '.join(FACT_METRICS)}, alone or with .{', .'.join(KINDS)}")
    return metric, kinds
