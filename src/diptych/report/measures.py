"""Measured captions as one page: results with intervals, systems against each other, values of images, the best and the worst captions."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diptych.data.results import Difference, Result
from diptych.report.drawing import Plot
from diptych.report.html import Child, Html, join, prose, tag
from diptych.report.numbers import count, figure, several, share
from diptych.report.page import Section, folded, plot_card, table, write_page
from diptych.report.plots import Dot, columns, dots
from diptych.report.results import better, value, words

_BINS = 20
_SHOWN = 5  # captions at each end
_REFERENCES = 3
_WHY = 6  # words or statements of each kind
_NOTHING = 1e-6  # what BLEU's guard against 0 leaves of no match at all
_STYLES = ("plain", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Taken:
    """One metric of one system: its result, each image's value (nan where it has none), and what it comes from where that is known."""

    result: Result
    values: Mapping[str, float]
    why: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """One system: what was measured, its captions by image, and those of people."""

    name: str
    taken: Mapping[str, Taken]
    captions: Mapping[str, Sequence[str]]
    references: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Apart:
    """Two systems by one metric: their difference, the share of resamples in which the first is better, and p as it is told.

    `p_holm` is empty where no other pair was compared.
    """

    metric: str
    difference: Difference
    won: float
    p: str = "-"
    p_holm: str = ""


def measures_report(systems: Sequence[Shown], out: Path, *, apart: Sequence[Apart] = (), command: str = "") -> Path:
    """The page, whole or not at all."""
    names = list(dict.fromkeys(name for system in systems for name in system.taken))
    sections = [Section("results", "Results", _results(systems, names))]
    if apart:
        sections.append(Section("differences", "Systems against each other", _differences(apart)))
    sections += [Section(f"metric-{number}", words(name), _metric(systems, name)) for number, name in enumerate(names)]
    images = max((len(system.captions) for system in systems), default=0)
    lead = tag("p", f"{several(len(systems), 'system')}, {several(images, 'image')}, {several(len(names), 'metric')}.", class_="lead")
    said = tag("p", tag("code", tag("bdi", command)), class_="note") if command else None
    return write_page(out, "Measured captions", [lead, said], sections)


def _results(systems: Sequence[Shown], names: Sequence[str]) -> Html:
    first = {name: next(system.taken[name].result for system in systems if name in system.taken) for name in names}
    rows: list[tuple[Child, ...]] = [
        (join(words(name), " ", better(first[name])), *(value(_result(system, name)) for system in systems), count(first[name].n))
        for name in names
    ]
    made: dict[str, dict[str, None]] = {}
    for system in systems:
        for name, taken in system.taken.items():
            made.setdefault(taken.result.how, {})[words(name)] = None
    how = [join(tag("dt", ", ".join(metrics)), tag("dd", told)) for told, metrics in made.items()]
    plots = [plot_card(join(words(name), " ", better(first[name])), _dots(systems, name)) for name in names]
    return join(
        table(("metric", *(prose(system.name) for system in systems), "n"), rows, "Values with 95 % intervals"),
        tag("div", plots, class_="plots"),
        folded("How these were measured", tag("dl", how)),
    )


def _result(system: Shown, name: str) -> Result | None:
    return system.taken[name].result if name in system.taken else None


def _dots(systems: Sequence[Shown], name: str) -> Plot:
    found = [(system.name, system.taken[name].result, _STYLES[place % 4]) for place, system in enumerate(systems) if name in system.taken]
    return dots([Dot(label, r.value, r.low, r.high, style) for label, r, style in found], words(name))


def _differences(apart: Sequence[Apart]) -> Html:
    rows: list[tuple[Child, ...]] = []
    holm = any(one.p_holm for one in apart)
    for one in apart:
        d = one.difference
        sign = "+" if d.value > 0 else ""
        interval = tag("span", f"[{figure(d.low)}, {figure(d.high)}]", class_="interval")
        won = "-" if math.isnan(one.won) else share(round(10_000 * one.won), 10_000)
        told = join(tag("b", f"{sign}{figure(d.value)}"), " ", interval)
        rows.append((words(one.metric), prose(f"{d.method} − {d.baseline}"), told, won, one.p, *([one.p_holm] if holm else [])))
    head = ("metric", "systems", "difference", "better in", "p", *(["p (Holm)"] if holm else []))
    plots = [
        plot_card(words(one.metric), dots([_apart(one.difference)], f"Difference in {words(one.metric)}", differences=True))
        for one in apart
    ]
    note = (
        "Both systems are resampled by the same images. “Better in” is the share of resamples in which the first is better"
        " (higher, where neither way is better), ties half; p is two-sided, from the same resamples"
        + (", and Holm's is corrected for all pairs of a metric." if holm else ".")
    )
    return join(table(head, rows, "Differences with 95 % intervals"), tag("p", note, class_="note"), tag("div", plots, class_="plots"))


