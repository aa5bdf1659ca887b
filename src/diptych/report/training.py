"""A trained folder as one page: what fell, how fast it went, and how long it waited for data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.data.errors import RunError
from diptych.report.costs import settings
from diptych.report.curves import STYLES, Curve, curves
from diptych.report.drawing import Plot
from diptych.report.html import Child, Html, join, prose, tag
from diptych.report.numbers import count, duration, figure, share
from diptych.report.page import Section, folded, plot_card, table, tile, tiles, write_page
from diptych.report.results import words

LOG, ABOUT = "train.jsonl", "diptych.json"
_SHOWN = 6  # plots of evaluations at once
_ONE = 6  # terms in one plot


@dataclass(frozen=True, slots=True)
class Training:
    """What a trained folder says of itself: the lines of its log, what diptych.json holds (empty while it trains), and trainings within."""

    folder: Path
    lines_: tuple[Mapping[str, Any], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    within: tuple["Training", ...] = ()

    @property
    def told(self) -> list[Mapping[str, Any]]:
        """Lines with losses."""
        return [line for line in self.lines_ if "loss" in line]

    @property
    def stages(self) -> dict[str, list[Mapping[str, Any]]]:
        """Those lines by stage, in order."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for line in self.told:
            found.setdefault(str(line["stage"]), []).append(line)
        return found

    def summary(self) -> dict[str, Any]:
        """Updates, time, rates, and each term's first and last mean by stage."""
        last = self.told[-1] if self.told else {}
        terms = {stage: {name: _ends(rows, name) for name in _terms(rows)} for stage, rows in self.stages.items()}
        return {
            "updates": last.get("at", 0),
            "seconds": self.about.get("seconds", last.get("seconds", 0.0)),
            "samples_per_second": self.about.get("samples_per_second", last.get("samples_per_second", 0.0)),
            "waiting": self.about.get("waiting", last.get("waiting", 0.0)),
            "lost": self.about.get("lost", 0),
            "terms": terms,
            "evaluation": dict(self.evaluations[-1]["evaluation"]) if self.evaluations else {},
        }

    @property
    def evaluations(self) -> list[Mapping[str, Any]]:
        """Lines with evaluations."""
        return [line for line in self.lines_ if "evaluation" in line]

    def lines(self) -> Iterator[str]:
        """The same for people, a line each."""
        found = self.summary()
        if found["updates"]:
            rate = f"{found['samples_per_second']:,.0f} rows/s, {found['waiting']:.1%} of the time waiting for data"
            yield f"{found['updates']} updates in {duration(found['seconds'])}, {rate}"
        if found["lost"]:
            yield f"{found['lost']:,} times a picture could not be opened and another took its place"
        for stage, terms in found["terms"].items():
            yield f"{stage}: " + ", ".join(f"{name} {ends['first']:.4g} → {ends['last']:.4g}" for name, ends in terms.items())


def is_training(folder: Path) -> bool:
    """Whether a folder holds a training, finished or not."""
    return (folder / LOG).is_file() or (folder / ABOUT).is_file()


