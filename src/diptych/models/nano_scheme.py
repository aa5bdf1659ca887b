"""`nano:` addresses: tiny models trained in the world and shipped with diptych. Opening one needs torch; naming one does not."""

from importlib import import_module
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.abilities import Answerer, Captioner, Detector, Embedder, Matcher
from diptych.models.addresses import Address

KNOWN: dict[str, tuple[type, str, str]] = {
    "captioner-a": (Captioner, "nano_captioner", "attentive"),
    "captioner-b": (Captioner, "nano_captioner", "teller"),
    "matcher": (Matcher, "nano_matcher", "matcher"),
    "embedder": (Embedder, "nano_matcher", "matcher"),
    "detector": (Detector, "nano_detector", "detector"),
    "answerer": (Answerer, "nano_answerer", "answerer"),
}


def open_nano(address: Address, ability: type) -> Any:
    """The scheme of `nano:`; AddressError for another name or ability, for options, and where the extra `models` is not installed."""
    said = f"nano:{address.name}"
    if address.name not in KNOWN:
        raise AddressError(f"there is no {said}: it must be one of {', '.join(f'nano:{name}' for name in KNOWN)}")
    if address.options:
        raise AddressError(f"{said} takes no options, got {dict(address.options)}: write {said}")
    able, module, maker = KNOWN[address.name]
    if ability is not able:
        raise AddressError(f"{said} is no {ability.__name__}, it is a {able.__name__}: name an expert that is one")
    try:
        opened = import_module(f"diptych.models.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("diptych"):
            raise
        raise AddressError(f"{said} needs {error.name}: install it with  pip install 'diptych[models]'") from error
    return getattr(opened, maker)()
