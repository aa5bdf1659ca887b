"""Facts against human captions, where no truth is at hand.

Protocol: every text is read by the same parser. Precision is the share of the candidate's statements that at least one reference
bears out; references are an open world, so a true statement that no human made counts against it, and figures compare systems only
on the same rows. Recall is the share of the references' statements, made by at least `at_least` of them, that the candidate bears out.
The same statement in other words (`same_thing`, `same_value`, one predicate for another) is one.
"""

from collections.abc import Callable, Sequence

from diptych.data.errors import InputError
from diptych.data.graphs import SceneGraph, Statement
from diptych.data.results import Result
from diptych.language.entail import Index
from diptych.language.meaning import same_value
from diptych.language.parse import parse
from diptych.language.predicates import sense
from diptych.language.wordnet import same_thing
from diptych.measure.facts import FACT_METRICS, FactCount, fact_columns, left, tallied
from diptych.measure.intervals import bootstrap
from diptych.measure.text import words_of

_METRICS = ("fact_precision", "fact_recall", "fact_f1")
OPEN = "open world of human captions, both read by diptych's parser"


def reference_facts(candidate: str, references: Sequence[str], *, at_least: int = 1) -> FactCount:
    """One row: `true` statements are those a reference bears out, `facts` the references' statements, `covered` those the candidate makes.

    Raises InputError when `at_least` is not between 1 and the number of references.
    """
    if not 1 <= at_least <= max(1, len(references)):
        raise InputError(f"at_least must lie in [1, {len(references)}] (the number of references), got {at_least}")
    return reference_counts(parse(candidate), [parse(text) for text in references], at_least=at_least, words=len(words_of(candidate)))


def reference_counts(candidate: SceneGraph, references: Sequence[SceneGraph], *, at_least: int = 1, words: int = 0) -> FactCount:
    """The same of graphs."""
    indices = [Index(graph) for graph in references]
    stated = different(candidate.statements())
    right = [(s.kind, _bearing_out(s, indices) > 0) for s in stated]
    wanted = [s for s in different([s for graph in references for s in graph.statements()]) if _bearing_out(s, indices) >= at_least]
    own = [Index(candidate)]
    said = [(s.kind, _bearing_out(s, own) > 0) for s in wanted]
    return FactCount(tallied(right, said), 1, words, left(stated, right), left(wanted, said))


def measure_references(counts: Sequence[FactCount], *, at_least: int = 1, how: str = "", seed: int = 0) -> list[Result]:
    """`reference_fact_precision`, `_recall` and `_f1` over rows; `at_least` is what the counts were made with."""
    told = f"{how + '; ' if how else ''}{OPEN}; recall of statements made by at least {at_least}; sums over rows"
    results = []
    for name in _METRICS:
        metric = FACT_METRICS[name]
        columns = fact_columns(counts, name)
        results.append(bootstrap(columns, metric.statistic, name=f"reference_{name}", better=metric.better, how=told, seed=seed))
    return results


def different(statements: Sequence[Statement]) -> list[Statement]:
    """Statements without those that say an earlier one again in other words."""
    return [statements[places[0]] for places in alike(statements)]


def alike(statements: Sequence[Statement]) -> list[list[int]]:
    """Places of statements that say the same, whatever their words, in order of the first of each."""
    nouns = _Same(same_thing)
    values = _Same(same_value)
    found: dict[tuple[str, ...], list[int]] = {}
    for place, s in enumerate(statements):
        subject, other, value = nouns.first(s.subject), nouns.first(s.object), s.value
        if s.kind == "relation":
            stated = sense(value)
            value = stated.name
            if stated.flip or (stated.symmetric and other < subject):
                subject, other = other, subject
        elif s.kind == "attribute":
            value = values.first(value)
        found.setdefault((s.kind, str(s.negated), subject, value, other), []).append(place)
    return list(found.values())


class _Same:
    """The first word seen that a word says again."""

    def __init__(self, same: Callable[[str, str], bool]) -> None:
        self._same = same
        self._first: dict[str, str] = {}

    def first(self, word: str) -> str:
        if word not in self._first:
            heads = dict.fromkeys(self._first.values())
            self._first[word] = next((head for head in heads if self._same(word, head)), word)
        return self._first[word]


def _bearing_out(statement: Statement, graphs: Sequence[Index]) -> int:
    return sum(graph.holds(statement, closed=False) == "supported" for graph in graphs)
