"""Pictures as a trained model takes them: pixels as its training scaled them, or the shipped tower's tokens."""

# S side in pixels, M tokens, C width

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from diptych.data.errors import DiptychError
from diptych.data.pictures import Picture
from diptych.models.abilities import Failed
from diptych.models.pixels import square

Three = tuple[float, float, float]
HALF: Three = (0.5, 0.5, 0.5)


def shown(pictures: Sequence[Picture], size: int, mean: Three = HALF, std: Three = HALF, *, tokens: bool = False) -> list[Tensor | Failed]:
    """Each picture as (3, S, S), or with `tokens` as (M, C); a picture that cannot be decoded fails alone."""
    if tokens:
        from diptych.models.nano_sight import sight  # noqa: PLC0415 - its weights are read only where they are needed

        return sight().tokens(pictures)
    return [_pixels(picture, size, mean, std) for picture in pictures]


def _pixels(picture: Picture, size: int, mean: Three, std: Three) -> Tensor | Failed:
    try:
        pixels = torch.from_numpy(square(picture, size).copy())  # as training does
    except (DiptychError, OSError) as error:
        return Failed(str(error))
    means, stds = _scales(mean, std)
    return (pixels.permute(2, 0, 1).float() / 255 - means) / stds


@lru_cache
def _scales(mean: Three, std: Three) -> tuple[Tensor, Tensor]:
    return torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
