"""A small dual encoder that learns from a few hundred pairs: the strongest of local features on one side, a bag of words on the other.

It sees what there is and hears which words are said, not who stands where nor in which order. What keeps position and order
(`dual_encoder.py`) needs ten times as many pairs before it tells scenes apart that it has not seen.
"""

# B pictures or texts, M tokens of the image tower, C their width, D width of the common space, T words

import math
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from diptych.models.conv_tower import ConvTower, ConvTowerConfig


class BagEncoderConfig(PretrainedConfig):
    """`tower` is the image tower's configuration. `sharpness` is of the maximum over places: 0 would be their mean."""

    model_type = "diptych_bag_encoder"

    def __init__(
        self,
        tower: dict[str, Any] | None = None,
        *,
        vocabulary: int = 512,
        dimension: int = 128,
        hidden: int = 128,
        sharpness: float = 4.0,
        dropout: float = 0.1,
        length: int = 64,
        scale: float = 1 / 0.07,
        **kwargs: Any,
    ):
        self.tower = tower or {}
        self.vocabulary, self.dimension, self.hidden = vocabulary, dimension, hidden
        self.sharpness, self.dropout, self.length, self.scale = sharpness, dropout, length, scale
        super().__init__(**kwargs)


class BagEncoder(PreTrainedModel):
    """`get_image_features` and `get_text_features` give (B, D), not normalised; the names are those of CLIP in transformers."""

    config_class = BagEncoderConfig
    heads = ("local", "words", "text_head", "logit_scale")  # all but the tower

    def __init__(self, config: BagEncoderConfig):
        super().__init__(config)
        tower = ConvTowerConfig(**config.tower)
        self.tower = ConvTower(tower)
        channels = tower.channels[-1]
        self.local = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, config.hidden), nn.GELU(),
            nn.Linear(config.hidden, config.dimension),
        )  # fmt: skip
        self.drop = nn.Dropout(config.dropout)
        self.words = nn.Embedding(config.vocabulary, config.hidden)
        self.text_head = nn.Linear(config.hidden, config.dimension)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(config.scale)))
        self.post_init()

    def get_image_features(self, pixel_values: Tensor | None = None, tokens: Tensor | None = None) -> Tensor:
        """(B, D) from pixels (B, 3, S, S), or from tokens (B, M, C) of the same tower."""
        tokens_BMC = self.tower(pixel_values) if tokens is None else tokens
        found_BMC = tokens_BMC.to(self.text_head.weight.dtype)
        # one mask for all places of a picture: a feature is there or is not
        local_BMD = self.local(found_BMC * self.drop(torch.ones_like(found_BMC[:, :1])))
        sharp = self.config.sharpness
        return torch.logsumexp(sharp * local_BMD, 1) / sharp

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, D) from ids (B, T): the words' sum over the root of their number."""
        mask_BT1 = attention_mask[..., None].to(self.words.weight.dtype)
        return self.text_head((self.words(input_ids) * mask_BT1).sum(1) / mask_BT1.sum(1).clamp(min=1).sqrt())
