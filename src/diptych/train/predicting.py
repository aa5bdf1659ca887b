"""From the picture's vector to its caption, as a bag of words or word by word: what contrastive learning is set against."""

# B pictures, T words, V words known, D width

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from diptych.models.dual import picture_vectors
from diptych.train.captioning import word_losses


@dataclass(frozen=True, slots=True)
class BagOfWords:
    """Binary cross-entropy of each word of the vocabulary, summed over words, mean over pictures (Joulin et al., 2016, arXiv:1511.02251).

    A word's logit is <picture, word>, both vectors of our dual encoder, the picture's brought to length sqrt(D), as a layer norm would;
    words before `first`, the special ones, are left out.
    """

    first: int = 5

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """One term, `words`."""
        logits_BV = word_logits(model, tensors)
        said_BV = F.one_hot(tensors["text_ids"], logits_BV.shape[1]).amax(1)
        loss_BV = F.binary_cross_entropy_with_logits(logits_BV, said_BV.to(logits_BV.dtype), reduction="none")
        return {"words": loss_BV[:, self.first :].sum(1).mean()}


def word_logits(model: Any, tensors: Mapping[str, Tensor]) -> Tensor:
    """(B, V)."""
    picture_BD = F.normalize(picture_vectors(model, tensors).float(), dim=-1)
    return picture_BD @ model.word_vectors().float().T * math.sqrt(picture_BD.shape[1])


@dataclass(frozen=True, slots=True)
class WordByWord:
    """Mean over words of -log p(word | words before, picture's vector); the model has an `encoder` and a `captioner` that sees that."""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, tuple[Tensor, Tensor]]:
        """One term, `caption`."""
        ids_BT, said_BT = tensors["text_ids"], tensors["text_mask"][:, 1:].float()
        memory_B1D = picture_vectors(model["encoder"], tensors)[:, None]
        loss_BT = word_losses(model["captioner"](ids_BT[:, :-1], memory=memory_B1D), ids_BT[:, 1:])
        return {"caption": ((loss_BT * said_BT).sum(), said_BT.sum())}
