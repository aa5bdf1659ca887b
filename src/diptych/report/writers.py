"""Who said what: for every writer of captions, how many of its statements the experts supported."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from diptych.data.records import Caption, Record
from diptych.report.evidence import WORDS
from diptych.report.html import Html, join, prose, tag
from diptych.report.numbers import count, share
from diptych.report.page import table
from diptych.report.phrases import OUTCOMES, Outcome
from diptych.report.plots import strip

SHOWN = 30


@dataclass(slots=True)
class Tally:
    """Captions and outcomes by writer, and verdicts by expert."""

    captions: Counter[str] = field(default_factory=Counter)
    said: dict[str, Counter[Outcome]] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    self_checks: int = 0

    def add(self, record: Record, found: Iterable[tuple[Caption, list[Outcome]]]) -> None:
        """Counts one record."""
        self.captions.update(caption.by for caption in record.captions)
        for caption, outcomes in found:
            self.said.setdefault(caption.by, Counter()).update(outcomes)
        self.verdicts.update(verdict.by for verdict in record.verdicts)
        self.self_checks += sum(verdict.self_check for verdict in record.verdicts)


def writers(tally: Tally) -> Html:
    """A bar for each writer, and who gave the verdicts."""
    if not tally.captions:
        return tag("p", "No captions.", class_="note")
    most = sum(1 for _ in tally.captions) - SHOWN
    return join(
        tag("div", [_writer(by, n, tally.said.get(by, Counter())) for by, n in tally.captions.most_common(SHOWN)], class_="stages"),
        tag("p", f"and {most} more writers", class_="note") if most > 0 else None,
        _experts(tally),
    )


def _writer(by: str, captions: int, said: Counter[Outcome]) -> Html:
    whole = said.total()
    name = tag("p", tag("span", prose(by, 80), class_="by"), f" {count(captions)} captions, {count(whole)} statements", class_="stage")
    parts = [(one, said[one]) for one in OUTCOMES]
    told = ", ".join(f"{n:,} {WORDS[one]}" for one, n in parts)
    shown = [_part(one, n, whole) for one, n in parts if n] or tag("li", "not split into statements", class_="quiet")
    return tag("div", name, strip(parts, whole, told), tag("ul", shown, class_="parts"), class_="flow")


def _part(one: Outcome, n: int, whole: int) -> Html:
    return tag(
        "li",
        tag("span", class_=f"dot {one}", aria_hidden="true"),
        f"{WORDS[one]} {count(n)}",
        tag("span", f" {share(n, whole)}", class_="quiet"),
    )


def _experts(tally: Tally) -> Html | None:
    if not tally.verdicts:
        return tag("p", "No statement was checked.", class_="note")
    rows = [(tag("span", prose(by, 80), class_="by"), count(n)) for by, n in tally.verdicts.most_common(SHOWN)]
    own = (
        join(
            tag(
                "p",
                tag("span", "self-check", class_="badge own"),
                f" {count(tally.self_checks)} verdicts come from the family that wrote the caption.",
            )
        )
        if tally.self_checks
        else None
    )
    return join(table(("expert", "verdicts"), rows, "Who gave the verdicts"), own)
