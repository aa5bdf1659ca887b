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

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, tuple[Tensor, Tensor]]:
        ids_BT = tensors["text_ids"]
        given = hidden(model, tensors, self.drop, (self.seed, update))
        loss_BT = word_losses(model(ids_BT[:, :-1], **given), ids_BT[:, 1:], self.smoothing)
        weight_BT = self._weights(tensors)
        return {"caption": ((loss_BT * weight_BT).sum(), weight_BT.sum())}

    def counts(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """How many words the mean is over; a caption of weight w counts as w captions."""
        return {"caption": self._weights(tensors).sum()}

    def _weights(self, tensors: Mapping[str, Tensor]) -> Tensor:
        weight_BT = tensors["text_mask"][:, 1:].float()
        return weight_BT * tensors[self.weights].float()[:, None] if self.weights else weight_BT


def word_losses(logits_BTV: Tensor, ids_BT: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy (B, T) of each word; `smoothing` is the share of the target that is spread over all words."""
    return F.cross_entropy(logits_BTV.float().transpose(1, 2), ids_BT, reduction="none", label_smoothing=smoothing)
