"""Where truth meets records: what the captions that stand for a row state, counted against what is true of its picture."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diptych.data.graphs import SceneGraph
from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of
from diptych.measure.facts import FactCount, count_facts, readings
from diptych.world.truth import Truths


@dataclass(frozen=True, slots=True)
class Counted:
    """Tallies of each row, from the statements behind the texts and from the parser's reading of the texts."""

    stated: list[FactCount]
    parsed: list[FactCount]


def counted(records: Iterable[Record], truths: Truths, of: str = "chosen") -> Counted:
    """One tally a row. A dropped or failed row says nothing, so that its facts count as missed and dropping rows never pays."""
    found = Counted([], [])
    for record in records:
        truth = truths[record.subject.key]
        captions: tuple[Caption, ...] = captions_of(record, of) if record.status.kind == "kept" else ()
        read = readings(captions)
        found.stated.append(count_facts(read.stated, truth.graph, truth.kinds, read.words))
        found.parsed.append(count_facts(read.parsed, truth.graph, truth.kinds, read.words))
    return found


def true_of(records: Iterable[Record], truths: Truths) -> dict[str, tuple[SceneGraph, Mapping[str, str]]]:
    """What is true of each record's picture, by the record's id, as `measure.fact_scores` takes it."""
    known = ((record.id, truths[record.subject.key]) for record in records)
    return {id: (truth.graph, truth.kinds) for id, truth in known}
