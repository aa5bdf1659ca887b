"""Captioning: the cross-entropy of each word given those before it, the picture and the conditions."""

# B captions, T words, V words known

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from diptych.train.conditions import hidden


@dataclass(frozen=True, slots=True)
class Captioning:
    """Mean over words of -log p(word | words before, picture, conditions), the ending word included.

    Conditions are the tensors of the batch that bear the names the captioner knows. `drop` is the share of captions for which a
    condition is hidden, by name; "picture" is the picture itself (`drop={"picture": .5}` is what guidance needs). `weights` names a
    tensor (B,) by which captions weigh; `smoothing` is of labels. What is hidden hangs on (`seed`, update, row).
    """

    drop: Mapping[str, float] = field(default_factory=dict)
    weights: str = ""
    smoothing: float = 0.0
    seed: int = 0

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        ids_BT, mask_BT = tensors["text_ids"], tensors["text_mask"]
        given = hidden(model, tensors, self.drop, (self.seed, update))
        logits_BTV = model(ids_BT[:, :-1], **given)
        weight_B = tensors[self.weights] if self.weights else None
        return {"caption": word_loss(logits_BTV, ids_BT[:, 1:], mask_BT[:, 1:], weight_B, self.smoothing)}


def word_loss(logits_BTV: Tensor, ids_BT: Tensor, mask_BT: Tensor, weight_B: Tensor | None = None, smoothing: float = 0.0) -> Tensor:
    """Mean cross-entropy over words that the mask counts; a caption of weight w counts as w captions."""
    each_BT = F.cross_entropy(logits_BTV.float().transpose(1, 2), ids_BT, reduction="none", label_smoothing=smoothing)
    weight_BT = mask_BT.to(each_BT.dtype)
    if weight_B is not None:
        weight_BT = weight_BT * weight_B.to(each_BT.dtype)[:, None]
    return (each_BT * weight_BT).sum() / weight_BT.sum().clamp(min=1e-9)
