"""`hf:` segmenters: a mask for each box, by SAM, or by a model that finds instances (Mask2Former, MaskFormer, OneFormer)."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.hf_loading import Place, config_of

# by the `model_type` of config.json: the module whose `made(place, config)` gives a segmenter
KNOWN: Mapping[str, str] = {
    "sam": "hf_sam",
    "mask2former": "hf_instances",
    "maskformer": "hf_instances",
    "oneformer": "hf_instances",
}


def opened(place: Place, ability: type) -> Any:
    """A segmenter; AddressError for an architecture that makes no masks of boxes."""
    config = config_of(place)
    if config.model_type not in KNOWN:
        raise AddressError(f"{place.said} is no {ability.__name__}: a {config.model_type} is none of {', '.join(KNOWN)}")
    return import_module(f"diptych.models.{KNOWN[config.model_type]}").made(place, config)