def read_training(folder: Path) -> Training:
    """The trained folder, with those of earlier parts that lie in it; RunError if diptych.json is damaged."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8")) if (folder / ABOUT).is_file() else {}
    except (OSError, ValueError) as error:
        raise RunError(f"{folder / ABOUT} cannot be read ({error}): train again into another folder") from error
    within = tuple(read_training(path) for path in sorted(folder.iterdir()) if path.is_dir() and is_training(path))
    return Training(folder, tuple(_lines(folder / LOG)), about if isinstance(about, dict) else {}, within)


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue  # a kill cut the last line off
        if isinstance(found, dict) and "at" in found:
            yield found


def training_report(found: Training, out: Path, *, title: str, rows: Mapping[str, int] | None = None) -> Path:
    """Writes one HTML file that opens offline; RunError if the disk refuses."""
    sections = [*_of(found)]
    for part in found.within:
        sections += [Section(f"{part.folder.name}-{s.id}", f"{s.title} ({part.folder.name})", s.body) for s in _of(part)]
    lead = join(
        None if found.about else tag("p", "This training is not finished: its command run again goes on.", class_="lead"),
        tag("p", "Each point is the mean over the updates since the one before; bands show the range where points were drawn together.",
            class_="lead"),
        _tiles(found, rows or {}),
    )  # fmt: skip
    return write_page(out, title, lead, sections)


def _of(found: Training) -> Iterator[Section]:
    if found.told:
        yield Section("loss", "Losses", tag("div", [plot_card(*one) for one in _losses(found)], class_="plots"))
    if found.evaluations:
        yield Section("evaluation", "Evaluated while it trained", _evaluations(found))
    if found.told:
        yield Section("speed", "Speed and steadiness", tag("div", [plot_card(*one) for one in _speed(found)], class_="plots"))
        yield Section("stages", "Stages", _stages(found))
    yield Section("settings", "Settings and versions", _settings(found))


def _tiles(found: Training, rows: Mapping[str, int]) -> Html:
    said = found.summary()
    shown: list[Child] = []
    if rows:
        shown.append(tile("rows", count(rows.get("used", 0)), f"of {count(rows.get('in', 0))}"))
    if said["updates"]:
        shown.append(tile("updates", count(said["updates"]), ", ".join(found.stages)))
        losses = [line["loss"] for line in found.told]
        shown.append(tile("loss", figure(losses[-1]), f"from {figure(losses[0])}"))
        shown.append(tile("speed", figure(said["samples_per_second"]), "rows a second"))
        shown.append(tile("waiting for data", share(round(1000 * said["waiting"]), 1000), "of the time"))
    if said["seconds"]:
        shown.append(tile("time", duration(said["seconds"]), ""))
    return tiles(shown)


def _losses(found: Training) -> Iterator[tuple[str, Plot]]:
    """The total of each stage, and its terms where there are several."""
    told, parted = found.told, _parted(found)
    yield "Loss", curves([Curve("loss", _points(told, "loss"))], "Loss", "updates", "loss", parted=parted)
    for stage, rows in found.stages.items():
        names = _terms(rows)
        for start in range(0, len(names) if len(names) > 1 or len(found.stages) > 1 else 0, _ONE):
            some = names[start : start + _ONE]
            shown = [Curve(words(name), _term(rows, name), style) for name, style in zip(some, STYLES, strict=False)]
            yield f"Terms of {stage}", curves(shown, f"Terms of {stage}", "updates", "mean")


def _evaluations(found: Training) -> Html:
    names = list(dict.fromkeys(name for line in found.evaluations for name in line["evaluation"]))
    plots = []
    for name in names:
        points = tuple((float(line["at"]), float(line["evaluation"][name])) for line in found.evaluations if name in line["evaluation"])
        plots.append(plot_card(words(name), curves([Curve(words(name), points, "second")], words(name), "updates", words(name))))
    more = folded(f"{len(plots) - _SHOWN} more", tag("div", plots[_SHOWN:], class_="plots")) if len(plots) > _SHOWN else None
    return join(tag("div", plots[:_SHOWN], class_="plots"), more)


def _speed(found: Training) -> Iterator[tuple[str, Plot]]:
    parted = _parted(found)
    for name, title, unit in (
        ("samples_per_second", "Rows a second", "rows a second"),
        ("waiting", "Share of the time waiting for data", "share"),
        ("rate", "Learning rate", "rate"),
        ("norm", "Norm of the gradient", "norm before clipping"),
    ):
        points = _points(found.told, name)
        if points:
            yield title, curves([Curve(words(name), points, "third")], title, "updates", unit, parted=parted)


def _stages(found: Training) -> Html:
    plan = [str(one) for one in found.about.get("plan", ())]
    rows: list[Sequence[Child]] = []
    for stage, lines in found.stages.items():
        ends = [
            join(words(name), " ", tag("b", f"{figure(e['first'])} → {figure(e['last'])}"), " ") for name, e in _all_ends(lines).items()
        ]
        rows.append((prose(stage), count(lines[-1]["update"]), join(ends), figure(max(line["rate"] for line in lines))))
    shown = table(("stage", "updates", "first → last", "highest rate"), rows, "Stages, with each term's mean at the start and at the end")
    return join(shown, folded("As Python", tag("ul", [tag("li", tag("code", prose(one))) for one in plan])) if plan else None)


def _settings(found: Training) -> Html:
    return settings({name: value for name, value in found.about.items() if name != "plan"})


def _parted(found: Training) -> list[float]:
    """Where stages begin, the first left out."""
    return [float(rows[0]["at"] - rows[0]["update"]) for rows in found.stages.values()][1:]


def _terms(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.get("terms", {})))


def _term(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(row["at"]), float(row["terms"][name])) for row in rows if name in row.get("terms", {}))


def _points(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(row["at"]), float(row[name])) for row in rows if name in row)


def _ends(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, float]:
    points = _term(rows, name)
    return {"first": points[0][1], "last": points[-1][1]}


def _all_ends(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    return {name: _ends(rows, name) for name in _terms(rows)}
