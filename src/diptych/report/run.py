"""A run as one page: what came in and what became of it, what it changed, what it cost, and rows to look at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.results import Result
from diptych.report.choose import Sample
from diptych.report.examples import card, legend
from diptych.report.html import Html, join, prose, tag
from diptych.report.page import Section, table, write_page
from diptych.report.phrases import Settle, majority, told
from diptych.report.thumbnails import thumbnail


def run_report(
    records: Iterable[Record],
    out: Path,
    *,
    title: str,
    rows: Mapping[str, Any],
    before: Mapping[str, Result],
    after: Mapping[str, Result],
    pictures: Callable[[Image], Picture],
    notes: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    seconds: float = 0.0,
    ledger: Mapping[str, float] | None = None,
    examples: int = 24,
    settle: Settle = majority,
) -> Path:
    """Writes one self-contained HTML file. `rows` is the accounting of run.json; `settle` turns a record's verdicts into outcomes."""
    sample = Sample(examples)
    for record in records:
        sample.offer(record)
    cards = [card(f"e{n}", record, told(record, settle), thumbnail(record.subject, pictures)) for n, record in enumerate(sample)]
    sections = [
        Section("rows", "Rows", prose(str(dict(rows)))),
        Section("results", "Before and after", _numbers(before, after)),
        Section("examples", "Examples", join(legend(), cards)),
    ]
    return write_page(out, title, [tag("p", note) for note in notes], sections)


def _numbers(before: Mapping[str, Result], after: Mapping[str, Result]) -> Html:
    names = list(dict.fromkeys((*before, *after)))
    return table(("metric", "before", "after"), [(name, _cell(before.get(name)), _cell(after.get(name))) for name in names])


def _cell(result: Result | None) -> str:
    return f"{result.value:.3f} [{result.low:.3f}, {result.high:.3f}]" if result else "-"
