"""Fact precision, recall and F1: what captions state against what is true, by kind of statement.

The truth is an argument and a closed world: what it lacks is false. Equal statements (`Statement.key`) of one row count once, however
many captions make them; facts are those of `language.facts.fact_list`. Sums run over rows before dividing, so that a long caption
weighs more than a short one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diptych.data.errors import InputError
from diptych.data.graphs import KINDS, Kind, SceneGraph, Statement
from diptych.data.records import Caption
from diptych.data.results import Result
from diptych.language.entail import Facts, Index
from diptych.language.facts import stating
from diptych.language.parse import parse
from diptych.language.sentence import in_short
from diptych.measure.intervals import Better, Paired, Statistic, bootstrap, f1, one_minus_ratio, paired, ratio
from diptych.measure.text import words_of

_NONE: Mapping[str, str] = {}
_CLOSED = "statements united by key, against a closed truth; sums over rows"


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one kind: how many statements are made and are true; how many facts there are and are said."""

    stated: int = 0
    true: int = 0
    facts: int = 0
    covered: int = 0


@dataclass(frozen=True, slots=True)
class FactCount:
    """One row's tallies by kind of statement, with its captions and their words; in short, what was not borne out and what was missed."""

    tallies: Mapping[Kind, Tally]
    captions: int = 1
    words: int = 0
    wrong: tuple[str, ...] = field(default=(), compare=False)
    missed: tuple[str, ...] = field(default=(), compare=False)

    def over(self, kinds: Iterable[Kind] = KINDS) -> Tally:
        """The tallies of some kinds together."""
        rows = [self.tallies[kind] for kind in kinds if kind in self.tallies]
        return Tally(*(sum(getattr(row, side) for row in rows) for side in ("stated", "true", "facts", "covered")))


def count_facts(
    captions: SceneGraph | Sequence[SceneGraph], truth: SceneGraph, kinds: Mapping[str, str] = _NONE, words: int = 0
) -> FactCount:
    """One row: its captions' statements together against the truth.

    `kinds` maps fine nouns to coarser ones (`Truth.kinds`): a coarser noun is as true as the fine one and says the same fact.
    No captions at all state nothing and say no fact.
    """
    graphs = (captions,) if isinstance(captions, SceneGraph) else tuple(captions)
    facts = Facts(Index(truth, kinds))
    stated: dict[tuple[str, ...], Statement] = {s.key: s for graph in graphs for s in graph.statements()}
    right = [(s.kind, facts.index.holds(s, closed=True) == "supported") for s in stated.values()]
    covered = frozenset[int]().union(*(facts.covered(graph) for graph in graphs))
    said = [(fact.kind, place in covered) for place, fact in enumerate(facts.list)]
    missed = tuple(stating(fact, truth) for place, fact in enumerate(facts.list) if place not in covered)
    return FactCount(tallied(right, said), len(graphs), words, left(list(stated.values()), right), missed)


def left(statements: Sequence[Statement], marked: Sequence[tuple[Kind, bool]]) -> tuple[str, ...]:
    """In short, the statements that are marked no."""
    return tuple(in_short(s) for s, (_, yes) in zip(statements, marked, strict=True) if not yes)


def tallied(right: Sequence[tuple[Kind, bool]], said: Sequence[tuple[Kind, bool]]) -> dict[Kind, Tally]:
    """Tallies by kind from marked statements (is it true?) and marked facts (is it said?)."""
    return {kind: Tally(*_tally(right, kind), *_tally(said, kind)) for kind in KINDS}


def _tally(marked: Iterable[tuple[Kind, bool]], kind: Kind) -> tuple[int, int]:
    mine = [yes for other, yes in marked if other == kind]
    return len(mine), sum(mine)


@dataclass(frozen=True, slots=True)
class Readings:
    """The statements behind captions' texts and what the parser reads from the texts again, a graph for every caption; their words."""

    stated: tuple[SceneGraph, ...]
    parsed: tuple[SceneGraph, ...]
    words: int


def readings(captions: Iterable[Caption]) -> Readings:
    """Both readings of captions; one that carries no graph is read by the parser in both."""
    listed = tuple(captions)
    parsed = tuple(parse(caption.text) for caption in listed)
    stated = tuple(caption.graph or graph for caption, graph in zip(listed, parsed, strict=True))
    return Readings(stated, parsed, sum(len(words_of(caption.text)) for caption in listed))


@dataclass(frozen=True, slots=True)
class FactMetric:
    """A metric over rows of counts: which columns are summed, and what is made of the sums."""

    better: Better
    statistic: Statistic
    columns: Callable[[FactCount, Tally], tuple[int, ...]]


