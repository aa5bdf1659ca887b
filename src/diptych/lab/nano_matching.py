"""The objective of the nano matcher: a picture's own caption among all others, and among captions of it that say something false."""

# B pictures, T words, D width

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from diptych.models.dual import picture_vectors, scale_of, text_vectors


@dataclass(frozen=True, slots=True)
class WithFalse:
    """InfoNCE both ways (Radford et al., 2021, arXiv:2103.00020), with false captions as further texts (`wrong_ids`; none where empty).

    A text that says what a picture's own says, word for word, is no wrong answer.
    """

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """Picture to text, text to picture, and the picture's own caption against its own false one."""
        right, wrong = tensors["text_ids"], tensors["wrong_ids"]
        ids = torch.cat([right, wrong])
        picture_BD = normalize(picture_vectors(model, tensors).float(), dim=-1)
        text_2BD = normalize(text_vectors(model, ids, ids != 0).float(), dim=-1)
        logits_B2B = scale_of(model) * picture_BD @ text_2BD.T
        count = len(right)
        own = torch.arange(count, device=ids.device)
        same_B2B = (right[:, None] == ids[None]).all(-1)
        same_B2B[own, own] = False
        empty_2B = (ids[:, 2:] == 0).all(-1)  # nothing between begin and end
        logits_B2B = logits_B2B.masked_fill(same_B2B | empty_2B[None], float("-inf"))
        back_BB = logits_B2B[:, :count].T
        pair_B2 = torch.stack([logits_B2B[own, own], logits_B2B[own, own + count]], 1)[~empty_2B[count:]]
        terms = {"picture": cross_entropy(logits_B2B, own), "text": cross_entropy(back_BB, own)}
        return terms | ({"own": cross_entropy(pair_B2, pair_B2.new_zeros(len(pair_B2), dtype=torch.long))} if len(pair_B2) else {})
