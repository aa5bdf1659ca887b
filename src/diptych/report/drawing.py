"""Parts that plots are drawn from: axes, ticks, words and lines, as SVG that stands alone or takes the page's colours."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diptych.report.html import Html, tag

WIDTH = 340  # narrow enough for a phone without scaling; a page sets several side by side
EDGE = 12
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
        # a rate that stays at 5e-6 is seen to be one, and not 0
        room = abs(low) if 0 < abs(low) < 1e-3 else max(0.5, abs(low) / 2)
        low, high = low - room, high + room
    if 0 < low < 0.5 * high:
        low = 0.0
    for _ in range(2):  # rounding outwards may ask for a larger step, on which the ends must lie too
        step = _step(low, high, 5)
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return low, high


def x_axis(axis: Axis, bottom: float, unit: str) -> list[Html]:
    """Grid, ticks and unit of a horizontal axis."""
    found = ticks(axis.low, axis.high)
    grid = [line(axis(t), 4, axis(t), bottom, "grid", colour="#ccc") for t in found]
    return [*grid, *x_ticks(axis, bottom, found), *([words(WIDTH / 2, bottom + 33, unit, 50, "middle")] if unit else [])]


def x_ticks(axis: Axis, bottom: float, values: Sequence[float]) -> list[Html]:
    """The line of a horizontal axis with ticks at these values."""
    found = [line(axis.start, bottom, axis.end, bottom, "axis", colour="#888")]
    last = -math.inf
    for value in values:
        label, x = short(value), axis(value)
        found.append(line(x, bottom, x, bottom + 4, "axis", colour="#888"))
        if x - last > _LETTER * len(label) + 6:  # labels that would touch are left out
            half = max(10.0, _LETTER * len(label) / 2 + 3)
            found.append(words(min(max(x, half), WIDTH - half), bottom + 16, label, 12, "middle"))
            last = x
    return found


def y_axis(axis: Axis, left: float = 46, least: float = 0.0) -> list[Html]:
    """Grid and ticks of an upright axis."""
    found = []
    for value in ticks(axis.low, axis.high, least):
        found.append(line(left, axis(value), WIDTH - 14, axis(value), "grid", colour="#ccc"))
        found.append(words(left - 5, axis(value) + 4, short(value), 7, "end"))
    return found


def upright(marks: Sequence[Mark], axis: Axis, bottom: float) -> list[Html]:
    """Reference values as upright lines."""
    return [line(axis(m.value), 4, axis(m.value), bottom, f"mark {m.style}", colour=COLOURS[m.style], dashed=True) for m in marks]


def key(entries: Sequence[tuple[str, str]], y: float) -> tuple[list[Html], float]:
    """One line an entry, below the plot, and the height needed."""
    found: list[Html] = []
    for label, style in entries:
        dashed = style in ("oracle", "chance")
        found.append(line(8, y - 4, 28, y - 4, f"{'mark' if dashed else 'line'} {style}", colour=COLOURS[style], dashed=dashed))
        found.append(words(34, y, label, 46))
        y += 17
    return found, y - 8 if entries else y - 10


def words(x: float, y: float, text: str, most: int, anchor: str = "start", *, halo: bool = False) -> Html:
    """Text cut to `most` letters; a halo keeps it legible across lines."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    whole = tag("title", text) if shown != text else None
    over = ("#fff", 4, "stroke", "words halo") if halo else (None, None, None, "words")
    return tag("text", shown, whole, x=round(x, 1), y=round(y, 1), text_anchor=anchor, fill="#444", font_size=12, stroke=over[0],
               stroke_width=over[1], paint_order=over[2], class_=over[3])  # fmt: skip


def line(x: float, y: float, to_x: float, to_y: float, style: str, *, colour: str, dashed: bool = False) -> Html:
    """A straight line."""
    dash = "5 4" if dashed else None
    return tag("line", x1=x, y1=y, x2=to_x, y2=to_y, class_=style, stroke=colour, stroke_width=_weight(style), stroke_dasharray=dash)


def _weight(style: str) -> float:
    return 2 if style.startswith(("line", "mark")) else 1


def _step(low: float, high: float, about: int) -> float:
    rough = max(high - low, 1e-12) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if rough <= power * times * (1 + 1e-9))


def short(value: float) -> str:
    """A number on an axis."""
    if abs(value) >= 10_000:
        return f"{value / 1000:,g}k".replace("-", "−")
    return f"{value:g}".replace("-", "−")
