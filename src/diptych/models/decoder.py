"""A causal transformer over prefix vectors and words, which may look at a memory."""

# R rows, P prefixes, T words, L = P + T places, B pictures, M places of the memory, W width, H heads, D width of a head, V words known

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diptych.data.errors import InputError
from diptych.models.kv_cache import Cache


class Decoder(nn.Module):
    """Ids (R, T) to logits (R, T, V) of the word after each. Prefixes stand before the first word and have no place of their own.

    `looks` adds attention to a memory (B, M, W); where B < R every picture has R / B rows, which stand together.
    """

    def __init__(self, vocabulary: int, width: int = 128, *, blocks: int = 2, heads: int = 4, length: int = 64, looks: bool = True):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.randn(length, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, looks) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary)

    def forward(
        self, ids_RT: Tensor, memory_BMW: Tensor | None = None, prefix_RPW: Tensor | None = None, cache: Cache | None = None
    ) -> Tensor:  # fmt: skip
        """With a cache, ids are those after what it holds; memory and prefixes are needed at its first call only.

        Raises InputError for a text longer than the places there are.
        """
        first, words = cache.words if cache else 0, ids_RT.shape[1]
        if first + words > len(self.places):
            raise InputError(
                f"a text may have at most {len(self.places)} words, got {first + words}: shorten it, decode with a smaller `most`, or give "
                "the model a greater `length`"
            )
        x_RLW = self.words(ids_RT) + self.places[first : first + words]
        if prefix_RPW is not None:
            x_RLW = torch.cat([prefix_RPW.to(x_RLW.dtype), x_RLW], 1)
        for layer, block in enumerate(self.blocks):
            x_RLW = block(x_RLW, memory_BMW, cache, layer)
        if cache is not None:
            cache.advance(words, x_RLW.shape[1] - words)
        return self.head(self.norm(x_RLW[:, x_RLW.shape[1] - words :]))


class Block(nn.Module):
    """Attention to what came before, attention to the memory, two layers; each added to what it reads."""

    def __init__(self, width: int, heads: int, looks: bool):
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.reads = nn.Linear(width, 3 * width)
        self.read = nn.Linear(width, width)
        self.looks = looks
        if looks:
            self.about = nn.LayerNorm(width)
            self.asks = nn.Linear(width, width)
            self.shows = nn.Linear(width, 2 * width)
            self.seen = nn.Linear(width, width)
        self.thinks = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x_RLW: Tensor, memory_BMW: Tensor | None, cache: Cache | None, layer: int) -> Tensor:
        """(R, L, W) to (R, L, W)."""
        x_RLW = x_RLW + self._read(self.before(x_RLW), cache, layer)
        if self.looks:
            x_RLW = x_RLW + self._look(self.about(x_RLW), memory_BMW, cache, layer)
        return x_RLW + self.thinks(x_RLW)

    def _read(self, x_RLW: Tensor, cache: Cache | None, layer: int) -> Tensor:
        rows, places, width = x_RLW.shape
        all_3RHLD = self.reads(x_RLW).view(rows, places, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        asked, past = all_3RHLD[0], 0 if cache is None else cache.length
        keys, values = all_3RHLD[1:] if cache is None else cache.put(layer, all_3RHLD[1:])
        hidden = None
        if past and places > 1:
            hidden = torch.ones(places, past + places, dtype=torch.bool, device=x_RLW.device).tril(past)
        found = F.scaled_dot_product_attention(asked, keys, values, attn_mask=hidden, is_causal=past == 0 and places > 1)
        return self.read(found.transpose(1, 2).reshape(rows, places, width))

    def _look(self, x_RLW: Tensor, memory_BMW: Tensor | None, cache: Cache | None, layer: int) -> Tensor:
        if cache is not None and len(cache.memory) > layer:
            shown = cache.memory[layer]
        else:
            shown = self._heads(self.shows(memory_BMW), 2).contiguous()
            if cache is not None:
                cache.memory.append(shown)
        # rows of one picture are so many more places that ask of one memory
        asked = self._heads(self.asks(x_RLW).view(shown.shape[1], -1, x_RLW.shape[2]), 1)[0]
        found = F.scaled_dot_product_attention(asked, shown[0], shown[1])
        return self.seen(found.transpose(1, 2).reshape(x_RLW.shape))

    def _heads(self, x_BMS: Tensor, parts: int) -> Tensor:
        return x_BMS.view(*x_BMS.shape[:2], parts, self.heads, -1).permute(2, 0, 3, 1, 4)
