"""Two towers into one space: things that a region model found, as a set, and the runs of one, two and three words of a text.

Vectors of hashed word runs: Bojanowski et al., 2017, arXiv:1607.04606. Such a text tower has no attention and learns in half
a minute on one core.
"""

# B pictures or texts, T words, M things, C numbers of each, D width of the common space

import math
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

_PRIMES = (1_000_003, 31_337, 7_919, 104_729)


class ThingsEncoderConfig(PretrainedConfig):
    """Numbers that tell of a thing, slots that runs of words are hashed to, widths of the towers and of the common space, first scale."""

    model_type = "diptych_things_encoder"

    def __init__(
        self,
        *,
        channels: int = 58,
        slots: int = 1 << 14,
        width: int = 128,
        length: int = 96,
        dimension: int = 128,
        scale: float = 20.0,
        **kwargs: Any,
    ):
        self.channels, self.slots, self.width, self.length = channels, slots, width, length
        self.dimension, self.scale = dimension, scale
        super().__init__(**kwargs)


class ThingsEncoder(PreTrainedModel):
    """`get_image_features` and `get_text_features` give (B, D), not normalised; each thing has its say, and what they say is summed."""

    config_class = ThingsEncoderConfig

    def __init__(self, config: ThingsEncoderConfig):
        super().__init__(config)
        wide = 2 * config.width
        self.thing = nn.Sequential(nn.Linear(config.channels, wide), nn.GELU(), nn.Linear(wide, wide))
        self.head = nn.Sequential(nn.LayerNorm(wide), nn.Linear(wide, wide), nn.GELU(), nn.Linear(wide, config.dimension))
        self.runs = nn.Embedding(config.slots, config.width)
        self.text_head = nn.Sequential(
            nn.LayerNorm(config.width), nn.Linear(config.width, wide), nn.GELU(), nn.Linear(wide, config.dimension)
        )
        self.logit_scale = nn.Parameter(torch.tensor(math.log(config.scale)))
        self.post_init()

    def get_image_features(self, tokens: Tensor) -> Tensor:
        """(B, D) from things (B, M, C), of which the first number says how surely each is there."""
        told = self.thing(tokens.to(self.logit_scale.dtype)) * tokens[..., :1]
        return self.head(told.sum(1))

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, D) from ids (B, T)."""
        slots_BR, real_BR = self.hashed(input_ids, attention_mask)
        return self.text_head((self.runs(slots_BR) * real_BR[..., None]).sum(1))

    def hashed(self, ids_BT: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Slots of all runs of one to three words, and whether each is one (1 or 0)."""
        real_BT = mask_BT.to(self.logit_scale.dtype)
        slots, real = [ids_BT % self.config.slots], [real_BT]
        for length in (2, 3):
            run = sum(ids_BT[:, n : ids_BT.shape[1] - length + 1 + n] * _PRIMES[n] for n in range(length))
            slots.append((run * _PRIMES[length] + length) % self.config.slots)
            real.append(real_BT[:, length - 1 :])
        return torch.cat(slots, 1), torch.cat(real, 1)
