"""Two towers into one space: a conv tower whose tokens are flattened, so that place and number survive, and a text transformer."""

# B pictures or texts, M tokens of the image tower, C their width, D width of the common space

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu
from transformers import PretrainedConfig, PreTrainedModel

from diptych.data.errors import InputError
from diptych.models.conv_tower import ConvTower, ConvTowerConfig
from diptych.models.text_tower import TextTower


class DualEncoderConfig(PretrainedConfig):
    """`tower` is the image tower's configuration; with `reads_tokens` there is none and pictures come as its cached tokens.

    `pool` "flatten" keeps where each token was; "mean" averages what is read from each, which tells how many there are of a kind from a
    few thousand pictures, where the other needs to see every number in every place.
    """

    model_type = "diptych_dual_encoder"

    def __init__(
        self,
        *,
        tower: dict[str, Any] | None = None,
        vocabulary: int = 512,
        width: int = 128,
        blocks: int = 2,
        length: int = 64,
        dimension: int = 128,
        squeeze: int = 16,
        scale: float = 1 / 0.07,
        bias: float | None = None,
        reads_tokens: bool = False,
        pool: Literal["flatten", "mean"] = "flatten",
        **kwargs: Any,
    ):
        self.tower = tower or {}
        self.vocabulary, self.width, self.blocks, self.length = vocabulary, width, blocks, length
        self.dimension, self.squeeze, self.scale, self.bias = dimension, squeeze, scale, bias
        self.reads_tokens, self.pool = reads_tokens, pool
        super().__init__(**kwargs)


class DualEncoder(PreTrainedModel):
    """`get_image_features` and `get_text_features` give (B, D), not normalised; the names are those of CLIP in transformers."""

    config_class = DualEncoderConfig

    def __init__(self, config: DualEncoderConfig):
        super().__init__(config)
        tower = ConvTowerConfig(**config.tower)
        self.tower = None if config.reads_tokens else ConvTower(tower)
        channels, places = tower.channels[-1], tower.grid**2
        self.squeeze = nn.Linear(channels, config.squeeze)
        inner = config.squeeze * (places if config.pool == "flatten" else 1)
        self.head = nn.Sequential(nn.LayerNorm(inner), nn.Linear(inner, 256), nn.GELU(), nn.Linear(256, config.dimension))
        self.text = TextTower(config.vocabulary, config.width, config.blocks, length=config.length)
        self.text_head = nn.Linear(config.width, config.dimension)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(config.scale)))
        self.logit_bias = None if config.bias is None else nn.Parameter(torch.tensor(config.bias))
        self.post_init()

    def get_image_features(self, pixel_values: Tensor | None = None, tokens: Tensor | None = None) -> Tensor:
        """(B, D) from pixels (B, 3, S, S), or from tokens (B, M, C) of the tower."""
        if tokens is None:
            if self.tower is None:
                raise InputError("this encoder reads the tokens of a tower that it does not hold: give tokens, not pixels")
            tokens = self.tower(pixel_values)
        read_BMS = self.squeeze(tokens.to(self.squeeze.weight.dtype))
        return self.head(read_BMS.flatten(1) if self.config.pool == "flatten" else gelu(read_BMS).mean(dim=1))

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, D) from ids (B, T)."""
        return self.text_head(self.text(input_ids, attention_mask))

    def word_vectors(self) -> Tensor:
        """(V, D): each word alone, without place or neighbours."""
        return self.text_head(self.text.words.weight)
