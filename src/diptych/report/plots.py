"""Small plots as SVG: dots with intervals, lines with bands, bars. They stand alone or take the page's colours."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from diptych.report.html import Html, tag
from diptych.report.numbers import figure

WIDTH = 340  # narrow enough for a phone without scaling; a page sets several side by side
_LEFT, _RIGHT = 12, 12
_LETTER = 6.3  # width of an average letter at 12 pixels
COLOURS: Mapping[str, str] = {
    "before": "#757b85",
    "after": "#2f6f8f",
    "plain": "#2f6f8f",
    "oracle": "#2e7d4f",
    "chance": "#a3541f",
    "second": "#b0622b",
    "third": "#6b4fa0",
    "fourth": "#2e7d4f",
}


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


@dataclass(frozen=True, slots=True)
class Mark:
    """A reference value, drawn as a dashed line."""

    label: str
    value: float
    style: str = "oracle"


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values from `low` to `high` onto pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixels of a value, kept within the axis."""
        part = (value - self.low) / (self.high - self.low)
        return round(self.start + min(1.0, max(0.0, part)) * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing WIDTH pixels wide; `told` says it in words."""

    height: int
    told: str
    inner: tuple[Html, ...]

    def svg(self, y: int | None = None, x: int | None = None) -> Html:
        """An element that stands alone, or at a place within another drawing."""
        return tag(
            "svg",
            tag("title", self.told),
            tag("rect", width="100%", height="100%", class_="paper", fill="#fff"),
            self.inner,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {self.height}",
            x=x,
            y=y,
            width=WIDTH,
            height=self.height,
            role="img",
            class_="plot",
            font_family="system-ui, sans-serif",
        )


def ticks(low: float, high: float, least: float = 0.0) -> list[float]:
    """About five round numbers from `low` to `high`, in steps of 1, 2 or 5 times a power of ten that are no smaller than `least`."""
    step = max(_step(low, high, 5), least)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def spread(values: Sequence[float], *, whole: bool = True) -> tuple[float, float]:
    """Round ends of an axis for these values; with `whole`, from 0 to 1 when all are fractions that use much of it."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if whole and low >= 0 and high <= 1 and high - low > 0.25:
        return 0.0, 1.0
    if high - low < 1e-9:
        low, high = low - max(0.5, abs(low) / 2), high + max(0.5, abs(high) / 2)
    if 0 < low < 0.5 * high:
        low = 0.0
    step = _step(low, high, 5)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def dots(rows: Sequence[Dot], title: str, unit: str = "", marks: Sequence[Mark] = (), *, differences: bool = False) -> Plot:
    """One line for each value: its name above, its interval and dot below. Differences are shown against zero."""
    known = [v for row in rows for v in (row.value, row.low, row.high)] + [mark.value for mark in marks]
    low, high = spread([*known, 0.0] if differences else known, whole=not differences)
    axis = Axis(low, high, _LEFT, WIDTH - _RIGHT)
    bottom = 30 * len(rows) + 10
    zero = [_line(axis(0), 2, axis(0), bottom, "zero", colour="#666")] if differences else []
    inner: list[Html] = [*_x_axis(axis, bottom, unit), *zero, *_upright(marks, axis, bottom)]
    for number, row in enumerate(rows):
        inner.extend(_dot(row, axis, 30 * number + 6))
    legend, below = _legend([(mark.label, mark.style) for mark in marks], bottom + (54 if unit else 36))
    told = "; ".join(f"{row.label} {interval(row)}" for row in rows)
    return _plot(below, f"{title}: {told}", [*inner, *legend])


def lines(series: Sequence[Line], title: str, x_name: str, y_name: str, marks: Sequence[Mark] = ()) -> Plot:
    """Values along x with bands between low and high, and reference values across."""
    series = [replace(one, points=tuple(p for p in one.points if all(map(math.isfinite, p)))) for one in series]
    points = [point for one in series for point in one.points]
    low, high = spread([v for point in points for v in point[1:]] + [mark.value for mark in marks])
    xs = sorted({point[0] for point in points}) or [0.0]
    top, bottom = 24, 184
    x_axis = Axis(xs[0], xs[-1] if xs[-1] > xs[0] else xs[0] + 1, 46, WIDTH - 14)
    y_axis = Axis(low, high, bottom, top)
    inner: list[Html] = [
        _text(4, 12, y_name, 40),
        *_y_axis(y_axis),
        *_x_ticks(x_axis, bottom, xs),
        _text(WIDTH / 2, bottom + 32, x_name, 40, "middle"),
    ]
    if low < 0 < high:
        inner.append(_line(46, y_axis(0), WIDTH - 14, y_axis(0), "zero", colour="#666"))
    for mark in marks:
        inner.append(
            _line(46, y_axis(mark.value), WIDTH - 14, y_axis(mark.value), f"mark {mark.style}", colour=COLOURS[mark.style], dashed=True)
        )
    for one in series:
        inner.extend(_series(one, x_axis, y_axis))
    entries = [(one.label, one.style) for one in series] + [(mark.label, mark.style) for mark in marks]
    legend, below = _legend(entries, bottom + 54)
    return _plot(below, f"{title}: {y_name} along {x_name}", [*inner, *legend])


def bars(counts: Mapping[str, int], title: str) -> Plot:
    """One bar for each name, with its count."""
    most = max(counts.values(), default=0) or 1
    inner: list[Html] = []
    for number, (name, n) in enumerate(counts.items()):
        y = 30 * number + 6
        width = round((WIDTH - 2) * n / most, 1)
        inner.append(_text(1, y + 9, name, 42))
        inner.append(_text(WIDTH - 1, y + 9, f"{n:,}", 10, "end"))
        inner.append(
            tag("rect", x=1, y=y + 13, width=max(width, 1 if n else 0), height=8, rx=2, class_="fill plain", fill=COLOURS["plain"])
        )
    return _plot(30 * len(counts) + 8, f"{title}: " + ", ".join(f"{name} {n}" for name, n in counts.items()), inner)


def columns(counts: Sequence[tuple[float, float, int]], title: str, unit: str) -> Plot:
    """A histogram of (from, to, count) in equal steps; a last one that goes on without end is drawn apart and named."""
    rest = [column for column in counts if math.isinf(column[1])]
    closed = [column for column in counts if not math.isinf(column[1])] or [(0.0, 1.0, 0)]
    step = closed[0][1] - closed[0][0]
    end = closed[-1][1] + (1.5 * step if rest else 0)
    axis = Axis(closed[0][0], end, 40, WIDTH - _RIGHT)
    up = Axis(0, spread([0, max((n for *_, n in counts), default=0) or 1])[1], 150, 22)
    drawn = [*closed, *((end - step, end, n) for *_, n in rest)]
    shown = [_column(axis, up, column) for column in drawn]
    unit = f"{unit}; last: {_short(rest[0][0])} or more" if rest else unit
    marks = _x_ticks(axis, 150, ticks(axis.low, closed[-1][1], 1))
    inner = [_text(4, 12, "number", 20), *_y_axis(up, 40, 1), *shown, *marks, _text((40 + WIDTH) / 2, 182, unit, 50, "middle")]
    told = ", ".join(f"{_short(first)} to {_short(last)} {n}" for first, last, n in counts)
    return _plot(190, f"{title}, {unit}: {told}", inner)


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
        _text(axis.start + 3, y + 9, row.label, 40, halo=True),
        _text(axis.end - 3, y + 9, figure(row.value), 10, "end", halo=True),
    ]
    if math.isfinite(row.low) and math.isfinite(row.high):
        found.append(_line(axis(row.low), middle, axis(row.high), middle, f"line {row.style}", colour=colour))
        found += [_line(axis(end), middle - 4, axis(end), middle + 4, f"line {row.style}", colour=colour) for end in (row.low, row.high)]
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


