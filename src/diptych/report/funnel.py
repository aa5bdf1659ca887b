"""The funnel: rows in + rows made = kept + dropped + failed, in total and by stage, with the reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from diptych.report.html import Html, join, prose, tag
from diptych.report.numbers import count, several, share
from diptych.report.page import folded, table
from diptych.report.plots import strip

REASONS = 40  # shown; the rarer ones are counted together
Reasons = tuple[tuple[str, str, int], ...]  # (step, why, rows)


@dataclass(frozen=True, slots=True)
class Account:
    """Rows of one stage or of the whole run."""

    name: str
    rows_in: int
    made: int
    kept: int
    dropped: Reasons
    failed: Reasons

    @property
    def ended(self) -> tuple[int, int]:
        """How many rows were dropped and how many failed."""
        return sum(n for *_, n in self.dropped), sum(n for *_, n in self.failed)

    @property
    def whole(self) -> int:
        """All rows there were."""
        return self.rows_in + self.made

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.whole == self.kept + sum(self.ended)


def account(rows: Mapping[str, Any], name: str = "") -> Account:
    """One accounting from run.json: `dropped` and `failed` are a number, or numbers by reason, or by step and reason."""
    return Account(
        str(rows.get("name", name)),
        int(rows.get("in", 0)),
        int(rows.get("made", 0)),
        int(rows.get("kept", 0)),
        tuple(_reasons(rows.get("dropped", 0))),
        tuple(_reasons(rows.get("failed", 0))),
    )


def funnel(rows: Mapping[str, Any]) -> Html:
    """The whole as an equation and a bar, the stages as bars, the reasons as a table."""
    if not rows:
        return tag("p", "The run is unfinished: its rows are counted when it ends.", class_="note")
    total = account(rows, "All rows")
    stages = [account(one, f"Stage {number}") for number, one in enumerate(rows.get("stages", ()), 1)]
    most = max([total.whole, *(stage.whole for stage in stages)], default=0)
    each = [_bar(stage, most) for stage in stages] if len(stages) > 1 else []
    return join(
        _equation(total),
        _bar(total, total.whole, named=False),
        tag("div", each, class_="stages") if each else None,
        _reason_table(total),
    )


def _equation(total: Account) -> Html:
    dropped, failed = total.ended
    given, left = f"{count(total.rows_in)} in + {count(total.made)} made", f"{count(dropped)} dropped + {count(failed)} failed"
    wrong = (
        None
        if total.balanced
        else tag(
            "strong",
            f" These do not balance: {several(abs(total.whole - total.kept - dropped - failed), 'row')} unaccounted for.",
            class_="wrong",
        )
    )
    return tag("p", f"{given} = {count(total.kept)} kept + {left}", wrong, class_="equation")


def _bar(one: Account, most: int, *, named: bool = True) -> Html:
    dropped, failed = one.ended
    parts = [("kept", one.kept), ("dropped", dropped), ("failed", failed)]
    told = ", ".join(f"{n:,} {name}" for name, n in parts)
    name = tag(
        "p", tag("b", prose(one.name, 80)), f" {count(one.rows_in)} in", f", {count(one.made)} made" if one.made else None, class_="stage"
    )
    shown = [
        tag(
            "li",
            tag("span", class_=f"dot {style}", aria_hidden="true"),
            f"{style} {count(n)}",
            tag("span", f" {share(n, one.whole)}", class_="quiet"),
        )
        for style, n in parts
        if n or style == "kept"
    ]
    return tag("div", name if named else None, strip(parts, most, told), tag("ul", shown, class_="parts"), class_="flow")


def _reason_table(total: Account) -> Html | None:
    found = [("dropped", *reason) for reason in total.dropped] + [("failed", *reason) for reason in total.failed]
    found = [reason for reason in found if reason[3]]
    if not found:
        return tag("p", "No row was dropped and none failed.", class_="note")
    found.sort(key=lambda reason: -reason[3])
    rows = [
        (prose(why or "no reason given", 300), _ended(kind), tag("code", prose(step, 60)) if step else "", count(n))
        for kind, step, why, n in found[:REASONS]
    ]
    rest = sum(n for *_, n in found[REASONS:])
    more = tag("p", f"and {several(rest, 'row')} for {several(len(found) - REASONS, 'other reason')}", class_="note") if rest else None
    return folded(
        f"Why: {several(len(found), 'reason')}", table(("reason", "became", "step", "rows"), rows, "Why rows were dropped or failed"), more
    )


def _ended(kind: str) -> Html:
    return tag("span", tag("span", class_=f"dot {kind}", aria_hidden="true"), kind, class_="nowrap")


def _reasons(found: Any, step: str = "") -> Iterable[tuple[str, str, int]]:
    if isinstance(found, Mapping):
        for key, value in found.items():
            if isinstance(key, tuple):
                yield str(key[0]), str(key[1]), int(value)
            elif isinstance(value, Mapping):
                yield from _reasons(value, str(key))
            else:
                yield step, str(key), int(value)
    elif found:
        yield step, "", int(found)
