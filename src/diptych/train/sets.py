"""Which things lie at which token: what a captioner that tells of a set learns."""

# B pictures, K things at most, M tokens

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from diptych.train.regions import heat


@dataclass(frozen=True, slots=True)
class Sets:
    """Cross-entropy of there being a thing's middle at a token, and of its labels; columns `tokens`, `boxes`, `labels` as for regions."""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """Two terms."""
        boxes_BK4, labels_BK4 = tensors["boxes"].float(), tensors["labels"].long()
        there, *slots = torch.split(model(tensors["tokens"]).float(), model.sizes, -1)
        heat_BM, nearest_BM = heat(boxes_BK4, labels_BK4[..., 0] >= 0, round(there.shape[1] ** 0.5), 0.7)
        batch, place = torch.nonzero(heat_BM == 1, as_tuple=True)
        labels = labels_BK4[batch, nearest_BM[batch, place]]
        count = max(1, len(labels))  # of a batch without things nothing is learnt
        terms = [cross_entropy(slot[batch, place], labels[:, n], reduction="sum") / count for n, slot in enumerate(slots)]
        return {"there": binary_cross_entropy_with_logits(there[..., 0], (heat_BM == 1).float()), "labels": torch.stack(terms).sum()}
