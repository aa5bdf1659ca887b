"""The folder of a trained model: weights that `from_pretrained` opens, the tokenizer, and diptych.json about the training."""

import platform
import re
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import PreTrainedModel
from transformers.utils import logging

from diptych.data.errors import RunError
from diptych.engine.folder import read_json, write_json
from diptych.train.data import Data
from diptych.train.order import marks
from diptych.train.plan import Plan

NAME = "diptych.json"
_PLACE = re.compile(r" at 0x[0-9a-f]+")  # of functions in memory, another in every process


def configuration(plan: Plan, model: nn.Module, data: Data, seed: int) -> dict[str, Any]:
    """What must be equal for an interrupted training to go on."""
    ids = blake2b(marks(data).tobytes(), digest_size=8).hexdigest()
    parts = model if isinstance(model, nn.ModuleDict) else {"": model}
    return {
        "plan": [_PLACE.sub("", repr(stage)) for stage in plan],
        "seed": seed,
        "data": {"rows": len(data), "ids": ids, "captions": data.captions, "columns": sorted(data.columns)},
        "model": {name: f"{type(part).__name__} of {sum(one.numel() for one in part.parameters())}" for name, part in parts.items()},
    }


def refuse_other(path: Path, then: dict[str, Any], now: dict[str, Any]) -> None:
    """RunError if an interrupted training was of another configuration."""
    odd = next((name for name in now if then.get(name) != now[name]), None)
    if odd is not None:
        raise RunError(
            f"{path} is of a training with another {odd} ({str(then.get(odd))[:200]}; now {str(now[odd])[:200]}):"
            " name another folder, delete it, or give what it was begun with"
        )


def refuse_finished(out: Path) -> None:
    """RunError if the folder cannot take a training."""
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file: out must name a folder")
    if (out / NAME).exists():
        raise RunError(f"{out} already holds a trained model: name another folder, or delete it to train anew")


def save(out: Path, model: nn.Module, data: Data, about: dict[str, Any]) -> None:
    """Writes the model, each part of a ModuleDict in a folder of its name, and last diptych.json, which says that all is there."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    for name, part in model.items() if isinstance(model, nn.ModuleDict) else [("", model)]:
        if isinstance(part, PreTrainedModel):
            part.save_pretrained(out / name)
        else:
            (out / name).mkdir(parents=True, exist_ok=True)
            save_file({key: one.contiguous() for key, one in part.state_dict().items()}, out / name / "model.safetensors")
        if data.inputs.tokenizer is not None:
            data.inputs.tokenizer.save_pretrained(out / name)
    if shown:
        logging.enable_progress_bar()
    write_json(out / NAME, about)


def read_about(out: Path) -> dict[str, Any]:
    """diptych.json of a trained folder; RunError if there is none."""
    found = read_json(out / NAME)
    return dict(found)


@cache
def versions() -> dict[str, str]:
    """Of what a result may hang on."""
    found = {"python": platform.python_version(), "torch": torch.__version__}
    for name in ("diptych", "transformers", "accelerate", "peft", "safetensors", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
