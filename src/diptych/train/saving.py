"""The folder of a trained model: weights that `from_pretrained` opens, the tokenizer, and diptych.json about the training."""

import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel

from diptych.data.errors import RunError
from diptych.engine.folder import read_json, write_json
from diptych.models.folders import from_folder, without_bars
from diptych.train.data import Data
from diptych.train.modes import opened_up
from diptych.train.order import marks
from diptych.train.plan import Plan, Stage
from diptych.train.resume import weights

NAME = "diptych.json"
_SEEN = 64  # numbers of a frozen parameter that are looked at
_PIECE = 1 << 24  # bytes of a column that are looked at together
_PLACE = re.compile(r" at 0x[0-9a-f]+")  # of functions in memory, another in every process


def configuration(plan: Plan, model: nn.Module, data: Data, seed: int) -> dict[str, Any]:
    """What must be equal for an interrupted training to go on: of columns every number, at about a second for each GB.

    Of frozen weights, which may lie on a device, a few numbers of each speak for all: another model's differ everywhere.
    """
    changing = weights(model, plan)
    frozen = [one.detach().flatten()[:: max(1, one.numel() // _SEEN)] for name, one in model.named_parameters() if name not in changing]
    columns = {name: digested(pieces(column)) for name, column in sorted(data.columns.items())}
    return {
        "plan": [_PLACE.sub("", repr(stage)) + told(stage) for stage in plan],
        "seed": seed,
        "data": {"rows": len(data), "ids": digested([marks(data)]), "captions": data.captions, "columns": columns},
        "model": {name: f"{type(part).__name__} of {sum(one.numel() for one in part.parameters())}" for name, part in parts_in(model)},
        "frozen": digested(frozen),
    }


def pieces(column: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """A column in runs of rows, since it may be larger than memory."""
    rows = max(1, _PIECE * len(column) // max(1, column.nbytes))
    return (column[start : start + rows] for start in range(0, len(column), rows))


def told(stage: Stage) -> str:
    """Of the arrays in a stage, such as a fitted bridge's, which `repr` shortens: a digest."""
    found = list(arrays_in(stage))
    return f" with arrays {digested(found)}" if found else ""


def arrays_in(value: Any) -> Iterator[Any]:
    """All arrays and tensors in the fields and entries of a value."""
    if isinstance(value, np.ndarray | Tensor):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from arrays_in([getattr(value, one.name) for one in fields(value)])
    elif isinstance(value, Mapping):
        yield from arrays_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from arrays_in(one)


def digested(arrays: Iterable[Any]) -> str:
    """16 digits that hang on the arrays' types, shapes and numbers."""
    found = blake2b(digest_size=8)
    for one in arrays:
        array = one.detach().float().cpu().numpy() if isinstance(one, Tensor) else np.asarray(one)
        found.update(f"{array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def refuse_other(path: Path, then: dict[str, Any], now: dict[str, Any]) -> None:
    """RunError if an interrupted training was of another configuration."""
    odd = next((name for name in now if then.get(name) != now[name]), None)
    if odd is not None:
        raise RunError(
            f"{path} is of a training with another {odd} ({str(then.get(odd))[:200]}; now {str(now[odd])[:200]}):"
            " name another folder, delete it, or give what it was begun with"
        )


def is_finished(out: Path, plan: Plan, model: nn.Module, data: Data, seed: int) -> bool:
    """Whether the folder holds this very training, ended; RunError if it holds another."""
    if not (out / NAME).is_file():
        return False
    refuse_other(out, read_about(out), configuration(plan, model, data, seed))
    return True


def parts_in(model: nn.Module) -> Iterable[tuple[str, nn.Module]]:
    """What is saved in folders of its own, by their names."""
    return model.items() if isinstance(model, nn.ModuleDict) else [("", model)]


def load(out: Path, model: nn.Module) -> None:
    """Gives the model the weights that `save` has written."""
    for name, part in parts_in(model):
        folder = out / name
        if isinstance(part, PreTrainedModel):
            part.load_state_dict(from_folder(type(part), folder).state_dict())
        else:
            part.load_state_dict(load_file(folder / "model.safetensors"))


def refuse_finished(out: Path) -> None:
    """RunError if the folder cannot take a training."""
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file: out must name a folder")
    if (out / NAME).exists():
        raise RunError(f"{out} already holds a trained model: name another folder, or delete it to train anew")


def save(out: Path, model: nn.Module, data: Data, about: dict[str, Any]) -> None:
    """Writes the model, each part of a ModuleDict in a folder of its name, and last diptych.json, which says that all is there."""
    for name, part in parts_in(model):
        if isinstance(part, PreTrainedModel):
            with without_bars():
                part.save_pretrained(out / name)
        else:
            (out / name).mkdir(parents=True, exist_ok=True)
            save_file({key: one.contiguous() for key, one in part.state_dict().items()}, out / name / "model.safetensors")
        for weights_file in (out / name).glob("*.safetensors"):
            opened_up(weights_file)
        if data.inputs.tokenizer is not None:
            data.inputs.tokenizer.save_pretrained(out / name)
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
