"""Models of transformers, opened in one way: a name or a folder, a revision, a device, safetensors alone, no remote code."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from transformers import AutoConfig, AutoProcessor

from diptych.data.errors import AddressError
from diptych.models.addresses import Address
from diptych.models.folders import without_bars

R = TypeVar("R")
A = TypeVar("A")
OPTIONS = ("device", "dtype", "batch", "family")
BATCH = 8


@dataclass(slots=True)
class Room:
    """How many requests a model takes at once: fewer from then on where memory ran out."""

    said: str
    size: int = BATCH

    def halve(self, tried: int) -> None:
        """Said once for each size on stderr."""
        self.size = max(1, tried // 2)
        print(f"{self.said}: out of memory with {tried} at once; going on with {self.size}", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is, and where it shall run. `said` is the address for messages."""

    said: str
    name: str
    revision: str | None
    device: str
    dtype: torch.dtype
    batch: Room


def place_of(address: Address) -> Place:
    """An `hf:` address with its options (`?device=cuda:0&dtype=bfloat16&batch=16`); AddressError for one that it does not take."""
    said = f"hf:{address.name}"
    strange = sorted(set(address.options) - set(OPTIONS))
    if strange:
        raise AddressError(f"{said} takes no option {strange[0]!r}: it takes {', '.join(OPTIONS)}")
    name, _, revision = address.name.partition("@")
    name = str(Path(name).expanduser()) if name.startswith((".", "/", "~")) else name
    device = address.options.get("device", "cuda" if torch.cuda.is_available() else "cpu")
    dtype = getattr(torch, address.options.get("dtype", "float32" if device == "cpu" else "bfloat16"), None)
    if not isinstance(dtype, torch.dtype):
        raise AddressError(f"{said}: dtype must be float32, float16 or bfloat16, got {address.options['dtype']!r}")
    return Place(said, name, revision or None, device, dtype, Room(said, int(address.options.get("batch", BATCH))))


def config_of(place: Place) -> Any:
    """The configuration alone; AddressError where there is none."""
    return _opened(place, AutoConfig)


def model_of(place: Place, kind: Any, **more: Any) -> Any:
    """The model of a class or an Auto class, in evaluation mode on its device."""
    model = _opened(place, kind, use_safetensors=True, dtype=place.dtype, **more)
    return model.eval().requires_grad_(False).to(place.device)


def processor_of(place: Place, kind: Any = AutoProcessor) -> Any:
    """What prepares pictures and texts for it."""
    return _opened(place, kind)


def _opened(place: Place, kind: Any, **more: Any) -> Any:
    try:
        with without_bars():
            return kind.from_pretrained(place.name, revision=place.revision, trust_remote_code=False, **more)
    except (OSError, ValueError, KeyError) as error:
        why = str(error).strip().splitlines()[0].rstrip(".")
        raise AddressError(f"{place.said} does not open as {kind.__name__} ({why})") from error


def in_batches(items: Sequence[R], batch: Room, call: Callable[[Sequence[R]], Sequence[A]]) -> list[A]:
    """The answers of `call` over batches of `place.batch`, which is halved where memory runs out, and stays halved."""
    found: list[A] = []
    while len(found) < len(items):
        part = items[len(found) : len(found) + batch.size]
        try:
            found.extend(call(part))
        except (MemoryError, torch.OutOfMemoryError):
            if len(part) == 1:
                raise
            batch.halve(len(part))
    return found
