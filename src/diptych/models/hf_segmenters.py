"""`hf:` segmenters: a mask for each box, by SAM, or by a model that finds instances (Mask2Former, MaskFormer, OneFormer)."""

from importlib import import_module
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.hf_kinds import MASKS
from diptych.models.hf_loading import Place, config_of


def opened(place: Place, ability: type) -> Any:
    """A segmenter; AddressError for an architecture that makes no masks of boxes."""
    config = config_of(place)
    if config.model_type not in MASKS:
        raise AddressError(f"{place.said} is no {ability.__name__}: a {config.model_type} is none of {', '.join(MASKS)}")
    return import_module(f"diptych.models.{MASKS[config.model_type]}").made(place.exact, config)
