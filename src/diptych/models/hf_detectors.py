"""`hf:` detectors: of any phrase (OWL-ViT, OWLv2, Grounding DINO), or of the classes they were trained on (DETR and its kin)."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from transformers import MODEL_FOR_OBJECT_DETECTION_MAPPING

from diptych.data.errors import AddressError
from diptych.models.hf_loading import Place, config_of

# by the `model_type` of config.json: the module whose `made(place, config)` gives a detector of phrases
OPEN: Mapping[str, str] = {
    "owlvit": "hf_owl",
    "owlv2": "hf_owl",
    "grounding-dino": "hf_grounding",
    "mm-grounding-dino": "hf_grounding",
}


def opened(place: Place, ability: type) -> Any:
    """A detector; AddressError for an architecture that finds no boxes."""
    config = config_of(place)
    module = OPEN.get(config.model_type) or ("hf_classes" if type(config) in MODEL_FOR_OBJECT_DETECTION_MAPPING else "")
    if not module:
        raise AddressError(
            f"{place.said} is no {ability.__name__}: a {config.model_type} finds no boxes; name one of {', '.join(OPEN)} or a model of "
            "AutoModelForObjectDetection such as rt_detr"
        )
    return import_module(f"diptych.models.{module}").made(place, config)
