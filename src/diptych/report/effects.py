"""Effects: what papers promise, as tables and drawings."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from diptych.data.results import Effect, Result
from diptych.report.drawing import WIDTH, Mark, Plot
from diptych.report.html import Child, Html, join, prose, tag
from diptych.report.numbers import count, duration, figure, several
from diptych.report.page import Section, folded, plot_card, table, write_page
from diptych.report.plots import Dot, Line, dots, lines
from diptych.report.results import better, value, words

Points = Sequence[Mapping[str, float]]
_STYLES = ("plain", "second", "third", "fourth")


def effect_report(effects: Sequence[Effect], out: Path) -> Path:
    """One page for one effect or several."""
    title = f"{effects[0].recipe}: its effect" if len(effects) == 1 else several(len(effects), "effect")
    sections = [Section(f"effect-{number}", words(effect.recipe), _effect(effect)) for number, effect in enumerate(effects)]
    lead = tag(
        "p",
        "Shown means: the 95 % interval of the difference excludes zero in the paper's direction, and no guard is broken.",
        class_="lead",
    )
    summary = _summary(effects) if len(effects) > 1 else None
    return write_page(out, title, [lead, summary], sections)


def effect_svg(effect: Effect) -> str:
    """The effect's plots on one sheet, as an SVG that stands alone."""
    plots = [plot for _, plot in _plots(effect)]
    columns: list[list[Plot]] = [plots[::2], plots[1::2]] if len(plots) > 1 else [plots]
    gap, top = 24, 46
    placed = [
        plot.svg(y=top + sum(p.height + gap for p in column[:number]), x=gap + side * (WIDTH + gap))
        for side, column in enumerate(columns)
        for number, plot in enumerate(column)
    ]
    width = gap + len(columns) * (WIDTH + gap)
    height = top + max(sum(plot.height + gap for plot in column) for column in columns)
    shown = "shown" if effect.shown else "not shown"
    head = tag("text", f"{words(effect.recipe)}: {words(effect.metric)}, {shown}", x=gap, y=28, font_size=17, font_weight=600, fill="#222")
    paper = tag("rect", width=width, height=height, fill="#fff")
    label = f"{effect.recipe}: {effect.metric}, {shown}"
    return tag("svg", tag("title", label), paper, head, placed, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {height}",
               width=width, height=height, role="img", font_family="system-ui, sans-serif")  # fmt: skip


def _summary(effects: Sequence[Effect]) -> Html:
    rows = [(words(e.recipe), join(words(e.metric), " ", _arrow(e)), _difference(e), _shown(e)) for e in effects]
    return table(("recipe", "metric", "difference", "effect"), rows, "All effects")


def _effect(effect: Effect) -> Html:
    figures = [plot_card(title, plot) for title, plot in _plots(effect)]
    work = f"{several(len(effect.seeds), 'seed')} ({', '.join(map(str, effect.seeds))}), {duration(effect.seconds)}."
    return join(
        tag("p", _shown(effect), " ", prose(effect.why)),
        tag(
            "p",
            tag("b", f"{effect.difference.method} − {effect.difference.baseline}: "),
            _difference(effect),
            f" {words(effect.metric)} ",
            _arrow(effect),
        ),
        _arms(effect),
        tag("div", figures, class_="plots"),
        _guards(effect),
        _others(effect),
        _how(effect),
        tag("p", work, class_="note") if effect.seeds else None,
    )


def _shown(effect: Effect) -> Html:
    kind = "supported" if effect.shown else "contradicted"
    return tag("b", "✓ shown" if effect.shown else "✗ not shown", class_=f"word {kind}")


def _arrow(effect: Effect) -> Html | None:
    return better(effect.arms[0]) if effect.arms else None


def _difference(effect: Effect) -> Html:
    found = effect.difference
    sign = "+" if found.value > 0 else ""
    return join(
        tag("b", f"{sign}{figure(found.value)}"), " ", tag("span", f"[{figure(found.low)}, {figure(found.high)}]", class_="interval")
    )


def _arms(effect: Effect) -> Html:
    rows: list[tuple[Child, ...]] = [(prose(arm.name), value(arm), count(arm.n)) for arm in effect.arms]
    for end in (effect.oracle, effect.chance):
        if end is not None:
            note = tag("span", end.how.partition("; ")[0], class_="quiet")  # how the end was made comes first
            rows.append((join(end.name, " ", note), value(end), count(end.n)))
    return table(("arm", words(effect.metric), "seeds" if trained(effect) else "n"), rows, "Arms, with 95 % intervals")


