"""Embedders of transformers: CLIP, SigLIP and their like, BLIP for retrieval, towers that see pictures alone, sentence encoders."""

# B pictures or texts, D width of the space

from collections.abc import Sequence
from functools import partial
from typing import Any

from torch import Tensor
from transformers import AutoImageProcessor, AutoModel, BlipForImageTextRetrieval
from transformers.models.auto.modeling_auto import MODEL_MAPPING

from diptych.data.errors import AddressError
from diptych.models.hf_kinds import DUALS, TOWERS
from diptych.models.hf_loading import Place, config_of, model_of, processor_of
from diptych.models.hf_sentences import sentences
from diptych.models.hf_sight import Inputs, pixels_of
from diptych.models.hf_vectors import Seeing, Vectors
from diptych.models.hf_words import as_text, read_as, room_of

# read padded to their full length and without a mask, as they were trained (Zhai et al., 2023, arXiv:2303.15343)
_FILLED = ("siglip", "siglip2")
_LENGTH = 64  # of SigLIP's texts, where neither folder nor tokenizer says
BLIP_RETRIEVAL = "BlipForImageTextRetrieval"


def opened(place: Place, ability: type) -> Vectors:
    """Vectors of pictures, of texts, or of both in one space; AddressError for a model that gives none."""
    config, place = config_of(place), place.exact
    if config.model_type in DUALS:
        return dual(place, config)
    if config.model_type == "blip":
        if BLIP_RETRIEVAL not in (config.architectures or ()):
            raise AddressError(f"{place.said} is a blip without projections: name a {BLIP_RETRIEVAL}, such as blip-itm-base-coco")
        return blip(place, model_of(place, BlipForImageTextRetrieval), as_text(processor_of(place)))
    if config.model_type in TOWERS:
        return _tower(place)
    if type(config) in MODEL_MAPPING and _reads(config):
        return Vectors(place, None, sentences(place, config), place.commit)
    raise _no_embedder(place, config)


def dual(place: Place, config: Any) -> Vectors:
    """Both towers of a CLIP or its like."""
    model, processor = model_of(place, AutoModel), as_text(processor_of(place))
    filled = config.model_type in _FILLED
    without = ("attention_mask", "token_type_ids") if filled else ()
    how: dict[str, Any] = {"padding": "max_length" if filled else True}
    room = min(room_of(processor.tokenizer, config.text_config), _LENGTH if config.model_type == "siglip2" else 1 << 20)
    # SigLIP 2 was trained on small letters (Tschannen et al., 2025, arXiv:2502.14786), but its folders name a tokenizer that keeps capitals
    small = filled and type(processor.tokenizer).__name__.startswith("Gemma")

    def reads(texts: Sequence[str]) -> Tensor:
        said = [text.lower() if small else text for text in texts]
        made = processor(text=said, return_tensors="pt", truncation=True, max_length=room, **how)
        return _pooled(model.get_text_features(**read_as(made, place, without)))

    def sees(given: Inputs) -> Tensor:
        return _pooled(model.get_image_features(**given))

    return Vectors(place, Seeing(partial(pixels_of, processor), sees), reads, place.commit)


def blip(place: Place, model: Any, processor: Any) -> Vectors:
    """The two towers of a BLIP for retrieval, before its matching head."""
    room = room_of(processor.tokenizer, model.config.text_config)

    def reads(texts: Sequence[str]) -> Tensor:
        made = processor(text=list(texts), return_tensors="pt", padding=True, truncation=True, max_length=room)
        return model.text_proj(model.text_encoder(**read_as(made, place)).last_hidden_state[:, 0])

    def sees(given: Inputs) -> Tensor:
        return model.vision_proj(model.vision_model(**given).last_hidden_state[:, 0])

    return Vectors(place, Seeing(partial(pixels_of, processor), sees), reads, place.commit)


def _tower(place: Place) -> Vectors:
    """A tower that sees pictures alone, such as DINOv2 or ViT: what stands at its first place, for the whole picture."""
    model, processor = model_of(place, AutoModel, may_lack=("pooler",)), processor_of(place, AutoImageProcessor)

    def sees(given: Inputs) -> Tensor:
        return model(**given).last_hidden_state[:, 0]

    return Vectors(place, Seeing(partial(pixels_of, processor), sees), None, place.commit)


def _reads(config: Any) -> bool:
    """Does it read texts, see nothing, and give a vector for each token?"""
    other = hasattr(config, "patch_size") or hasattr(config, "vision_config") or getattr(config, "is_encoder_decoder", False)
    return bool(getattr(config, "vocab_size", 0)) and not other


def _pooled(found: Any) -> Tensor:
    # transformers 5 wraps the vectors
    return found if isinstance(found, Tensor) else found.pooler_output


def _no_embedder(place: Place, config: Any) -> AddressError:
    known = ", ".join(DUALS)
    return AddressError(
        f"{place.said} is of type {config.model_type}, which gives no vectors here: name one of {known}, a {BLIP_RETRIEVAL}, "
        f"a tower of pictures ({', '.join(TOWERS)}), or a sentence encoder"
    )
