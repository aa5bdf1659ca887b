"""Curves of many points: thinned to what a screen can show, with the range that was left out as a band."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from diptych.report.drawing import COLOURS, WIDTH, Axis, Mark, Plot, key, line, spread, ticks, words, x_ticks, y_axis
from diptych.report.html import Html, tag

MOST = 110  # points of a curve on a small plot
STYLES = ("plain", "second", "third", "fourth", "before", "chance")
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, WIDTH - 14, 24, 184

Point = tuple[float, float]
Thin = tuple[float, float, float, float]  # x, mean, least, greatest


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, value) in the order of x. `style` is a key of COLOURS."""

    label: str
    points: tuple[Point, ...]
    style: str = "plain"


def curves(
    found: Sequence[Curve], title: str, x_name: str, y_name: str, marks: Sequence[Mark] = (), *, parted: Sequence[float] = ()
) -> Plot:
    """Lines without dots, the last value told at their end; `parted` are places on x where something new begins."""
    thin = {one.label: thinned(one.points) for one in found}
    points = [point for each in thin.values() for point in each]
    low, high = spread([v for p in points for v in p[1:]] + [mark.value for mark in marks], whole=False)
    least, most = min((p[0] for p in points), default=0.0), max((p[0] for p in points), default=1.0)
    across, up = Axis(least, most if most > least else least + 1, _LEFT, _RIGHT), Axis(low, high, _BOTTOM, _TOP)
    inner: list[Html] = [words(4, 12, y_name, 40), *y_axis(up)]
    inner += [line(across(x), _TOP, across(x), _BOTTOM, "grid", colour="#999", dashed=True) for x in parted]
    inner += x_ticks(across, _BOTTOM, ticks(across.low, across.high))
    inner.append(words(WIDTH / 2, _BOTTOM + 32, x_name, 40, "middle"))
    inner += [line(_LEFT, up(m.value), _RIGHT, up(m.value), f"mark {m.style}", colour=COLOURS[m.style], dashed=True) for m in marks]
    for one in found:
        inner += _curve(one, thin[one.label], across, up)
    named = [(one.label, one.style) for one in found if len(found) > 1] + [(mark.label, mark.style) for mark in marks]
    entries, below = key(named, _BOTTOM + 54)
    ends = "; ".join(f"{one.label} from {one.points[0][1]:.4g} to {one.points[-1][1]:.4g}" for one in found if one.points)
    return Plot(round(below), f"{title}: {y_name} along {x_name}; {ends}", (*inner, *entries))


def thinned(points: Sequence[Point], most: int = MOST) -> list[Thin]:
    """At most so many points: each the mean of its neighbours, with the least and the greatest of them. What is not finite is left out."""
    known = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    size = max(1, math.ceil(len(known) / most))
    parts = [known[start : start + size] for start in range(0, len(known), size)]
    return [(sum(x for x, _ in p) / len(p), sum(v for _, v in p) / len(p), min(v for _, v in p), max(v for _, v in p)) for p in parts]


def _curve(one: Curve, points: Sequence[Thin], x: Axis, y: Axis) -> list[Html]:
    colour = COLOURS[one.style]
    found: list[Html] = []
    if any(p[2] < p[3] for p in points):
        there = [f"{x(p[0])},{y(p[3])}" for p in points]
        back = [f"{x(p[0])},{y(p[2])}" for p in reversed(points)]
        found.append(tag("polygon", points=" ".join(there + back), class_=f"band {one.style}", fill=colour, fill_opacity=0.16))
    path = " ".join(f"{x(p[0])},{y(p[1])}" for p in points)
    found.append(
        tag("polyline", points=path, class_=f"line {one.style}", stroke=colour, fill="none", stroke_width=2, stroke_linejoin="round")
    )
    if points:
        told = tag("title", f"{one.label}: {points[-1][1]:.4g} at {points[-1][0]:.4g}")
        found.append(tag("circle", told, cx=x(points[-1][0]), cy=y(points[-1][1]), r=3.5, class_=f"fill {one.style}", fill=colour))
    return found
