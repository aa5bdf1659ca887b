"""What a run cost, and with which settings it ran."""

from collections.abc import Iterator, Mapping
from typing import Any

from diptych.report.html import Html, join, prose, tag
from diptych.report.numbers import count, duration, figure, share
from diptych.report.page import folded, table
from diptych.report.plots import strip

MONEY = "US$ millionths"  # what the ledger calls it


def costs(seconds: float, rows: int, timings: Mapping[str, float], ledger: Mapping[str, float]) -> Html:
    """Wall time, the slowest steps, and the ledger of calls, tokens and money."""
    rate = f", {figure(rows / seconds)} rows a second" if seconds > 0 and rows else ""
    lead = tag("p", f"{duration(seconds)} in all{rate}.") if seconds > 0 else None
    found = [part for part in (lead, _timings(timings), _ledger(ledger)) if part]
    return join(found) if found else tag("p", "No costs were noted.", class_="note")


def settings(found: Mapping[str, Any]) -> Html:
    """Every setting by its dotted name."""
    flat = list(_flat(found))
    own = any(name.rpartition(".")[2] == "self_check" and value == "True" for name, value in flat)
    warning = (
        tag(
            "p",
            tag("span", "self_check", class_="badge own"),
            " A verifier was allowed to check captions that its own family wrote. Such verdicts are marked.",
        )
        if own
        else None
    )
    rows = [(tag("code", prose(name, 100)), prose(value, 300)) for name, value in flat]
    return join(warning, folded(f"{len(rows)} settings", table(("setting", "value"), rows, "Settings")))


def _timings(timings: Mapping[str, float]) -> Html | None:
    whole = sum(timings.values())
    if not whole:
        return None
    slowest = sorted(timings.items(), key=lambda item: -item[1])
    rows = [
        (
            prose(step, 80),
            duration(seconds),
            share(round(1e6 * seconds), round(1e6 * whole)),
            strip([("plain", round(1e6 * seconds))], round(1e6 * slowest[0][1]), duration(seconds)),
        )
        for step, seconds in slowest[:20]
    ]
    return table(("step", "time", "share", ""), rows, "Slowest steps")


def _ledger(ledger: Mapping[str, float]) -> Html | None:
    if not ledger:
        return None
    told = {"US$" if name == MONEY else name: n / 1e6 if name == MONEY else n for name, n in sorted(ledger.items())}
    rows = [(prose(name, 120), count(round(n)) if float(n).is_integer() else figure(n)) for name, n in told.items()]
    return table(("asked of models", "number"), rows, "Calls, tokens and money")


def _flat(found: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(found, Mapping):
        for key, value in found.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(found, list | tuple) and any(isinstance(value, Mapping | list | tuple) for value in found):
        for number, value in enumerate(found):
            yield from _flat(value, f"{name}.{number}" if name else str(number))
    elif isinstance(found, list | tuple):
        yield name, ", ".join(map(str, found))
    else:
        yield name, str(found)
