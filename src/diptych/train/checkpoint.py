"""A checkpoint: one safetensors file, its state as JSON in the header, written whole or not at all. Nothing is ever unpickled."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from diptych.data.errors import RunError
from diptych.engine.folder import refused, sync
from diptych.train.modes import opened_up

NAME = "checkpoint.safetensors"


def write(path: Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
    """Replaces the file at `path`; RunError if the disk refuses, and then the file before stays."""
    near = path.with_name(f".{path.name}.tmp")
    try:
        save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, near, {"state": json.dumps(state)})
        opened_up(near)
        with open(near, "rb") as file:
            os.fsync(file.fileno())
        os.replace(near, path)
        sync(path.parent)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):
            near.unlink(missing_ok=True)
        raise refused(path, error if isinstance(error, OSError) else OSError(str(error))) from error


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors on the CPU and the state; RunError if the file is damaged."""
    try:
        with safe_open(path, "pt", device="cpu") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["state"])  # noqa: SIM118
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is no checkpoint ({error}): delete it to train from the start") from error
