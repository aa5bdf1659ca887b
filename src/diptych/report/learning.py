"""What a model learnt from captions: curves, final values with intervals, and which pictures it ranks first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.data.results import Result
from diptych.report.curves import Curve, curves
from diptych.report.drawing import Mark
from diptych.report.html import Child, Html, join, prose, tag
from diptych.report.numbers import count, figure, share
from diptych.report.page import Section, plot_card, table, tile
from diptych.report.plots import Dot, dots
from diptych.report.thumbnails import thumbnail

STYLES = ("before", "plain", "third", "second")
_SIDE = 160


@dataclass(frozen=True, slots=True)
class Arm:
    """One training: recall at 1 at its end, along its updates, and the scene ranked first for each query."""

    name: str
    recall: Result
    curve: tuple[tuple[float, float], ...]
    first: tuple[int, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Learning:
    """Arms on the same queries: text n belongs to picture n. `shown` are the queries to look at, `where` tells where models lie."""

    arms: Sequence[Arm]
    ceiling: float
    scenes: Sequence[Image]
    texts: Sequence[str]
    shown: Sequence[int]
    lead: str = ""


def learning_section(found: Learning, pictures: Callable[[Image], Picture]) -> Section:
    """The section of a page."""
    mark = Mark(f"a perfect reader {figure(found.ceiling)}", found.ceiling, "oracle")
    styles = dict(zip([arm.name for arm in found.arms], STYLES, strict=False))
    drawn = [Curve(arm.name, arm.curve, styles[arm.name]) for arm in found.arms]
    ends = [Dot(arm.name, arm.recall.value, arm.recall.low, arm.recall.high, styles[arm.name]) for arm in found.arms]
    cards = (
        plot_card("Finding new scenes while it learns", curves(drawn, "Recall at 1", "updates", "recall at 1", [mark])),
        plot_card("At the end, with 95 % intervals", dots(ends, "Recall at 1", unit="recall at 1 among 100", marks=[mark])),
    )
    rows = [(arm.name, count(arm.rows), figure(arm.recall.value), share(round(1000 * arm.recall.value), round(1000 * found.ceiling)))
            for arm in found.arms]  # fmt: skip
    body = join(
        tag("p", prose(found.lead), class_="note") if found.lead else None,
        tag("div", cards, class_="plots"),
        table(
            ("trained on", "rows", "recall at 1", "of what a perfect reader finds"), rows, "The same encoder, the same work, other captions"
        ),
        _queries(found, pictures),
    )
    return Section("learning", "What the captions are worth", body)


def learning_tile(arms: Mapping[str, Result]) -> Html:
    """The first arm's value and the second's."""
    before, after = list(arms.values())[:2]
    return tile("retrieval learnt", f"{figure(before.value)} → {figure(after.value)}", "recall at 1, before → after")


def _queries(found: Learning, pictures: Callable[[Image], Picture]) -> Html | None:
    if not found.shown:
        return None
    head: list[Child] = ["a new caption asks for", "its picture", *(f"{arm.name} finds" for arm in found.arms)]
    rows = [
        (prose(found.texts[n], 320), _picture(found.scenes[n], pictures, ""), *(_found(found, arm, n, pictures) for arm in found.arms))
        for n in found.shown
    ]
    told = "Held-out captions, drawn by number, and the picture that each encoder ranks first among a hundred"
    return table(head, rows, told)


def _found(found: Learning, arm: Arm, n: int, pictures: Callable[[Image], Picture]) -> Html:
    right = arm.first[n] == n
    return _picture(found.scenes[arm.first[n]], pictures, "✓ its own" if right else "✗ another", "supported" if right else "contradicted")


def _picture(image: Image, pictures: Callable[[Image], Picture], told: str, kind: str = "") -> Html:
    small = thumbnail(image, pictures, _SIDE)
    shown: Child = tag("img", src=small.uri, width=small.width, height=small.height, alt=told or "the picture", loading="lazy")
    word = tag("figcaption", tag("span", told, class_=f"word {kind}")) if told else None
    return tag("figure", shown if small.uri else tag("p", small.why, class_="note"), word, class_="thumb")
