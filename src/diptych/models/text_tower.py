"""A small transformer that reads a text both ways and gives its vector at the first token."""

# B texts, T tokens, W width

import torch
from torch import Tensor, nn


class TextTower(nn.Module):
    """Ids and mask (B, T) to vectors (B, W)."""

    def __init__(self, vocabulary: int, width: int = 128, blocks: int = 2, heads: int = 4, length: int = 64):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.randn(length, width) * 0.02)
        block = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, blocks, nn.LayerNorm(width), enable_nested_tensor=False)

    def forward(self, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """The vector at the first token, which sees all others."""
        found_BTW = self.words(ids_BT) + self.places[: ids_BT.shape[1]]
        return self.blocks(found_BTW, src_key_padding_mask=mask_BT == 0)[:, 0]
