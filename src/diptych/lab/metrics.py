"""What an experiment measures of a row's captions: named columns that are summed over rows, and what is made of the sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from diptych.data.graphs import KINDS, Kind
from diptych.data.results import Difference, Result
from diptych.measure.facts import FactCount
from diptych.measure.intervals import Better, Statistic, bootstrap, f1, one_minus_ratio, paired, ratio

Columns = Callable[[FactCount], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A statistic of column sums."""

    columns: Columns
    statistic: Statistic
    better: Better = "higher"


def _precision(*kinds: Kind) -> Columns:
    return lambda count: count.over(kinds)[:2]


def _recall(*kinds: Kind) -> Columns:
    return lambda count: count.over(kinds)[2:]


METRICS: Mapping[str, Metric] = {
    "fact_precision": Metric(_precision(*KINDS), ratio),
    "fact_recall": Metric(_recall(*KINDS), ratio),
    "fact_f1": Metric(lambda count: count.over(KINDS), f1),
    "hallucination_rate": Metric(_precision(*KINDS), one_minus_ratio, "lower"),
    "words_per_caption": Metric(lambda count: (count.words, 1), ratio, "none"),
    "facts_per_word": Metric(lambda count: (count.over(KINDS)[0], count.words), ratio),
    **{f"{kind}_precision": Metric(_precision(kind), ratio) for kind in KINDS},
    **{f"{kind}_recall": Metric(_recall(kind), ratio) for kind in KINDS},
}


def measured(name: str, counts: list[FactCount], how: str) -> Result:
    """The metric over rows with its bootstrap interval."""
    metric = METRICS[name]
    return bootstrap([metric.columns(count) for count in counts], metric.statistic, name=name, better=metric.better, how=how)


def difference(name: str, method: list[FactCount], baseline: list[FactCount], names: tuple[str, str]) -> Difference:
    """Method minus baseline on the same rows, by paired bootstrap."""
    metric = METRICS[name]
    columns = ([metric.columns(count) for count in counts] for counts in (method, baseline))
    return paired(*columns, metric.statistic, names=names, better=metric.better).difference
