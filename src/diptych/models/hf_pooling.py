"""Vectors of a text's tokens to one vector, in the ways of sentence-transformers (Reimers and Gurevych, 2019, arXiv:1908.10084)."""

# B texts, T tokens, D width

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Pool = Callable[[Tensor, Tensor], Tensor]  # (B, T, D) and the mask (B, T) -> (B, D)


def _mean(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    return _sum(tokens_BTD, mask_BT) / mask_BT.sum(1, keepdim=True).clamp(min=1)


def _root(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    return _sum(tokens_BTD, mask_BT) / mask_BT.sum(1, keepdim=True).clamp(min=1).sqrt()


def _weighted(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    """Each token weighs its place among those that are read, so that padding on either side changes nothing."""
    return _mean(tokens_BTD, mask_BT * mask_BT.cumsum(1))


def _sum(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    return (tokens_BTD * mask_BT[..., None]).sum(1)


def _most(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    return tokens_BTD.masked_fill(mask_BT[..., None] == 0, float("-inf")).amax(1)


def _first(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    return _at(tokens_BTD, mask_BT.argmax(1))


def _last(tokens_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    return _at(tokens_BTD, mask_BT.shape[1] - 1 - mask_BT.flip(1).argmax(1))


def _at(tokens_BTD: Tensor, place_B: Tensor) -> Tensor:
    return tokens_BTD[torch.arange(len(tokens_BTD), device=place_B.device), place_B]


# in the order in which several of them stand side by side
POOLS: Mapping[str, Pool] = {
    "cls": _first,
    "max": _most,
    "mean": _mean,
    "mean_sqrt_len_tokens": _root,
    "weightedmean": _weighted,
    "lasttoken": _last,
}
# as 1_Pooling/config.json switches them on
KEYS: Mapping[str, str] = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
