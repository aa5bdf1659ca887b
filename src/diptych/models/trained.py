"""`hf:` addresses of folders: what `diptych train` or a recipe saved answers here. Opening one needs torch; naming one does not."""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.abilities import Captioner, Embedder, Matcher
from diptych.models.addresses import Address

_ENCODER = "trained_encoder:opened"
_CAPTIONER = "trained_captioner:opened"
_BRIDGED = "trained_bridged:opened"
# by the `model_type` of config.json: what it can do, and what opens it; trained CLIPs and SigLIPs are of transformers, which opens them
TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "diptych_dual_encoder": ((Embedder, Matcher), _ENCODER),
    "diptych_bag_encoder": ((Embedder, Matcher), _ENCODER),
    "diptych_prefix_captioner": ((Captioner,), _CAPTIONER),
    "diptych_bridged_captioner": ((Captioner,), _BRIDGED),
}


def open_trained(address: Address, ability: type) -> Any:
    """The scheme of `hf:`, for folders of a type in TYPES or of none; AddressError says what is missing or cannot do what is asked.

    Options of a captioner are the buckets of its conditions, as in `hf:./PATH?alignment=7`; of one that writes about vectors, the folder
    of their encoder where it is no longer where it was, `hf:./PATH?encoder=./OTHER`.
    """
    said = f"hf:{address.name}"
    asked = {name: value for name, value in address.options.items() if name != "family"}
    folder = Path(address.name).expanduser()
    if not (folder / "config.json").is_file():
        raise AddressError(_lacking(said, folder))
    kind = type_of(folder, said)
    able, opener = TYPES[kind]
    if ability not in able:
        what = " and ".join(one.__name__ for one in able)
        raise AddressError(f"{said} is no {ability.__name__}: a {kind} serves as {what}; name another model for {ability.__name__}")
    if asked and opener == _ENCODER:
        raise AddressError(f"{said} takes no option {min(asked)!r}: the only one is family")
    module, _, name = opener.partition(":")
    try:
        opened = import_module(f"diptych.models.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("diptych"):
            raise
        raise AddressError(f"{said} needs {error.name}, which is not installed: pip install 'diptych[models]'") from error
    return getattr(opened, name)(folder, said, **({"asked": asked} if asked else {}))


def type_of(folder: Path, said: str) -> str:
    """The `model_type` of a folder's config.json; AddressError where it says none."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return str(found["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AddressError(f"{said}: its config.json says no model_type ({error}): name a folder that `save_pretrained` wrote") from error


def _lacking(said: str, folder: Path) -> str:
    if not folder.exists():
        return f"{said}: there is no folder {folder}; `diptych train RECIPE DATA --out {folder}` makes one"
    if parts := sorted(path.parent.name for path in folder.glob("*/config.json")):
        return f"{said} holds several models: name one of {', '.join(f'{said}/{part}' for part in parts)}"
    if (folder / "train.jsonl").is_file():
        return f"{said} is a training that is not finished: run its `diptych train` command again to go on"
    return f"{said} is no folder of a model: it has no config.json"
