"""Contrastive objective: vectors of pictures and texts, their affinity, and which pairs belong together."""

# N pairs, D width

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from diptych.models.dual import picture_vectors, scale_of, text_vectors


@dataclass(frozen=True, slots=True)
class Contrastive:
    """Symmetric InfoNCE over the batch with a learnt scale (Radford et al., 2021, arXiv:2103.00020)."""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        image_ND = F.normalize(picture_vectors(model, tensors), dim=-1)
        text_ND = F.normalize(text_vectors(model, tensors["text_ids"], tensors["text_mask"]), dim=-1)
        logits_NN = scale_of(model) * image_ND @ text_ND.T
        target_N = torch.arange(len(logits_NN), device=logits_NN.device)
        return {"contrastive": (F.cross_entropy(logits_NN, target_N) + F.cross_entropy(logits_NN.T, target_N)) / 2}
