"""Vectors from a grid of tokens: of the whole picture, of a mask, of a box, of a set of points, or of what a text speaks of."""

# B pictures, M tokens of a grid of G x G row by row, R regions, D width

import torch
from torch import Tensor


def pooled(tokens_BMD: Tensor, weight_BRM: Tensor) -> Tensor:
    """(B, R, D): means weighed by weights of 0 or more; 0 where all weights are. Masks and sets of points are weights of 0 and 1."""
    total_BR1 = weight_BRM.sum(-1, keepdim=True)
    return weight_BRM.to(tokens_BMD.dtype) @ tokens_BMD / total_BR1.clamp(min=1e-12).to(tokens_BMD.dtype)


def whole(tokens_BMD: Tensor) -> Tensor:
    """(B, D): the mean."""
    return tokens_BMD.mean(1)


def box_weights(box_BR4: Tensor, grid: int) -> Tensor:
    """(B, R, G * G): the share of each cell that lies in the box (left, top, right, bottom, fractions of the sides)."""
    edges_G = torch.arange(grid, device=box_BR4.device, dtype=box_BR4.dtype) / grid
    sides = [
        (torch.minimum(box_BR4[..., high, None], edges_G + 1 / grid) - torch.maximum(box_BR4[..., low, None], edges_G)).clamp(min=0) * grid
        for low, high in ((0, 2), (1, 3))
    ]
    return (sides[1][..., :, None] * sides[0][..., None, :]).flatten(-2)


def text_weights(tokens_BMD: Tensor, text_BRD: Tensor, least: float | None = None) -> Tensor:
    """(B, R, M): what a text speaks of. Its inner products with the tokens are brought to [0, 1] over the picture, those below `least`
    (None: 1 / M) count as 0, and the rest sum to 1 (DreamLIP: Zheng et al., 2024, arXiv:2403.17007, eq. 5 to 7)."""
    found_BRM = text_BRD @ tokens_BMD.transpose(1, 2)
    low, high = found_BRM.amin(-1, keepdim=True), found_BRM.amax(-1, keepdim=True)
    share_BRM = (found_BRM - low) / (high - low).clamp(min=1e-12)
    kept_BRM = share_BRM.masked_fill(share_BRM < (1 / found_BRM.shape[-1] if least is None else least), 0)
    return kept_BRM / kept_BRM.sum(-1, keepdim=True).clamp(min=1e-12)
