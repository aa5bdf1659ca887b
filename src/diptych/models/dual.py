"""Two towers of whatever make: ours, CLIP's and SigLIP's, asked for vectors in one way."""

# B pictures or texts, D width

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


def picture_vectors(model: Any, tensors: Mapping[str, Tensor]) -> Tensor:
    """(B, D), not normalised, from `pixel_values` or, where the model reads a frozen tower, from its cached `tokens`."""
    given = {"tokens": tensors["tokens"]} if "tokens" in tensors else {"pixel_values": tensors["pixel_values"]}
    return _pooled(model.get_image_features(**given))


def text_vectors(model: Any, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
    """(B, D), not normalised."""
    return _pooled(model.get_text_features(input_ids=ids_BT, attention_mask=mask_BT))


def scale_of(model: Any, most: float = 100.0) -> Tensor:
    """What cosines are multiplied by: exp of the learnt `logit_scale`, at most `most`."""
    return model.logit_scale.exp().clamp(max=most)


def _pooled(found: Any) -> Tensor:
    # transformers 5 wraps the vectors of CLIP and SigLIP
    return found if isinstance(found, torch.Tensor) else found.pooler_output