FACT_METRICS: Mapping[str, FactMetric] = {
    "fact_precision": FactMetric("higher", ratio, lambda row, t: (t.true, t.stated)),
    "fact_recall": FactMetric("higher", ratio, lambda row, t: (t.covered, t.facts)),
    "fact_f1": FactMetric("higher", f1, lambda row, t: (t.true, t.stated, t.covered, t.facts)),
    "hallucination_rate": FactMetric("lower", one_minus_ratio, lambda row, t: (t.true, t.stated)),
    "words_per_caption": FactMetric("none", ratio, lambda row, t: (row.words, row.captions)),
    "facts_per_caption": FactMetric("higher", ratio, lambda row, t: (t.true, row.captions)),
    "facts_per_word": FactMetric("higher", ratio, lambda row, t: (t.true, row.words)),
}


def measure_facts(
    counts: Sequence[FactCount], metric: str = "fact_f1", *, kinds: Sequence[Kind] = KINDS, name: str = "", how: str = "", seed: int = 0
) -> Result:
    """One of `FACT_METRICS` over rows with its interval, named for it and for the kinds unless they are all."""
    chosen = _chosen(metric)
    called = name or (metric if tuple(kinds) == KINDS else f"{metric}.{'+'.join(kinds)}")
    columns = fact_columns(counts, metric, kinds=kinds)
    return bootstrap(columns, chosen.statistic, name=called, better=chosen.better, how=_told(how), seed=seed)


def all_facts(counts: Sequence[FactCount], *, how: str = "", seed: int = 0) -> list[Result]:
    """Every one of `FACT_METRICS`, all kinds together."""
    return [measure_facts(counts, metric, how=how, seed=seed) for metric in FACT_METRICS]


def by_kind(
    counts: Sequence[FactCount], metrics: Sequence[str] = ("fact_precision", "fact_recall", "fact_f1"), *, how: str = "", seed: int = 0
) -> list[Result]:
    """Metrics of each kind by itself, named `fact_precision.attribute`."""
    return [measure_facts(counts, metric, kinds=(kind,), how=how, seed=seed) for metric in metrics for kind in KINDS]


def compare_facts(
    method: Sequence[FactCount], baseline: Sequence[FactCount], metric: str = "fact_f1", *, kinds: Sequence[Kind] = KINDS,
    names: tuple[str, str] = ("method", "baseline"), how: str = "", seed: int = 0,
) -> Paired:  # fmt: skip
    """Method minus baseline over the same rows in the same order."""
    chosen = _chosen(metric)
    ours, theirs = (fact_columns(counts, metric, kinds=kinds) for counts in (method, baseline))
    return paired(ours, theirs, chosen.statistic, names=names, better=chosen.better, how=_told(how), seed=seed)


def fact_columns(counts: Sequence[FactCount], metric: str = "fact_f1", *, kinds: Sequence[Kind] = KINDS) -> list[tuple[int, ...]]:
    """What the metric sums, a tuple for each row."""
    columns = _chosen(metric).columns
    return [columns(row, row.over(kinds)) for row in counts]


def fact_precision(counts: Sequence[FactCount], *, how: str = "", seed: int = 0) -> Result:
    """Share of statements that are true."""
    return measure_facts(counts, "fact_precision", how=how, seed=seed)


def fact_recall(counts: Sequence[FactCount], *, how: str = "", seed: int = 0) -> Result:
    """Share of facts that are said."""
    return measure_facts(counts, "fact_recall", how=how, seed=seed)


def fact_f1(counts: Sequence[FactCount], *, how: str = "", seed: int = 0) -> Result:
    """Harmonic mean of fact precision and recall; 0 where nothing is stated."""
    return measure_facts(counts, "fact_f1", how=how, seed=seed)


def hallucination_rate(counts: Sequence[FactCount], *, how: str = "", seed: int = 0) -> Result:
    """Share of statements that are false."""
    return measure_facts(counts, "hallucination_rate", how=how, seed=seed)


def facts_per_word(counts: Sequence[FactCount], *, how: str = "", seed: int = 0) -> Result:
    """True statements over words."""
    return measure_facts(counts, "facts_per_word", how=how, seed=seed)


def _chosen(metric: str) -> FactMetric:
    if metric not in FACT_METRICS:
        raise InputError(f"unknown fact metric {metric!r}: choose one of {', '.join(FACT_METRICS)}")
    return FACT_METRICS[metric]


def _told(how: str) -> str:
    return f"{how}; {_CLOSED}" if how else _CLOSED
