"""What a run made of its captions: before, the source's; after, those that stand for the rows kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from diptych.data.graphs import SceneGraph
from diptych.data.records import Record
from diptych.data.results import Result
from diptych.data.selection import captions_of
from diptych.lab.metrics import measured
from diptych.lab.rows import counted
from diptych.measure.facts import readings
from diptych.measure.intervals import mean
from diptych.world.truth import Truths

SHOWN = ("fact_precision", "fact_recall", "fact_f1", "words_per_caption", "facts_per_word")

Behind = Callable[[Record], SceneGraph]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Results by name, before and after."""

    before: dict[str, Result]
    after: dict[str, Result]


def outcome(records: Iterable[Record], truths: Truths | None = None, behind: Behind | None = None) -> Outcome:
    """Fact scores where truth is known; everywhere statements and words per row. A row that is not kept says nothing afterwards.

    `behind` gives the statements that the source's caption was made from, where they are known.
    """
    rows = list(records)
    return Outcome(_of([as_read(row, behind) for row in rows], truths, "alt"), _of(rows, truths, "chosen"))


def as_read(record: Record, behind: Behind | None) -> Record:
    """The record as it came in: whatever became of it, its source's captions count before."""
    graph = behind(record) if behind else None
    captions = tuple(replace(c, graph=graph) if graph is not None and c.by == "source" else c for c in record.captions)
    return replace(record, captions=captions, status=type(record.status)())


def _of(rows: list[Record], truths: Truths | None, of: str) -> dict[str, Result]:
    found = {} if truths is None else _facts(rows, truths, of)
    said = [readings(captions_of(row, of)) for row in rows if row.status.kind == "kept" and captions_of(row, of)]
    stated = mean([sum(len(graph.statements()) for graph in one.stated) for one in said], name="statements_per_row", better="none")
    words = mean([one.words for one in said], name="words_per_row", better="none")
    return {**found, stated.name: stated, words.name: words}


def _facts(rows: list[Record], truths: Truths, of: str) -> dict[str, Result]:
    counts = counted(rows, truths, of)
    found = {name: measured(name, counts.stated, "statements behind the text, against the world's truth") for name in SHOWN}
    again = {name: measured(name, counts.parsed, "read from the text again by the parser") for name in SHOWN[:3]}
    return found | {f"{name}_parsed": replace(result, name=f"{name}_parsed") for name, result in again.items()}
