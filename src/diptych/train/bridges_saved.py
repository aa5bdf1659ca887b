"""Bridges in a folder: numbers in bridges.json, arrays in bridges.safetensors."""

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from diptych.data.errors import InputError
from diptych.train.bridges import Bridge, CovarianceNoise, MeanShift, Noise, RandomShift
from diptych.train.bridges_maps import LinearMap
from diptych.train.bridges_memory import Concepts, TextMemory
from diptych.train.modes import opened_up

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Noise, MeanShift, RandomShift, CovarianceNoise, LinearMap, TextMemory, Concepts)
}  # fmt: skip
NUMBERS, ARRAYS = "bridges.json", "bridges.safetensors"


def save_bridges(bridges: Sequence[Bridge], folder: Path) -> None:
    """Writes them in order; what is in the folder besides stays."""
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    for place, bridge in enumerate(bridges):
        held = {one.name: getattr(bridge, one.name) for one in fields(bridge)}  # type: ignore[arg-type]
        arrays |= {f"{place}.{name}": np.ascontiguousarray(value) for name, value in held.items() if isinstance(value, np.ndarray)}
        listed.append({"kind": type(bridge).__name__} | {name: v for name, v in held.items() if not isinstance(v, np.ndarray)})
    save_file(arrays, folder / ARRAYS)
    opened_up(folder / ARRAYS)
    (folder / NUMBERS).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def load_bridges(folder: Path) -> tuple[Bridge, ...]:
    """The bridges of a folder; InputError where there are none or they cannot be read."""
    try:
        listed = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
        arrays = load_file(folder / ARRAYS)
        return tuple(_made(place, dict(one), arrays) for place, one in enumerate(listed))
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as trouble:
        raise InputError(f"{folder} holds no bridges that can be read ({trouble}): save_bridges writes {NUMBERS} and {ARRAYS}") from None


def _made(place: int, held: dict[str, Any], arrays: dict[str, Any]) -> Bridge:
    kind = KINDS[held.pop("kind")]
    mine = {name.removeprefix(f"{place}."): array for name, array in arrays.items() if name.startswith(f"{place}.")}
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in held.items()}
    return kind(**plain, **mine)
