"""Small plots: dots with intervals, lines with bands, histograms and bars."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from diptych.report.drawing import (
    COLOURS,
    EDGE,
    WIDTH,
    Axis,
    Mark,
    Plot,
    key,
    line,
    short,
    spread,
    ticks,
    upright,
    words,
    x_axis,
    x_ticks,
    y_axis,
)
from diptych.report.html import Html, tag
from diptych.report.numbers import figure


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval. `style` is a key of COLOURS."""

    label: str
    value: float
    low: float
    high: float
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, value, low, high) in the order of x."""

    label: str
    points: tuple[tuple[float, float, float, float], ...]
    style: str = "plain"


def dots(rows: Sequence[Dot], title: str, unit: str = "", marks: Sequence[Mark] = (), *, differences: bool = False) -> Plot:
    """One line for each value: its name above, its interval and dot below. Differences are shown against zero."""
    known = [v for row in rows for v in (row.value, row.low, row.high)] + [mark.value for mark in marks]
    low, high = spread([*known, 0.0] if differences else known, whole=not differences)
    axis = Axis(low, high, EDGE, WIDTH - EDGE)
    bottom = 30 * len(rows) + 10
    zero = [line(axis(0), 2, axis(0), bottom, "zero", colour="#666")] if differences else []
    inner: list[Html] = [*x_axis(axis, bottom, unit), *zero, *upright(marks, axis, bottom)]
    for number, row in enumerate(rows):
        inner.extend(_dot(row, axis, 30 * number + 6))
    entries, below = key([(mark.label, mark.style) for mark in marks], bottom + (54 if unit else 36))
    told = "; ".join(f"{row.label} {interval(row)}" for row in rows)
    return Plot(round(below), f"{title}: {told}", (*inner, *entries))


def lines(series: Sequence[Line], title: str, x_name: str, y_name: str, marks: Sequence[Mark] = ()) -> Plot:
    """Values along x with bands between low and high, and reference values across."""
    series = [replace(one, points=tuple(p for p in one.points if all(map(math.isfinite, p)))) for one in series]
    points = [point for one in series for point in one.points]
    low, high = spread([v for point in points for v in point[1:]] + [mark.value for mark in marks])
    xs = sorted({point[0] for point in points}) or [0.0]
    top, bottom = 24, 184
    across = Axis(xs[0], xs[-1] if xs[-1] > xs[0] else xs[0] + 1, 46, WIDTH - 14)
    up = Axis(low, high, bottom, top)
    inner: list[Html] = [
        words(4, 12, y_name, 40),
        *y_axis(up),
        *x_ticks(across, bottom, xs),
        words(WIDTH / 2, bottom + 32, x_name, 40, "middle"),
    ]
    if low < 0 < high:
        inner.append(line(46, up(0), WIDTH - 14, up(0), "zero", colour="#666"))
    for mark in marks:
        inner.append(line(46, up(mark.value), WIDTH - 14, up(mark.value), f"mark {mark.style}", colour=COLOURS[mark.style], dashed=True))
    for one in series:
        inner.extend(_series(one, across, up))
    named = [(one.label, one.style) for one in series] + [(mark.label, mark.style) for mark in marks]
    entries, below = key(named, bottom + 54)
    return Plot(round(below), f"{title}: {y_name} along {x_name}", (*inner, *entries))


def bars(counts: Mapping[str, int], title: str) -> Plot:
    """One bar for each name, with its count."""
    most = max(counts.values(), default=0) or 1
    inner: list[Html] = []
    for number, (name, n) in enumerate(counts.items()):
        y = 30 * number + 6
        width = round((WIDTH - 2) * n / most, 1)
        inner.append(words(1, y + 9, name, 42))
        inner.append(words(WIDTH - 1, y + 9, f"{n:,}", 10, "end"))
        inner.append(
            tag("rect", x=1, y=y + 13, width=max(width, 1 if n else 0), height=8, rx=2, class_="fill plain", fill=COLOURS["plain"])
        )
    return Plot(30 * len(counts) + 8, f"{title}: " + ", ".join(f"{name} {n}" for name, n in counts.items()), tuple(inner))


def columns(counts: Sequence[tuple[float, float, int]], title: str, unit: str, *, whole: bool = True) -> Plot:
    """A histogram of (from, to, count) in equal steps, of whole numbers or any; a last one without end is drawn apart and named."""
    rest = [column for column in counts if math.isinf(column[1])]
    closed = [column for column in counts if not math.isinf(column[1])] or [(0.0, 1.0, 0)]
    step = closed[0][1] - closed[0][0]
    end = closed[-1][1] + (1.5 * step if rest else 0)
    axis = Axis(closed[0][0], end, 40, WIDTH - EDGE)
    up = Axis(0, spread([0, max((n for *_, n in counts), default=0) or 1])[1], 150, 22)
    drawn = [*closed, *((end - step, end, n) for *_, n in rest)]
    shown = [_column(axis, up, column) for column in drawn]
    unit = f"{unit}; last: {short(rest[0][0])} or more" if rest else unit
    marks = x_ticks(axis, 150, ticks(axis.low, closed[-1][1], 1 if whole else 0))
    inner = [words(4, 12, "number", 20), *y_axis(up, 40, 1), *shown, *marks, words((40 + WIDTH) / 2, 182, unit, 50, "middle")]
    told = ", ".join(f"{short(first)} to {short(last)} {n}" for first, last, n in counts)
    return Plot(190, f"{title}, {unit}: {told}", tuple(inner))


def _column(x: Axis, y: Axis, counted: tuple[float, float, int]) -> Html:
    first, last, n = counted
    place = x(first)
    width, height = round(max(0.5, x(last) - place - 1), 1), round(y(0) - y(n), 1)
    return tag("rect", x=place, y=y(n), width=width, height=height, class_="fill plain", fill=COLOURS["plain"])


def strip(parts: Sequence[tuple[str, int]], whole: int, label: str) -> Html:
    """A bar across the page, cut in proportion; `parts` are (class, number)."""
    x, pieces = 0.0, []
    for style, n in parts:
        width = 100 * n / whole if whole else 0.0
        if n:
            pieces.append(tag("rect", x=f"{x:.3f}%", y=0, width=f"{width:.3f}%", height="100%", class_=f"part {style}"))
        x += width
    return tag("svg", pieces, class_="strip", role="img", aria_label=label)


def interval(row: Dot) -> str:
    """The value with its interval in brackets."""
    return f"{figure(row.value)} [{figure(row.low)}, {figure(row.high)}]"


def _dot(row: Dot, axis: Axis, y: int) -> list[Html]:
    colour, middle = COLOURS[row.style], y + 19
    found = [
        words(axis.start + 3, y + 9, row.label, 40, halo=True),
        words(axis.end - 3, y + 9, figure(row.value), 10, "end", halo=True),
    ]
    if math.isfinite(row.low) and math.isfinite(row.high):
        found.append(line(axis(row.low), middle, axis(row.high), middle, f"line {row.style}", colour=colour))
        found += [line(axis(end), middle - 4, axis(end), middle + 4, f"line {row.style}", colour=colour) for end in (row.low, row.high)]
    if math.isfinite(row.value):
        dot = tag("title", interval(row))
        found.append(tag("circle", dot, cx=axis(row.value), cy=middle, r=4.5, class_=f"fill {row.style}", fill=colour))
    return found


def _series(one: Line, x: Axis, y: Axis) -> list[Html]:
    colour = COLOURS[one.style]
    there = [f"{x(p[0])},{y(p[3])}" for p in one.points]
    back = [f"{x(p[0])},{y(p[2])}" for p in reversed(one.points)]
    path = " ".join(f"{x(p[0])},{y(p[1])}" for p in one.points)
    return [
        tag("polygon", points=" ".join(there + back), class_=f"band {one.style}", fill=colour, fill_opacity=0.16),
        tag("polyline", points=path, class_=f"line {one.style}", stroke=colour, fill="none", stroke_width=2),
        *(
            tag(
                "circle",
                tag("title", f"{one.label} at {figure(p[0])}: {figure(p[1])} [{figure(p[2])}, {figure(p[3])}]"),
                cx=x(p[0]),
                cy=y(p[1]),
                r=3,
                class_=f"fill {one.style}",
                fill=colour,
            )
            for p in one.points
        ),
    ]