def trained(effect: Effect) -> bool:
    """Whether the numbers are means over seeds of something trained: n counts seeds then."""
    return any("t interval over" in arm.how for arm in effect.arms)


def _how(effect: Effect) -> Html | None:
    """How the numbers were made, arms of one making together."""
    made: dict[str, list[str]] = {}
    for result in (*effect.arms, effect.oracle, effect.chance):
        if result is not None and result.how:
            made.setdefault(result.how, []).append(result.name)
    if not made:
        return None
    rows = [join(tag("dt", prose(", ".join(names))), tag("dd", prose(how))) for how, names in made.items()]
    return folded("How these were measured", tag("dl", rows))


def _guards(effect: Effect) -> Html | None:
    if not effect.guards:
        return None
    rows = [
        (
            words(name),
            _bounded(guard),
            figure(guard.get("least", float("nan"))),
            "held" if guard.get("held") else "broken",
        )
        for name, guard in effect.guards.items()
    ]
    return table(("guard", "difference", "its lower end may not fall below", ""), rows, "Guards: what the gain must not cost")


def _bounded(guard: Mapping[str, float | bool]) -> Html:
    nan = float("nan")
    low, high = (figure(guard.get(end, nan)) for end in ("low", "high"))
    return join(figure(guard.get("difference", nan)), " ", tag("span", f"[{low}, {high}]", class_="interval"))


def _others(effect: Effect) -> Html | None:
    names = list(dict.fromkeys(result.name for result in chain.from_iterable(effect.others.values())))
    if not names:
        return None
    found: dict[str, dict[str, Result]] = {arm: {result.name: result for result in results} for arm, results in effect.others.items()}
    ways = {result.name: better(result) for result in chain.from_iterable(effect.others.values())}
    rows: list[tuple[Child, ...]] = [
        (join(words(name), " ", ways[name]), *(value(results.get(name)) for results in found.values())) for name in names
    ]
    return folded("More metrics of each arm", table(("metric", *(prose(arm) for arm in found)), rows, "More metrics, with 95 % intervals"))


def _plots(effect: Effect) -> list[tuple[str, Plot]]:
    name = words(effect.metric)
    ends = (("oracle", effect.oracle), ("chance", effect.chance))
    marks = [Mark(f"{label} {figure(result.value)}", result.value, label) for label, result in ends if result]
    arms = [Dot(arm.name, arm.value, arm.low, arm.high, _style(effect, arm.name)) for arm in effect.arms]
    apart = effect.difference
    difference = Dot(f"{apart.method} − {apart.baseline}", apart.value, apart.low, apart.high)
    plots = [
        (f"{name} of each arm", dots(arms, name, unit=name, marks=marks)),
        (
            f"Difference in {name}",
            dots([difference], f"Difference in {name}", unit=f"difference in {name}", differences=True),
        ),
    ]
    for parameter, points in effect.sweep.items():
        plots.extend(_swept(effect, parameter, points, marks))
    return plots


def _style(effect: Effect, arm: str) -> str:
    return "before" if arm == effect.difference.baseline else "plain"


def _swept(effect: Effect, parameter: str, points: Points, marks: Sequence[Mark]) -> list[tuple[str, Plot]]:
    """A sweep's points hold `value` and, by metric, `M difference`, `M low`, `M high` and `M ARM`."""
    metric, name = effect.metric, words(effect.metric)
    arms = [
        Line(arm, tuple((at["value"], at[f"{metric} {arm}"], at[f"{metric} {arm}"], at[f"{metric} {arm}"]) for at in points), style)
        for arm, style in ((effect.difference.baseline, "before"), (effect.difference.method, "plain"))
        if points and all(f"{metric} {arm}" in at for at in points)
    ]
    keys = [key.removesuffix(" difference") for key in (points[0] if points else {}) if key.endswith(" difference")]
    differences = [
        Line(words(key), tuple((at["value"], at[f"{key} difference"], at[f"{key} low"], at[f"{key} high"]) for at in points), style)
        for key, style in zip(keys, _STYLES, strict=False)
    ]
    plots = [(f"{name} along {words(parameter)}", lines(arms, name, words(parameter), name, marks))] if arms else []
    if differences:
        plots.append((f"Difference along {words(parameter)}", lines(differences, "Difference", words(parameter), "method − baseline")))
    return plots
