"""Metrics by name: `fact_f1`, or `fact_recall.relation` for one kind of statement; `answer_accuracy` of questions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.data.graphs import KINDS, Kind
from diptych.data.results import Difference, Result
from diptych.lab.also import Table
from diptych.lab.answers import ANSWER_METRICS, READ, AnswerCount
from diptych.measure.facts import FACT_METRICS, FactCount, compare_facts, fact_columns, measure_facts
from diptych.measure.intervals import Statistic, bootstrap, paired, ratio

Counts = Sequence[FactCount] | Sequence[AnswerCount] | Table  # for ANSWER_METRICS, and for what an experiment measures besides


def measured(name: str, counts: Counts, how: str) -> Result:
    """The metric over rows with its bootstrap interval."""
    if isinstance(counts, Table):
        return counts.result(name)
    if name in ANSWER_METRICS:
        return bootstrap(columns_of(name, counts)[0], ratio, name=name, how=READ)
    metric, kinds = _parts(name)
    return measure_facts(_facts(counts), metric, kinds=kinds, name=name, how=how)


def difference(name: str, method: Counts, baseline: Counts, names: tuple[str, str]) -> Difference:
    """Method minus baseline on the same rows, by paired bootstrap."""
    if isinstance(method, Table) and isinstance(baseline, Table):
        return paired(method.rows, baseline.rows, ratio, names=names, better=method.better).difference
    if name in ANSWER_METRICS:
        return paired(columns_of(name, method)[0], columns_of(name, baseline)[0], ratio, names=names, how=READ).difference
    metric, kinds = _parts(name)
    return compare_facts(_facts(method), _facts(baseline), metric, kinds=kinds, names=names).difference


def columns_of(name: str, counts: Counts) -> tuple[NDArray[np.float64], Statistic]:
    """What the metric sums over rows, and what is made of the sums."""
    if isinstance(counts, Table):
        return np.array(counts.rows, float).reshape(-1, 2), ratio
    if name in ANSWER_METRICS:
        return np.array([ANSWER_METRICS[name](row) for row in counts if isinstance(row, AnswerCount)], float).reshape(-1, 2), ratio
    metric, kinds = _parts(name)
    return np.array(fact_columns(_facts(counts), metric, kinds=kinds), float), FACT_METRICS[metric].statistic


def better(name: str, counts: Counts = ()) -> str:
    """Which way is better: higher, lower or none."""
    if isinstance(counts, Table):
        return counts.better
    return "higher" if name in ANSWER_METRICS else FACT_METRICS[_parts(name)[0]].better


def _facts(counts: Counts) -> list[FactCount]:
    return [] if isinstance(counts, Table) else [row for row in counts if isinstance(row, FactCount)]


def _parts(name: str) -> tuple[str, tuple[Kind, ...]]:
    metric, _, kind = name.partition(".")
    kinds = tuple(known for known in KINDS if not kind or known == kind)
    if metric not in FACT_METRICS or not kinds:
        known = ", ".join((*ANSWER_METRICS, *FACT_METRICS))
        raise InputError(f"there is no metric {name!r}: it must be one of {known}; fact metrics also with .{', .'.join(KINDS)}")
    return metric, kinds