def _apart(difference: Difference) -> Dot:
    return Dot(f"{difference.method} − {difference.baseline}", difference.value, difference.low, difference.high)


def _metric(systems: Sequence[Shown], name: str) -> Html:
    """Histograms of the images' values, and the captions at both ends."""
    parts: list[Html] = []
    for system in systems:
        if name not in system.taken:
            continue
        taken = system.taken[name]
        known = {id: v for id, v in taken.values.items() if math.isfinite(v)}
        if len(systems) > 1:
            parts.append(tag("h3", prose(system.name)))
        if not known:
            parts.append(tag("p", "No image has a value of its own.", class_="note"))
            continue
        left = len(taken.values) - len(known)
        parts.append(
            tag(
                "div",
                plot_card("Values of images", columns(histogram(list(known.values())), name, words(name), whole=False)),
                class_="plots",
            )
        )
        parts.append(tag("p", f"{several(left, 'image')} undefined.", class_="note") if left else Html(""))
        parts.append(_ends(system, name, known))
    return join(parts)


def _ends(system: Shown, name: str, known: Mapping[str, float]) -> Html:
    lower = system.taken[name].result.better == "lower"
    ranked = sorted(known, key=lambda id: (known[id] if lower else -known[id], id))
    best = ranked[:_SHOWN]
    worst = [id for id in reversed(ranked[-_SHOWN:]) if id not in best]
    titles = ("Highest", "Lowest") if system.taken[name].result.better == "none" else ("Best", "Worst")
    if not worst:
        titles = (f"{titles[0]} to {titles[1].lower()}", "")
    return join(*(_captions(system, name, title, ids) for title, ids in zip(titles, (best, worst), strict=True) if ids))


def _captions(system: Shown, name: str, title: str, ids: Sequence[str]) -> Html:
    """A table of captions with what is known of them; a column that would be empty is left out."""
    taken = system.taken[name]
    known = {id: nearest_first(system.references.get(id, ()), system.captions.get(id, ())) for id in ids}
    columns: list[tuple[str, list[Child]]] = [
        ("score", [figure(0.0 if abs(taken.values[id]) < _NOTHING else taken.values[id]) for id in ids]),
        ("caption", [_texts(system.captions.get(id, ())) for id in ids]),
    ]
    if any(taken.why.get(id) for id in ids):
        columns.append(("why", [_why(taken.why.get(id, {})) for id in ids]))
    if any(known.values()):
        columns.append(("references", [_texts(known[id]) for id in ids]))
    columns.append(("image", [prose(id, 80) for id in ids]))
    head, cells = zip(*columns, strict=True)
    return table(head, list(zip(*cells, strict=True)), title)


def _why(found: Mapping[str, Sequence[str]]) -> Html:
    """Each kind of what was found with some of it, equal ones once with their number; what is empty is "none"."""
    return join(*(tag("div", f"{kind}: ", _some(listed)) for kind, listed in found.items()))


def _some(listed: Sequence[str]) -> Html:
    if not listed:
        return tag("span", "none", class_="quiet")
    counts = Counter(listed)
    shown = ", ".join(f"{text} ({n} times)" if n > 1 else text for text, n in list(counts.items())[:_WHY])
    more = tag("span", f" and {len(counts) - _WHY} more", class_="quiet") if len(counts) > _WHY else None
    return join(prose(shown, 400), more)


def nearest_first(references: Sequence[str], captions: Sequence[str]) -> list[str]:
    """References by the share of words that they have in common with a caption, the nearest first, equally near ones in their order."""
    said = [_words_of(text) for text in captions]

    def near(reference: str) -> float:
        own = _words_of(reference)
        return max((len(own & one) / (len(own | one) or 1) for one in said), default=0.0)

    return sorted(references, key=near, reverse=True)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def _texts(texts: Sequence[str]) -> Html:
    shown = [tag("div", prose(text, 300) if text else tag("span", "(empty)", class_="quiet")) for text in texts[:_REFERENCES]]
    more = tag("div", f"and {len(texts) - _REFERENCES} more", class_="quiet") if len(texts) > _REFERENCES else None
    return join(shown, more)


def histogram(values: Sequence[float]) -> list[tuple[float, float, int]]:
    """(from, to, count) in equal steps from the least to the greatest value; a value on an edge belongs to the upper step."""
    low, high = min(values), max(values)
    if low == high:
        return [(low - 0.5, low + 0.5, len(values))]
    step = (high - low) / _BINS
    counts = [0] * _BINS
    for one in values:
        counts[min(_BINS - 1, int((one - low) / step))] += 1
    return [(low + place * step, low + (place + 1) * step, n) for place, n in enumerate(counts)]
