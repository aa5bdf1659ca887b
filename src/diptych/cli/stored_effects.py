"""Effects on disk: one JSON file each, and one page of all that lie in a folder."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from diptych.data.errors import RunError
from diptych.data.results import Difference, Effect, Result
from diptych.report import effect_report

PAGE = "effects.html"


def as_json(effect: Effect) -> dict[str, Any]:
    """The object that `--json` prints and `results/` keeps."""
    found = asdict(effect) | {"seconds": round(effect.seconds, 1)}
    return {name: finite(value) for name, value in found.items()}


def finite(value: Any) -> Any:
    """The same with null for what is not a number: JSON has no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: finite(one) for name, one in value.items()}
    return [finite(one) for one in value] if isinstance(value, list | tuple) else value


def from_json(kept: Mapping[str, Any]) -> Effect:
    """The effect that `as_json` told; KeyError or TypeError where the object is another."""
    known = {name: value for name, value in kept.items() if name != "command"}
    known |= {name: None if kept[name] is None else _result(kept[name]) for name in ("oracle", "chance")}
    known |= {"arms": tuple(map(_result, kept["arms"])), "seeds": tuple(kept["seeds"])}
    known["difference"] = Difference(**_numbers(kept["difference"]))
    known["guards"] = {name: _numbers(guard) for name, guard in kept["guards"].items()}
    known["sweep"] = {name: tuple(map(_numbers, points)) for name, points in kept["sweep"].items()}
    known["others"] = {arm: tuple(map(_result, found)) for arm, found in kept["others"].items()}
    return Effect(**known)


def _numbers(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in kept.items()}


def _result(kept: Mapping[str, Any]) -> Result:
    return Result(**_numbers(kept))


def store(effect: Effect, out: Path, command: str) -> None:
    """`out`/RECIPE.json, with the command that made it; RunError where it cannot be written."""
    path = out / f"{effect.recipe}.json"
    try:
        path.write_text(json.dumps({"command": command, **as_json(effect)}, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError(f"{path} cannot be written ({error.strerror}): make room or choose another --out") from error


def draw(out: Path) -> Path:
    """The page of every effect that lies in the folder, by name; other files are passed over."""
    return effect_report(stored(out), out / PAGE)


def stored(out: Path) -> list[Effect]:
    """The effects of a folder by name."""
    found: list[Effect] = []
    for path in sorted(out.glob("*.json")):
        try:
            found.append(from_json(json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # something else of the user's
    return found
