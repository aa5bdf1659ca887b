"""`hf:` detectors: of any phrase (OWL-ViT, OWLv2, Grounding DINO), or of the classes they were trained on (DETR and its kin)."""

from importlib import import_module
from typing import Any

from transformers import MODEL_FOR_OBJECT_DETECTION_MAPPING

from diptych.data.errors import AddressError
from diptych.models.hf_kinds import PHRASES
from diptych.models.hf_loading import Place, config_of


def opened(place: Place, ability: type) -> Any:
    """A detector; AddressError for an architecture that finds no boxes."""
    config = config_of(place)
    module = PHRASES.get(config.model_type) or ("hf_classes" if type(config) in MODEL_FOR_OBJECT_DETECTION_MAPPING else "")
    if not module:
        raise AddressError(
            f"{place.said} is no {ability.__name__}: a {config.model_type} finds no boxes; name one of {', '.join(PHRASES)} or a model of "
            "AutoModelForObjectDetection such as rt_detr"
        )
    return import_module(f"diptych.models.{module}").made(place.exact, config)
