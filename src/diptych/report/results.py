"""Numbers before and after, with their intervals."""

import math
from collections.abc import Mapping

from diptych.data.results import Result
from diptych.report.html import Child, Html, join, tag
from diptych.report.numbers import count, figure
from diptych.report.page import folded, plot_card, table
from diptych.report.plots import Dot, dots

_PLOTS = 6  # shown at once
_ARROWS: Mapping[str, tuple[str, str]] = {"higher": ("↑", "higher is better"), "lower": ("↓", "lower is better"), "none": ("", "")}


def before_after(before: Mapping[str, Result], after: Mapping[str, Result]) -> Html:
    """A table with every number, a plot for each metric, and how each was made."""
    names = list(dict.fromkeys((*before, *after)))
    if not names:
        return tag("p", "Nothing was measured.", class_="note")
    rows = [_row(name, before.get(name), after.get(name)) for name in names]
    plots = [_plot(name, before.get(name), after.get(name)) for name in names]
    return join(
        table(("metric", "before", "after", "change", "n"), rows, "Before and after, with 95 % intervals"),
        tag("div", plots[:_PLOTS], class_="plots"),
        folded(f"{len(plots) - _PLOTS} more plots", tag("div", plots[_PLOTS:], class_="plots")) if len(plots) > _PLOTS else None,
        _how([*before.values(), *after.values()]),
    )


def words(name: str) -> str:
    """A metric's name as words."""
    return name.replace("_", " ")


def better(result: Result) -> Html | None:
    """An arrow that says which way is good."""
    arrow, told = _ARROWS[result.better]
    return tag("abbr", arrow, title=told, aria_label=told, class_="better", role="img") if arrow else None


def value(result: Result | None) -> Html:
    """The value, and its interval in smaller type where it has one."""
    if result is None:
        return tag("span", "-", class_="quiet")
    if math.isnan(result.low) and math.isnan(result.high):
        return tag("b", figure(result.value))
    return join(tag("b", figure(result.value)), " ", tag("span", f"[{figure(result.low)}, {figure(result.high)}]", class_="interval"))


def _row(name: str, before: Result | None, after: Result | None) -> tuple[Child, ...]:
    one = after or before
    assert one is not None
    sizes = dict.fromkeys(count(result.n) for result in (before, after) if result)
    return join(words(name), " ", better(one)), value(before), value(after), _change(before, after), " / ".join(sizes)


def _change(before: Result | None, after: Result | None) -> Html | str:
    if before is None or after is None:
        return ""
    change = after.value - before.value
    good = "" if after.better == "none" or not change else "good" if (change > 0) == (after.better == "higher") else "bad"
    return tag("span", f"{'+' if change > 0 else ''}{figure(change)}", class_=f"nowrap {good}".strip())


def _plot(name: str, before: Result | None, after: Result | None) -> Html:
    one = after or before
    assert one is not None
    both = (("before", before), ("after", after))
    rows = [Dot(label, result.value, result.low, result.high, label) for label, result in both if result]
    return plot_card(join(words(name), " ", better(one)), dots(rows, words(name)))


def _how(results: list[Result]) -> Html | None:
    found = dict.fromkeys((result.name, result.how) for result in results if result.how)
    if not found:
        return None
    return folded("How these were measured", tag("dl", [join(tag("dt", words(name)), tag("dd", how)) for name, how in found]))
