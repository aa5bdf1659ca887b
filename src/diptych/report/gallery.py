"""The examples of a page: which rows are shown, how they are filtered, and the cards themselves."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diptych.data.graphs import SceneGraph
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.language.parse import parse
from diptych.report.choose import Sample
from diptych.report.evidence import legend
from diptych.report.examples import LONGEST, card
from diptych.report.html import Html, join, tag
from diptych.report.numbers import count
from diptych.report.phrases import told
from diptych.report.thumbnails import thumbnail

_KINDS = ("kept", "dropped", "failed")


@dataclass(slots=True)
class Gallery:
    """Rows to show, drawn by their ids: some that failed, some dropped, some kept in spite of contradictions, and any that were kept."""

    failed: Sample
    dropped: Sample
    contradicted: Sample
    kept: Sample
    size: int
    seen: int = 0

    def offer(self, record: Record, contradicted: bool) -> None:
        """Takes the record into the samples it belongs to."""
        self.seen += 1
        if record.status.kind == "kept":
            self.kept.offer(record)
            if contradicted:
                self.contradicted.offer(record)
        else:
            (self.dropped if record.status.kind == "dropped" else self.failed).offer(record)

    def chosen(self) -> list[Record]:
        """Kept rows first, then dropped, then failed ones; no row twice."""
        ended = [*self.dropped, *self.failed]
        room = max(0, self.size - len(ended))
        odd = list(self.contradicted)[: room // 2]
        ids = {record.id for record in odd}
        plain = [record for record in self.kept if record.id not in ids]
        kept = sorted([*odd, *plain[: room - len(odd)]], key=lambda record: record.id)
        return [*kept, *ended][: self.size]


def gallery(size: int) -> Gallery:
    """An empty gallery for `size` rows."""
    few = size // 6
    return Gallery(Sample(few), Sample(few), Sample(size // 2), Sample(size), size)


def show(records: Sequence[Record], seen: int, pictures: Callable[[Image], Picture], drawn: str = "") -> Html:
    """Legend, filters and cards; `drawn` says how the rows were chosen."""
    if not records:
        return tag("p", "There are no rows to show.", class_="note")
    cards = [card(f"e{number}", record, told(record, _parse), thumbnail(record.subject, pictures)) for number, record in enumerate(records)]
    of = f"{len(records)} of {count(seen)} rows, drawn by their ids"
    fair = f"{of}: up to a sixth dropped, up to a sixth failed, and of the rest up to half with contradictions."
    lead = drawn or ("Every row." if seen == len(records) else fair)
    checked = any(record.verdicts for record in records)
    return join(tag("p", lead, class_="note"), legend() if checked else None, _tools(records), tag("div", cards, class_="cards"))


def _parse(text: str) -> SceneGraph:
    return parse(text[:LONGEST])


def _tools(records: Sequence[Record]) -> Html:
    found: Counter[str] = Counter(record.status.kind for record in records)
    wanted = [("all", "All"), *((kind, f"{kind.capitalize()} {found[kind]}") for kind in _KINDS if found[kind])]
    filters = [_button(words, data_filter=name, aria_pressed="true" if name == "all" else "false") for name, words in wanted]
    return tag(
        "div",
        filters if len(wanted) > 2 else None,
        _button("Contradicted first", data_sort=True, aria_pressed="false") if any(record.verdicts for record in records) else None,
        _button(join("Previous ", tag("kbd", "k")), data_go="-1"),
        _button(join("Next ", tag("kbd", "j")), data_go="1"),
        tag("output", aria_live="polite"),
        class_="tools",
        role="toolbar",
        aria_label="Filter and walk through the examples",
        hidden=True,
    )


def _button(words: str | Html, **attributes: str | bool) -> Html:
    return tag("button", words, type="button", **attributes)
