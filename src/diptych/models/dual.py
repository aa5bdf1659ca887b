"""Two towers of whatever make: ours, CLIP's and SigLIP's, asked for vectors in one way."""

# B pictures or texts, D width

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def picture_vectors(model: Any, tensors: Mapping[str, Tensor]) -> Tensor:
    """(B, D), not normalised, from `pixel_values` or, where the model reads a frozen tower, from its cached `tokens`."""
    given = {"tokens": tensors["tokens"]} if "tokens" in tensors else {"pixel_values": tensors["pixel_values"]}
    return _pooled(model.get_image_features(**given))


def text_vectors(model: Any, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
    """(B, D), not normalised."""
    if not _kind(model).startswith("siglip"):
        return _pooled(model.get_text_features(input_ids=ids_BT, attention_mask=mask_BT))
    # SigLIP was trained on texts padded to one length and reads the padding too: its vector is that of the last place
    config = model.config.text_config
    room = config.max_position_embeddings - ids_BT.shape[1]
    return _pooled(model.get_text_features(input_ids=F.pad(ids_BT, (0, room), value=config.pad_token_id or 0)))


def scale_of(model: Any, most: float = 100.0) -> Tensor:
    """What cosines are multiplied by: exp of the learnt `logit_scale`, at most `most`."""
    return model.logit_scale.exp().clamp(max=most).reshape(())


def hold_scale(model: Any, most: float = 100.0) -> None:
    """Takes the learnt scale back to `most` where it has passed it; a clamp in the graph alone would leave it there without gradient."""
    with torch.no_grad():
        model.logit_scale.clamp_(max=math.log(most))


def bias_of(model: Any) -> Tensor | None:
    """What is added to the scaled cosines, where the model has it."""
    bias = getattr(model, "logit_bias", None)
    return None if bias is None else bias.reshape(())


def _kind(model: Any) -> str:
    return str(getattr(getattr(model, "config", None), "model_type", ""))


def _pooled(found: Any) -> Tensor:
    # transformers 5 wraps the vectors of CLIP and SigLIP
    return found if isinstance(found, torch.Tensor) else found.pooler_output
