"""What `diptych measure` prints and writes: JSON, tables, and a folder with a page."""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from diptych.cli import usage
from diptych.cli.systems import System
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored
from diptych.measure.statistics import Compared
from diptych.measure.table import as_json, comparison_json, table, told_p

_NOTHING = 1e-6  # what BLEU's guard against 0 leaves of no match at all
Found = Mapping[str, Mapping[str, Scored]]  # system -> metric -> result
Differences = Mapping[str, Sequence[Compared]]  # by metric


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """How results are drawn, printed and written."""
    add = parser.add_argument
    add("--seed", type=int, default=0, metavar="N", help="of everything random (default 0)")
    add("--resamples", type=int, default=RESAMPLES, metavar="N", help=f"of the bootstrap (default {RESAMPLES}; 0 for no intervals)")
    add("--per-image", action="store_true", help="each image's value too")
    add("--out", type=Path, metavar="DIR", help="results.json, per_image.jsonl and report.html, a page with plots")
    add("--json", action="store_true", help="one JSON object")


def in_json(found: Found, apart: Differences, per_image: bool) -> dict[str, Any]:
    """`{NAME: {...}}` of one system; of several, `systems` by name and `differences` by metric. What is not finite is null."""
    shown = {system: _results(scored, per_image) for system, scored in found.items()}
    if len(shown) == 1:
        return next(iter(shown.values()))
    return {"systems": shown, "differences": {name: comparison_json(pairs) for name, pairs in apart.items()}}


def _results(scored: Mapping[str, Scored], per_image: bool) -> dict[str, Any]:
    found: dict[str, Any] = as_json(one.result for one in scored.values())
    if per_image:
        for name, one in scored.items():
            found[name]["per_image"] = {id: _finite(value) for id, value in one.per_image.items()}
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def tell(found: Found, apart: Differences, per_image: bool) -> None:
    """Tables on standard output, how each result was made once, and each image's values where asked for."""
    screen = Console(width=max(Console().width, 30 + 26 * (1 + len(found))))
    screen.print(table({system: [one.result for one in scored.values()] for system, scored in found.items()}, digits=4, told=False))
    lines = [f"{name}: {apart_line(one, len(pairs))}" for name, pairs in apart.items() for one in pairs]
    for line in (*lines, *_told(_how(found))):
        print(usage.visible(line))
    for system, scored in found.items() if per_image else ():
        for name, one in scored.items():
            for id, value in one.per_image.items():
                print(usage.visible(system), name, usage.visible(id), f"{0.0 if abs(value) < _NOTHING else value:.6g}", sep="\t")


def apart_line(one: Compared, pairs: int) -> str:
    """`ours − theirs = +0.0445 [+0.0366, +0.0526], better in 99.8% of resamples, p = 0.0042`; of several pairs with Holm's p."""
    d = one.pair.difference
    if math.isnan(one.pair.won):
        return f"{d.method} − {d.baseline} = {d.value:+.4f}, without an interval: {one.pair.how}"
    way = "higher" if one.pair.better == "none" else "better"
    p = told_p(one, holm=True)
    told = f"{d.method} − {d.baseline} = {d.value:+.4f} [{d.low:+.4f}, {d.high:+.4f}], {way} in {one.pair.won:.1%} of resamples"
    return f"{told}, p {'' if p[0] == '<' else '= '}{p}{' (Holm)' if pairs > 1 else ''}"


def _told(how: Mapping[str, Sequence[str]]) -> list[str]:
    """A line for each way, without what all of them share; that stands once at the end."""
    parts = {told: told.split("; ") for told in how}
    shared = [part for part in next(iter(parts.values()), ()) if len(how) > 1 and all(part in others for others in parts.values())]
    lines = [(", ".join(names), "; ".join(part for part in parts[told] if part not in shared)) for told, names in how.items()]
    return [f"{names}: {own}" for names, own in lines if own] + ([f"all: {'; '.join(shared)}"] if shared else [])


def _how(found: Found) -> dict[str, list[str]]:
    """How results were made, each way once with the metrics that it made, and with the system where systems differ."""
    ways: dict[str, set[str]] = {}
    for scored in found.values():
        for name, one in scored.items():
            ways.setdefault(name, set()).add(one.result.how)
    made: dict[str, dict[str, None]] = {}
    for system, scored in found.items():
        for name, one in scored.items():
            made.setdefault(one.result.how, {})[name if len(ways[name]) == 1 else f"{name} of {system}"] = None
    return {how: list(names) for how, names in made.items()}


def store(out: Path, command: str, systems: Sequence[System], *, found: Found, apart: Differences, references: Mapping[str, Any]) -> Path:
    """`results.json` with the command, `per_image.jsonl` with a row for each image of each system, and `report.html`."""
    from diptych.report.measures import Apart, Shown, Taken, measures_report

    said = {"command": command, **in_json(found, apart, False)}
    (out / "results.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    with (out / "per_image.jsonl").open("w", encoding="utf-8") as file:
        for system in systems:
            file.writelines(usage.in_json(row) + "\n" for row in _rows(system, found[system.name]))
    shown = [
        Shown(s.name, {name: Taken(one.result, one.per_image, one.why) for name, one in found[s.name].items()}, s.texts, references)
        for s in systems
    ]
    return measures_report(
        shown,
        out / "report.html",
        apart=[
            Apart(name, one.pair.difference, one.pair.won, told_p(one), told_p(one, holm=True) if len(pairs) > 1 else "")
            for name, pairs in apart.items()
            for one in pairs
        ],
        command=command,
    )


def _rows(system: System, scored: Mapping[str, Scored]) -> list[dict[str, Any]]:
    """A row for each image: its captions, its values, and what they come from where that is known."""
    values = {name: one.per_image for name, one in scored.items()}
    ids = dict.fromkeys(id for by_image in values.values() for id in by_image)
    rows = []
    for id in ids:
        row: dict[str, Any] = {"system": system.name, "id": id, "captions": list(system.texts.get(id, ()))}
        row |= {name: _finite(by_image[id]) for name, by_image in values.items() if id in by_image}
        why = {name: {kind: list(found) for kind, found in one.why.get(id, {}).items() if found} for name, one in scored.items()}
        if told := {name: found for name, found in why.items() if found}:
            row["why"] = told
        rows.append(row)
    return rows
