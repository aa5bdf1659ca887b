"""`hf:ORG/NAME[@revision]` and `hf:./PATH`: models of transformers by what is asked of them. Only opening one needs torch."""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.abilities import (
    Answerer,
    Captioner,
    ChatModel,
    Comparer,
    DepthEstimator,
    Detector,
    Embedder,
    Entailer,
    Judge,
    Matcher,
    Painter,
    Segmenter,
    Writer,
)
from diptych.models.addresses import Address
from diptych.models.trained import TYPES, open_trained, type_of

LONGEST = 255  # bytes of a part of a name, as file systems have it
# by ability: the module whose `opened(place, ability)` gives a model that has it
_MODULES: Mapping[type, str] = {
    Captioner: "hf_captioners",
    Answerer: "hf_answerers",
    ChatModel: "hf_chat",
    Writer: "hf_chat",
    Judge: "hf_chat",
    Comparer: "hf_chat",
    Matcher: "hf_matchers",
    Embedder: "hf_embedders",
    Entailer: "hf_entailers",
    Detector: "hf_detectors",
    Segmenter: "hf_segmenters",
    DepthEstimator: "hf_depth",
    Painter: "hf_painters",
}


def open_hf(address: Address, ability: type) -> Any:
    """The scheme of `hf:`; AddressError says what is missing or cannot do what is asked."""
    said = f"hf:{address.name}"
    if max(map(len, os.fsencode(address.name).split(b"/"))) > LONGEST:
        raise AddressError(f"{said[:60]}... has a part of more than {LONGEST} bytes: write hf:ORG/NAME, hf:ORG/NAME@REVISION or hf:./PATH")
    if _trained_here(address.name, said):
        return open_trained(address, ability)
    if ability not in _MODULES:
        known = ", ".join(one.__name__ for one in _MODULES)
        raise AddressError(f"{said} cannot be a {ability.__name__}: transformers serve as {known}")
    try:
        loading = import_module("diptych.models.hf_loading")
        opener = import_module(f"diptych.models.{_MODULES[ability]}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("diptych"):
            raise
        raise AddressError(f"{said} needs {error.name}, which is not installed: pip install 'diptych[models]'") from error
    return opener.opened(loading.place_of(address, getattr(opener, "OPTIONS", ())), ability)


def _trained_here(name: str, said: str) -> bool:
    """Is it a folder that diptych trained?"""
    folder = Path(name).expanduser()
    if not name.startswith((".", "/", "~")) or (folder / "model_index.json").is_file():  # a pipeline of diffusers
        return False
    return not (folder / "config.json").is_file() or type_of(folder, said) in TYPES
