"""Models of transformers, opened in one way: a pinned revision, safetensors alone, no remote code, no weights left to chance."""

import gc
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from huggingface_hub import is_offline_mode
from transformers import CONFIG_MAPPING, AutoConfig, AutoProcessor
from transformers.utils import logging

from diptych.data.errors import AddressError
from diptych.models.folders import without_bars
from diptych.models.hf_hub import NOT_HERE, hub_remedy
from diptych.models.hf_places import Place, Room, place_of
from diptych.models.hf_processors import assembled

__all__ = ("Place", "Room", "config_of", "in_batches", "model_of", "place_of", "processor_of")

R = TypeVar("R")
A = TypeVar("A")
# else transformers asks a service of others to convert a repository that has only pickles, and takes what that gives for the revision named
os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
_MEMORY = ("can't allocate memory", "out of memory", "not enough memory")  # in RuntimeErrors of torch for the CPU and other devices


def config_of(place: Place) -> Any:
    """The configuration alone; AddressError where there is none, or where it needs code of its own."""
    _refuse_code(place)
    with _told(place, "a model"), without_bars():
        return AutoConfig.from_pretrained(place.name, revision=place.revision, trust_remote_code=False)


def model_of(place: Place, kind: Any, *, may_lack: tuple[str, ...] = (), **more: Any) -> Any:
    """The model of a class or an Auto class, in evaluation mode on its device.

    AddressError where the folder lacks weights that the class has, but for names that contain one of `may_lack`: transformers would
    draw them at random.
    """
    _refuse_code(place)
    _refuse_pickles(place)
    with _told(place, kind.__name__), without_bars(), _without_reports():
        model, told = kind.from_pretrained(
            place.name, revision=place.revision, trust_remote_code=False, use_safetensors=True, dtype=place.dtype,
            output_loading_info=True, **more,
        )  # fmt: skip
    lacking = [name for name in sorted(told["missing_keys"]) if not any(part in name for part in may_lack)]
    lacking += [str(one[0] if isinstance(one, tuple) else one) for one in told["mismatched_keys"]]
    if lacking:
        made = ", ".join(getattr(model.config, "architectures", None) or []) or "something else"
        raise AddressError(
            f"{place.said} has no weights for {lacking[0]} of a {type(model).__name__} ({len(lacking)} such): it was saved as {made}; "
            "name a model made for this"
        )
    return model.eval().requires_grad_(False).to(place.device)


def processor_of(place: Place, kind: Any = AutoProcessor) -> Any:
    """What prepares pictures and texts for it: a processor, or with another Auto class a tokenizer or an image processor."""
    _refuse_code(place)
    with _told(place, kind.__name__), without_bars():
        return assembled(place, kind)


def in_batches(items: Sequence[R], batch: Room, call: Callable[[Sequence[R]], Sequence[A]]) -> list[A]:
    """The answers of `call` over batches of `place.batch`, which is halved where memory runs out, and stays halved."""
    found: list[A] = []
    while len(found) < len(items):
        part = items[len(found) : len(found) + batch.size]
        try:
            found.extend(call(part))
            continue
        except (MemoryError, RuntimeError) as error:
            if not _is_memory(error) or len(part) == 1:
                raise
        # outside the handler, whose error still holds what did not fit
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        batch.halve(len(part))
    return found


def _is_memory(error: Exception) -> bool:
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(part in str(error) for part in _MEMORY)


@contextmanager
def _without_reports() -> Iterator[None]:
    """Within, transformers reports no weights that a class has no use for, as of a classifier's head; what lacks is told by `model_of`."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


@contextmanager
def _told(place: Place, what: str) -> Iterator[None]:
    try:
        yield
    except (AddressError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # whatever a library makes of what a folder says
        why = NOT_HERE if is_offline_mode() and "couldn't connect" in str(error) else str(error).strip() or type(error).__name__
        why = why.splitlines()[0].rstrip(".:")
        raise AddressError(f"{place.said} does not open as {what} ({why}): {_remedy(place, error)}") from error


def _remedy(place: Place, error: Exception) -> str:
    if isinstance(error, ImportError):
        return "pip install 'diptych[models]' brings what most models need; what this one names comes with pip"
    if place.folder is not None:
        return "name a folder that `save_pretrained` wrote"
    if Path(place.name).is_dir():
        return f"for the folder {place.name} write hf:./{place.name}"
    if "safetensors" in str(error):
        return "name a revision with safetensors, hf:ORG/NAME@refs/pr/NUMBER, where the hub has one"
    return hub_remedy(place.name)


def _refuse_pickles(place: Place) -> None:
    if (folder := place.folder) is None or any(folder.glob("*.safetensors")):
        return
    pickles = sorted(path.name for pattern in ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl") for path in folder.glob(pattern))
    if pickles:
        raise AddressError(
            f"{place.said} keeps its weights as a pickle ({pickles[0]}), which may hold code and is never opened: "
            "name a folder with model.safetensors"
        )


def _refuse_code(place: Place) -> None:
    """Code beside the weights never runs; said by its name, where transformers has no architecture of that type."""
    if place.folder is None or not (path := place.folder / "config.json").is_file():
        return
    with _told(place, "a model"):
        told = json.loads(path.read_text(encoding="utf-8"))
        needs, kind = told.get("auto_map"), str(told.get("model_type"))
    if needs and kind not in CONFIG_MAPPING:
        named = sorted(map(str, needs.values())) if isinstance(needs, dict) else [str(needs)]
        raise AddressError(f"{place.said} needs code of its own ({named[0]:.100}), which never runs: name a model that needs none")
