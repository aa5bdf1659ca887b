"""Where a model of transformers is and where it shall run: `hf:ORG/NAME[@REVISION]?device=cuda:0&dtype=bfloat16&batch=16`."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from transformers.utils import cached_file

from diptych.data.errors import AddressError
from diptych.models.addresses import Address
from diptych.models.hf_hub import refuse_unreachable

OPTIONS = ("device", "dtype", "batch", "family")
DTYPES = ("float32", "float16", "bfloat16")
BATCH = 8
_COMMIT = re.compile("[0-9a-f]{40}")
_IN_CACHE = re.compile("/snapshots/([0-9a-f]{40})/")


@dataclass(slots=True)
class Room:
    """How many requests a model takes at once: fewer from then on where memory ran out."""

    said: str
    size: int = BATCH

    def halve(self, tried: int) -> None:
        """Half of what was tried, said once on stderr."""
        self.size = max(1, tried // 2)
        print(f"{self.said}: out of memory with {tried} at once; going on with {self.size}", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is, and where it shall run. `said` is the address for messages.

    `revision` is the commit that the hub gave for the one asked for, so that all files of a model are of one state.
    """

    said: str
    name: str
    revision: str | None
    device: str
    dtype: torch.dtype
    batch: Room
    own: Mapping[str, str] = field(default_factory=dict)  # options that only some models take
    told: bool = False  # whether the address says its dtype

    @property
    def exact(self) -> "Place":
        """The same in float32, unless the address says its dtype: scores of half precision would change with the batch."""
        return self if self.told else replace(self, dtype=torch.float32)

    @property
    def commit(self) -> str:
        """The commit of the hub, for run.json; empty for a folder."""
        return self.revision if self.revision and _COMMIT.fullmatch(self.revision) else ""

    @property
    def folder(self) -> Path | None:
        """The folder of this machine that the address names; None for a name of the hub."""
        return Path(self.name) if _is_path(self.name) else None


def place_of(address: Address, own: tuple[str, ...] = ()) -> Place:
    """An `hf:` address with its options, and those that the model takes as its own; AddressError for one that it does not take.

    Without options a model runs on the first GPU where there is one, in bfloat16 (float16 where the GPU lacks it; what scores
    in float32), else on the CPU in float32, eight requests at once.
    """
    said = f"hf:{address.name}"
    strange = sorted(set(address.options) - {*OPTIONS, *own})
    if strange:
        raise AddressError(f"{said} takes no option {strange[0]!r}: it takes {', '.join((*OPTIONS, *own))}")
    name, revision = _named(said, address.name)
    device = _device(said, address.options.get("device", ""))
    dtype = _dtype(said, address.options.get("dtype", ""), device)
    more = {name: value for name, value in address.options.items() if name in own}
    return Place(said, name, revision, device, dtype, _room(said, address.options), more, "dtype" in address.options)


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~"))


def _named(said: str, name: str) -> tuple[str, str | None]:
    if _is_path(name):
        folder = Path(name).expanduser()
        if not folder.is_dir():
            raise AddressError(f"{said}: there is no folder {folder}: name one that `save_pretrained` wrote")
        # a relative path without a dot would read as a name of the hub
        return str(folder.absolute()), None
    name, at, revision = name.partition("@")
    if not name or (at and not revision):
        raise AddressError(f"{said} names no model: write hf:ORG/NAME, hf:ORG/NAME@REVISION or hf:./PATH")
    refuse_unreachable(said, name, revision or None)
    return name, _commit(name, revision or None)


def _commit(name: str, revision: str | None) -> str | None:
    """The commit behind a branch or a tag, as far as the hub or the cache tells; whatever fails is told when the model is opened."""
    quiet = {f"_raise_exceptions_for_{what}": False for what in ("gated_repo", "missing_entries", "connection_errors")}
    try:
        # a pipeline of diffusers has the second alone
        path = next(
            filter(None, (cached_file(name, file, revision=revision, **quiet) for file in ("config.json", "model_index.json"))), None
        )
    except (OSError, ValueError):
        return revision
    found = _IN_CACHE.search(Path(path).as_posix()) if path else None
    return found[1] if found else revision


def _device(said: str, asked: str) -> str:
    if not asked:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(asked)
    except RuntimeError as error:
        raise AddressError(f"{said}: device must be cpu, cuda, cuda:NUMBER or mps, got {asked!r}") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise AddressError(f"{said}: device is {asked!r}, and torch sees no GPU here: leave it out, or say device=cpu")
    return asked


def _dtype(said: str, asked: str, device: str) -> torch.dtype:
    if asked and asked not in DTYPES:
        raise AddressError(f"{said}: dtype must be one of {', '.join(DTYPES)}, got {asked!r}")
    if not asked:
        known = "bfloat16" if device.startswith("cuda") and torch.cuda.is_bf16_supported() else "float16"
        asked = known if device.startswith("cuda") else "float32"
    found: torch.dtype = getattr(torch, asked)
    return found


def _room(said: str, options: Any) -> Room:
    asked = options.get("batch", str(BATCH))
    if not asked.isdecimal() or int(asked) < 1:
        raise AddressError(f"{said}: batch must be a whole number of at least 1, got {asked!r}")
    return Room(said, int(asked))
