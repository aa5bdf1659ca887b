"""A run as one page: what came in and what became of it, what it changed, what it cost, and rows to look at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.results import Result
from diptych.report.costs import costs
from diptych.report.costs import settings as settings_table
from diptych.report.funnel import Account, account, funnel
from diptych.report.gallery import gallery, show
from diptych.report.html import Child, Html, join, prose, tag
from diptych.report.numbers import count, duration, figure, share
from diptych.report.page import Section, tile, tiles, write_page
from diptych.report.phrases import outcomes
from diptych.report.results import before_after, words
from diptych.report.writers import Tally, writers


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
    timings: Mapping[str, float] | None = None,
    examples: int = 24,
    extra: Sequence[Section] = (),
    more_tiles: Sequence[Child] = (),
) -> Path:
    """Writes one HTML file that opens offline; RunError if the disk refuses.

    `rows` is the accounting of run.json: in, made, kept, dropped and failed (numbers, or numbers by reason, or by step and reason), and
    under `stages` the same for each. `timings` are seconds by step. `extra` sections stand after the results, `more_tiles` at the head.
    """
    chosen, tally = gallery(examples), Tally()
    for record in records:
        found = outcomes(record)
        tally.add(record, found)
        chosen.offer(record, any("contradicted" in each for _, each in found))
    total = account(rows)
    sections = [
        Section("rows", "What became of the rows", funnel(rows)),
        Section("results", "Before and after", before_after(before, after)),
        *extra,
        Section("writers", "Who said what", writers(tally)),
        Section("costs", "Time and cost", costs(seconds, total.whole, timings or {}, ledger or {})),
        Section("examples", "Examples", show(chosen.chosen(), chosen.seen, pictures)),
        Section("settings", "Settings", settings_table(settings or {})),
    ]
    lead = join([tag("p", prose(note), class_="lead") for note in notes], _tiles(total, before, after, seconds, more_tiles))
    return write_page(out, title, lead, [section for section in sections if section.body])


def _tiles(total: Account, before: Mapping[str, Result], after: Mapping[str, Result], seconds: float, more: Sequence[Child] = ()) -> Html:
    dropped, failed = total.ended
    found: list[Child] = [
        tile("rows in", count(total.rows_in), f"{count(total.made)} made" if total.made else ""),
        tile("kept", count(total.kept), f"{share(total.kept, total.whole)}; {count(dropped)} dropped, {count(failed)} failed"),
    ]
    for name in [name for name in after if name in before][:2]:
        found.append(tile(words(name), f"{figure(before[name].value)} → {figure(after[name].value)}", "before → after"))
    found.extend(more)
    if seconds > 0:
        found.append(tile("time", duration(seconds), ""))
    return tiles(found)
