"""A small convolutional image tower that keeps position and count: pixels to a grid of tokens."""

# B pictures, S side in pixels, G side of the grid, C width

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel


class ConvTowerConfig(PretrainedConfig):
    """Side in pixels; channels and residual blocks of each scale. The first scale has half the side, every further one half of the last."""

    model_type = "diptych_conv_tower"

    def __init__(self, size: int = 64, channels: Sequence[int] = (32, 64, 128), blocks: Sequence[int] = (1, 1, 1), **kwargs: Any):
        self.size = size
        self.channels = list(channels)
        self.blocks = list(blocks)
        super().__init__(**kwargs)

    @property
    def grid(self) -> int:
        """Tokens along one side."""
        return self.size >> len(self.channels)


class ConvTower(PreTrainedModel):
    """Pixels (B, 3, S, S) to tokens (B, G * G, C), row by row, each of mean 0 and variance 1 before a learnt scale."""

    config_class = ConvTowerConfig
    main_input_name = "pixel_values"

    def __init__(self, config: ConvTowerConfig):
        super().__init__(config)
        self.stem = nn.PixelUnshuffle(2)
        widths = [12, *config.channels]
        scales = zip(widths, config.channels, config.blocks, strict=False)
        self.scales = nn.ModuleList(Scale(a, b, blocks, 1 if n == 0 else 2) for n, (a, b, blocks) in enumerate(scales))
        # perspective makes size depend on place, which a convolution alone sees near the edges only
        self.places = nn.Parameter(torch.zeros(config.channels[-1], config.grid, config.grid))
        self.norm = nn.LayerNorm(config.channels[-1])
        self.post_init()

    def forward(self, pixel_values: Tensor) -> Tensor:
        """The tokens."""
        found = self.stem(pixel_values)
        for scale in self.scales[:-1]:
            found = scale(found)
        last: Any = self.scales[-1]
        found = last.blocks(last.down(found) + self.places)
        return self.norm(found.flatten(2).transpose(1, 2))


class Scale(nn.Module):
    """A convolution that may halve the side, and residual ones."""

    def __init__(self, before: int, after: int, blocks: int, stride: int):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1), nn.GroupNorm(8, after), nn.GELU())
        self.blocks = nn.Sequential(*(Residual(after) for _ in range(blocks)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, S, S) to (B, after, S / stride, S / stride)."""
        return self.blocks(self.down(x))


class Residual(nn.Module):
    """What a convolution adds to its input."""

    def __init__(self, width: int):
        super().__init__()
        self.keep = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1), nn.GroupNorm(8, width), nn.GELU())

    def forward(self, x: Tensor) -> Tensor:
        """Of the same shape."""
        return x + self.keep(x)
