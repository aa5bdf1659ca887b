"""What an `hf:` address is, told without opening its weights: config.json, the heads of its safetensors, the licence in its README."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.abilities import Painter
from diptych.models.addresses import Address
from diptych.models.hf_kinds import abilities_of

HEAD = 64 << 20  # bytes of a file's head or a JSON that are read, at most
_LICENCE = re.compile(r"^license:\s*['\"]?([\w. +-]{1,60})", re.MULTILINE)
_FILES = ("config.json", "model_index.json")


@dataclass(frozen=True, slots=True)
class Told:
    """A model that lies on this machine. `dtypes` as safetensors name them, the most frequent first."""

    kind: str
    abilities: tuple[type, ...]
    folder: Path
    parameters: int = 0
    dtypes: tuple[str, ...] = ()
    disk: int = 0  # bytes of its weights
    licence: str = ""


def told(address: Address) -> Told | None:
    """A folder, or what the hub's cache on this machine holds; None for a name that is not here. Nothing is fetched.

    AddressError for a folder that is no model, and for weights that are not whole.
    """
    name, _, revision = address.name.partition("@")
    if name.startswith((".", "/", "~")):
        return folder_told(Path(address.name).expanduser(), f"hf:{address.name}")
    folder = _cached(name, revision or None)
    return None if folder is None else folder_told(folder, f"hf:{address.name}")


def folder_told(folder: Path, said: str) -> Told:
    """A folder that `save_pretrained` wrote."""
    if not folder.is_dir():
        raise AddressError(f"{said}: there is no folder {folder}: name one that `save_pretrained` wrote")
    found = next((name for name in _FILES if (folder / name).is_file()), None)
    if found is None:
        raise AddressError(f"{said} is no folder of a model: it has no config.json")
    config = _json(folder / found, said)
    pipeline = found == "model_index.json"
    kind = str(config.get("_class_name" if pipeline else "model_type") or "unknown")
    weights = sorted(folder.glob("*/*.safetensors" if pipeline else "*.safetensors"))
    numbers: dict[str, int] = {}
    for path in weights:
        for dtype, count in _numbers(path, said):
            numbers[dtype] = numbers.get(dtype, 0) + count
    return Told(
        kind, (Painter,) if pipeline else abilities_of(config), folder, sum(numbers.values()),
        tuple(sorted(numbers, key=lambda dtype: -numbers[dtype])), sum(path.stat().st_size for path in weights), _licence(folder),
    )  # fmt: skip


def _numbers(path: Path, said: str) -> Iterator[tuple[str, int]]:
    """Of each tensor its type and how many numbers it holds, from the file's head."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        head = file.read(length) if length <= HEAD else b""
    try:
        tensors = {name: one for name, one in json.loads(head).items() if name != "__metadata__"}
        yield from ((str(one["dtype"]), prod(map(int, one["shape"]))) for one in tensors.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AddressError(f"{said}: {path.name} is no whole safetensors file: fetch or save it again") from error


def _json(path: Path, said: str) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(HEAD))
        if isinstance(found, dict):
            return found
    except (ValueError, OSError, RecursionError):
        pass
    raise AddressError(f"{said}: its {path.name} cannot be read: fetch or save it again")


def _licence(folder: Path) -> str:
    try:
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as file:
            found = _LICENCE.search(file.read(4096))
    except OSError:
        return ""
    return found[1].strip() if found else ""


def _cached(name: str, revision: str | None) -> Path | None:
    try:
        from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - of the extra models
    except ModuleNotFoundError:
        return None
    try:
        paths = [try_to_load_from_cache(name, file, revision=revision) for file in _FILES]
    except ValueError as error:
        raise AddressError(f"hf:{name} is no name of the hub ({error}): write hf:ORG/NAME or hf:./PATH") from error
    return next((Path(path).parent for path in paths if isinstance(path, str)), None)
