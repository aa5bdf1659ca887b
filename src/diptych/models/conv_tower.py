"""A small convolutional image tower that keeps position and count: pixels to a grid of tokens."""

# B pictures, S side in pixels, G side of the grid, C width

from typing import Any

from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel


class ConvTowerConfig(PretrainedConfig):
    """Side in pixels, channels of each scale; every scale after the first halves the side, the first quarters it."""

    model_type = "diptych_conv_tower"

    def __init__(self, size: int = 64, channels: tuple[int, ...] = (48, 96, 128), **kwargs: Any):
        self.size = size
        self.channels = list(channels)
        super().__init__(**kwargs)

    @property
    def grid(self) -> int:
        """Tokens along one side."""
        return self.size // (4 << (len(self.channels) - 1)) * 2


class ConvTower(PreTrainedModel):
    """Pixels (B, 3, S, S) to tokens (B, G * G, C), row by row."""

    config_class = ConvTowerConfig
    main_input_name = "pixel_values"

    def __init__(self, config: ConvTowerConfig):
        super().__init__(config)
        self.stem = nn.PixelUnshuffle(2)
        widths = [12, *config.channels]
        self.scales = nn.ModuleList(Scale(a, b, 1 if n == 0 else 2) for n, (a, b) in enumerate(zip(widths, widths[1:], strict=False)))
        self.post_init()

    def forward(self, pixel_values: Tensor) -> Tensor:
        """The tokens."""
        found = self.stem(pixel_values)
        for scale in self.scales:
            found = scale(found)
        return found.flatten(2).transpose(1, 2)


class Scale(nn.Module):
    """A strided convolution and a residual one."""

    def __init__(self, before: int, after: int, stride: int):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1), nn.GroupNorm(8, after), nn.GELU())
        self.keep = nn.Sequential(nn.Conv2d(after, after, 3, 1, 1), nn.GroupNorm(8, after), nn.GELU())

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, S, S) to (B, after, S / stride, S / stride)."""
        found = self.down(x)
        return found + self.keep(found)
