"""A run's configuration as plain values: written into run.json, compared when a run goes on."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from diptych.data.errors import InputError, RunError
from diptych.engine.folder import row_count
from diptych.engine.plan import name_of
from diptych.engine.steps import Pipeline, Repeat

_SECRET = re.compile(r"([?&;]\w*(?:key|token|secret|password)=)[^&;#\s]+", re.IGNORECASE)
_LOGIN = re.compile(r"(://)[^/@\s]+@")
_SECRET_NAME = re.compile(r"(^|_)(api_?key|token|secret|password|authorization)$", re.IGNORECASE)


def plain(value: Any, name: str = "") -> Any:
    """A value as JSON holds it, without secrets; InputError if it is no plain value."""
    if value is None or isinstance(value, (bool, int, float, np.generic)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, (str, Path)):
        return "***" if value and _SECRET_NAME.search(name) else _LOGIN.sub(r"\1***@", _SECRET.sub(r"\1***", str(value)))
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): plain(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(inner, name) for inner in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [plain(inner, name) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": qualified(type(value)), **{f.name: plain(getattr(value, f.name), f.name) for f in fields(value)}}
    if hasattr(value, "__qualname__"):
        return qualified(value)
    raise InputError(f"{name or 'a value'} is a {type(value).__name__}: steps and settings hold plain values")


def qualified(thing: Any) -> str:
    """Module and name of a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"


def configuration(pipeline: Pipeline, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What decides a run's rows, besides its input."""
    return {"seed": seed, "settings": plain(settings), "pipeline": [part_values(part) for part in pipeline]}


def part_values(part: Any) -> dict[str, Any]:
    """A part of a pipeline as plain values: its class, or the function it is, and its fields."""
    if isinstance(part, Repeat):
        steps = [part_values(step) for step in part.steps]
        return {"is": qualified(Repeat), "steps": steps, "at_most": part.at_most, "until": part_values(part.until)}
    if is_dataclass(part):
        return dict(plain(part))
    return {"is": qualified(part if hasattr(part, "__qualname__") else type(part))}


def check_same(old: Mapping[str, Any], new: Mapping[str, Any], pipeline: Pipeline, out: Path) -> None:
    """RunError that says what changed since the run began, and what would have to run again."""
    remedy = "choose another --out, or --overwrite (fresh=True)"
    if _same({name: old[name] for name in new}, new):
        return
    total, rows = len(new["pipeline"]), row_count(out)
    for place in range(max(len(old["pipeline"]), total)):
        before, after = ((parts[place] if place < len(parts) else {}) for parts in (old["pipeline"], new["pipeline"]))
        if changed := difference(before, after):
            name = name_of(pipeline[place]) if place < total else str(before["is"]).rpartition(".")[2]
            again = f"parts {place} to {max(total - 1, place)} would run again on {rows} rows"
            raise RunError(f"{out} was made with another pipeline, part {place} {name}: {changed}; {again}: {remedy}")
    for name in ("seed", "settings"):
        if changed := difference(old[name], new[name], name):
            raise RunError(f"{out} was made with other settings, {changed}; all {rows} rows would run again: {remedy}")


def difference(old: Any, new: Any, name: str = "") -> str:
    """The first difference between two plain values as `NAME OLD -> NEW`; empty if there is none."""
    if _same(old, new):
        return ""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.get("is") == new.get("is"):
        for key in [*new, *(key for key in old if key not in new)]:
            inner = f"{name}.{key}" if name else key
            if found := difference(old.get(key, "(absent)"), new.get(key, "(absent)"), inner):
                return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return next((found for i, pair in enumerate(zip(old, new, strict=True)) if (found := difference(*pair, f"{name}[{i}]"))), "")
    before, after = _short(old), _short(new)
    return f"{name} {before} -> {after}".strip() if before != after else f"{name} {old!r} -> {new!r}".strip()


def _same(old: Any, new: Any) -> bool:
    # as text: 1 and 1.0 differ, two NaN do not
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _short(value: Any) -> str:
    if isinstance(value, Mapping) and "is" in value:
        return str(value["is"]).rpartition(".")[2]
    if value == {}:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
