"""The objective of the nano matcher: a picture's own caption among all others, and among captions of it that say something false."""

# B pictures, T words, D width

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize, pad

from diptych.models.dual import picture_vectors, scale_of, text_vectors


@dataclass(frozen=True, slots=True)
class WithFalse:
    """InfoNCE both ways (Radford et al., 2021, arXiv:2103.00020) over B pictures, B + F texts.

    `wrong_ids` (B, T) are false captions of the pictures, without words where there is none; F have one. A text that says what a picture's
    own says, word for word, and another true text of the same row are no wrong answers.
    """

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """Picture to text, text to picture, and the picture's own caption against its own false one."""
        has_F = torch.nonzero((tensors["wrong_ids"][:, 2:] != 0).any(-1))[:, 0]  # anything between begin and end
        ids, count = _stacked(tensors["text_ids"], tensors["wrong_ids"][has_F]), len(tensors["text_ids"])
        picture_BD = normalize(picture_vectors(model, tensors).float(), dim=-1)
        text_TD = normalize(text_vectors(model, ids, ids != 0).float(), dim=-1)
        logits_BT = scale_of(model) * picture_BD @ text_TD.T
        own = torch.arange(count, device=ids.device)
        same_BT = (ids[:count, None] == ids[None]).all(-1)
        same_BT[:, :count] |= tensors["rows"][:, None] == tensors["rows"]
        same_BT[own, own] = False
        logits_BT = logits_BT.masked_fill(same_BT, float("-inf"))
        pair_F2 = torch.stack([logits_BT[has_F, has_F], logits_BT[has_F, count + torch.arange(len(has_F), device=ids.device)]], 1)
        terms = {"picture": cross_entropy(logits_BT, own), "text": cross_entropy(logits_BT[:, :count].T, own)}
        return terms | ({"own": cross_entropy(pair_F2, pair_F2.new_zeros(len(pair_F2), dtype=torch.long))} if len(pair_F2) else {})


def _stacked(one_BT: Tensor, other_BT: Tensor) -> Tensor:
    longest = max(one_BT.shape[1], other_BT.shape[1])
    return torch.cat([pad(ids, (0, longest - ids.shape[1])) for ids in (one_BT, other_BT)])
