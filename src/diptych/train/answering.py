"""Answering: the cross-entropy of the true answer."""

# B questions, A answers

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn.functional import cross_entropy


@dataclass(frozen=True, slots=True)
class Answering:
    """Questions `text_ids` and `text_mask` about `tokens`, with the number of the true answer in `answer`."""

    smoothing: float = 0.0

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """One term."""
        logits_BA = model(tensors["text_ids"], tensors["text_mask"], tensors["tokens"])
        return {"answer": cross_entropy(logits_BA.float(), tensors["answer"].long(), label_smoothing=self.smoothing)}
