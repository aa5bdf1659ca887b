"""Results for machines and for terminals."""

import math
from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.text import Text

from diptych.data.results import Result
from diptych.measure.statistics import Compared

_ARROWS = {"higher": "↑", "lower": "↓", "none": ""}
JsonValue = float | int | str | None


def as_json(results: Iterable[Result]) -> dict[str, dict[str, JsonValue]]:
    """`{NAME: {"value", "low", "high", "n", "better", "how"}}`; what is not finite is null. Of two of one name the last stays."""
    return {
        r.name: {"value": _finite(r.value), "low": _finite(r.low), "high": _finite(r.high), "n": r.n, "better": r.better, "how": r.how}
        for r in results
    }


def table(columns: Mapping[str, Iterable[Result]], *, title: str = "", digits: int = 3, told: bool = True) -> Table:
    """A rich table: one row a metric, one column of values with intervals a system (or before and after).

    Metrics stand in order of first mention; a system without one shows a dash. With a single system `n` is shown, and `how` if `told`.
    """
    found = {system: {r.name: r for r in results} for system, results in columns.items()}
    metrics: dict[str, Result] = {}
    for results in found.values():
        for name, result in results.items():
            metrics.setdefault(name, result)
    alone = len(found) == 1
    drawn = Table(title=title or None, title_justify="left")
    drawn.add_column("metric", no_wrap=True)
    for system in found:
        drawn.add_column(Text(system), no_wrap=True)
    if alone:
        drawn.add_column("n", justify="right")
    if alone and told:
        drawn.add_column("how", style="dim")
    widths = {system: _widths(results.values(), digits) for system, results in found.items()}
    for name, first in metrics.items():
        cells = [Text(cell(results[name], digits, widths[s]) if name in results else "-") for s, results in found.items()]
        more = [Text(str(first.n)), *([Text(first.how)] if told else [])] if alone else []
        drawn.add_row(Text(f"{name} {_ARROWS[first.better]}".rstrip()), *cells, *more)
    return drawn


def comparison_table(compared: Iterable[Compared], *, title: str = "", digits: int = 3) -> Table:
    """A rich table of systems compared in pairs: the difference with its interval, share of resamples won, p after Holm, images."""
    drawn = Table(title=title or None, title_justify="left")
    for heading in ("method - baseline", "difference", "won", "p (Holm)", "n"):
        drawn.add_column(heading, justify="left" if heading[0] in "md" else "right", no_wrap=True)
    for one in compared:
        pair, of = one.pair, one.pair.difference
        result = Result("", of.value, of.low, of.high, pair.n)
        arrow = _ARROWS[pair.better]
        drawn.add_row(
            Text(f"{of.method} - {of.baseline} {arrow}".rstrip()), Text(cell(result, digits)), _number(pair.won, 3), told_p(one, holm=True),
            str(pair.n),
        )  # fmt: skip
    return drawn


def comparison_json(compared: Iterable[Compared]) -> list[dict[str, JsonValue]]:
    """One object a pair; what is not finite is null."""
    rows: list[dict[str, JsonValue]] = []
    for one in compared:
        pair, of = one.pair, one.pair.difference
        numbers = {"value": of.value, "low": of.low, "high": of.high, "won": pair.won, "p": one.p, "p_holm": one.p_holm}
        named: dict[str, JsonValue] = {"method": of.method, "baseline": of.baseline}
        rows.append(named | {key: _finite(value) for key, value in numbers.items()} | {"n": pair.n, "better": pair.better, "how": pair.how})
    return rows


def told_p(one: Compared, *, holm: bool = False) -> str:
    """`0.012`; `< 0.0001` where no resample lies on the other side, so that only a bound is known; `-` where there are no resamples."""
    p = one.p_holm if holm else one.p
    if math.isnan(p):
        return "-"
    return f"{'< ' if one.p <= 1 / one.pair.resamples else ''}{p:.2g}"


def cell(result: Result, digits: int = 3, widths: tuple[int, int] = (0, 0)) -> str:
    """`0.912 [0.900, 0.921]`, numbers padded to the widths (of value and of bounds); no brackets where there is no interval."""
    value = _number(result.value, digits).rjust(widths[0])
    if math.isnan(result.low) or math.isnan(result.high):
        return value
    return f"{value} [{_number(result.low, digits).rjust(widths[1])}, {_number(result.high, digits).rjust(widths[1])}]"


def _widths(results: Iterable[Result], digits: int) -> tuple[int, int]:
    rows = list(results)
    bounds = [_number(bound, digits) for r in rows for bound in (r.low, r.high) if not math.isnan(bound)]
    return max((len(_number(r.value, digits)) for r in rows), default=0), max(map(len, bounds), default=0)


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