def _x_axis(axis: Axis, bottom: float, unit: str) -> list[Html]:
    found = ticks(axis.low, axis.high)
    grid = [_line(axis(t), 4, axis(t), bottom, "grid", colour="#ccc") for t in found]
    return [*grid, *_x_ticks(axis, bottom, found), *([_text(WIDTH / 2, bottom + 33, unit, 50, "middle")] if unit else [])]


def _x_ticks(axis: Axis, bottom: float, values: Sequence[float]) -> list[Html]:
    found = [_line(axis.start, bottom, axis.end, bottom, "axis", colour="#888")]
    last = -math.inf
    for value in values:
        label, x = _short(value), axis(value)
        found.append(_line(x, bottom, x, bottom + 4, "axis", colour="#888"))
        if x - last > _LETTER * len(label) + 6:  # labels that would touch are left out
            found.append(_text(min(max(x, 10), WIDTH - 10), bottom + 16, label, 12, "middle"))
            last = x
    return found


def _y_axis(axis: Axis, left: float = 46, least: float = 0.0) -> list[Html]:
    found = []
    for value in ticks(axis.low, axis.high, least):
        found.append(_line(left, axis(value), WIDTH - 14, axis(value), "grid", colour="#ccc"))
        found.append(_text(left - 5, axis(value) + 4, _short(value), 7, "end"))
    return found


def _upright(marks: Sequence[Mark], axis: Axis, bottom: float) -> list[Html]:
    return [_line(axis(m.value), 4, axis(m.value), bottom, f"mark {m.style}", colour=COLOURS[m.style], dashed=True) for m in marks]


def _legend(entries: Sequence[tuple[str, str]], y: float) -> tuple[list[Html], float]:
    """One line an entry, below the plot, and the height needed."""
    found: list[Html] = []
    for label, style in entries:
        dashed = style in ("oracle", "chance")
        found.append(_line(8, y - 4, 28, y - 4, f"{'mark' if dashed else 'line'} {style}", colour=COLOURS[style], dashed=dashed))
        found.append(_text(34, y, label, 46))
        y += 17
    return found, y - 8 if entries else y - 10


def _text(x: float, y: float, text: str, most: int, anchor: str = "start", *, halo: bool = False) -> Html:
    """Text cut to `most` letters; a halo keeps it legible across lines."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    whole = tag("title", text) if shown != text else None
    over = ("#fff", 4, "stroke", "words halo") if halo else (None, None, None, "words")
    place = (round(x, 1), round(y, 1))
    return tag("text", shown, whole, x=place[0], y=place[1], text_anchor=anchor, fill="#444", font_size=12, stroke=over[0],
               stroke_width=over[1], paint_order=over[2], class_=over[3])  # fmt: skip


def _line(x: float, y: float, to_x: float, to_y: float, style: str, *, colour: str, dashed: bool = False) -> Html:
    dash = "5 4" if dashed else None
    return tag("line", x1=x, y1=y, x2=to_x, y2=to_y, class_=style, stroke=colour, stroke_width=_weight(style), stroke_dasharray=dash)


def _weight(style: str) -> float:
    return 2 if style.startswith(("line", "mark")) else 1


def _plot(height: float, told: str, inner: Sequence[Html]) -> Plot:
    return Plot(round(height), told, tuple(inner))


def _step(low: float, high: float, about: int) -> float:
    rough = max(high - low, 1e-12) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if rough <= power * times * (1 + 1e-9))


def _short(value: float) -> str:
    if abs(value) >= 10_000:
        return f"{value / 1000:,g}k".replace("-", "−")
    return f"{value:g}".replace("-", "−")
