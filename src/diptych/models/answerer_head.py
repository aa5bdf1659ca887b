"""The answerer's one learnt part: which relations hold between two things, from what a region model tells of each."""

# P pairs, K things of a picture, F numbers that tell of a thing as `region_boxes.table` has them

from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

PREDICATES = ("left of", "in front of", "above", "on", "next to")  # the others are these turned round


class RelationConfig(PretrainedConfig):
    """Numbers that tell of a thing, the first of which (its score) is left out, and the width within."""

    model_type = "diptych_relation"

    def __init__(self, *, channels: int = 58, width: int = 128, **kwargs: Any):
        self.channels, self.width = channels, width
        super().__init__(**{"initializer_range": 0.1, **kwargs})


class RelationModel(PreTrainedModel):
    """Things (..., F) and others (..., F) to logits (..., 5) of `PREDICATES`."""

    config_class = RelationConfig

    def __init__(self, config: RelationConfig):
        super().__init__(config)
        told = 2 * (config.channels - 1) + 8
        self.layers = nn.Sequential(
            nn.Linear(told, config.width), nn.GELU(), nn.Linear(config.width, config.width), nn.GELU(),
            nn.Linear(config.width, len(PREDICATES)),
        )  # fmt: skip
        self.post_init()

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """Logits. Places are told once more as differences in units of the things' sides, which is what relations hang on."""
        one, other = torch.broadcast_tensors(one, other)  # type: ignore[no-untyped-call]
        middle, sides = other[..., 1:3] - one[..., 1:3], (one[..., 3:5] + other[..., 3:5]) / 2
        foot = (other[..., 2] + other[..., 4] / 2 - one[..., 2] - one[..., 4] / 2)[..., None]
        top = (other[..., 2] - other[..., 4] / 2 - one[..., 2] + one[..., 4] / 2)[..., None]
        apart = torch.cat([10 * middle, middle / sides.clamp(min=1e-3), 10 * foot, 10 * top, 10 * (other[..., 3:5] - one[..., 3:5])], -1)
        return self.layers(torch.cat([one[..., 1:], other[..., 1:], apart], -1))
