"""Pictures as models of transformers take them: prepared one by one, asked in batches of one shape."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from diptych.data.errors import DiptychError
from diptych.data.pictures import Picture
from diptych.models.abilities import Failed
from diptych.models.hf_loading import Place, in_batches

R = TypeVar("R")
A = TypeVar("A")
Inputs = dict[str, Tensor]  # of one picture, with a first dimension of 1
Call = Callable[[list[R], Inputs], Sequence[A | Failed]]
LARGEST = 2048  # pixels of a side, where a processor works on the whole picture before it makes it smaller
MOST = 1 << 22  # pixels of what a model is shown: beyond them a picture that is far wider than high would take all memory
AT_ONCE = 1 << 20  # pixels of one batch on a CPU, where more bring no speed and SAM takes two gigabytes for each picture
AHEAD = 4  # batches of pictures that are prepared before the model is asked, so that those of one shape come together


@torch.inference_mode()
def answered(requests: Sequence[R], place: Place, prepare: Callable[[R], Inputs], call: Call[R, A]) -> list[A | Failed]:
    """Answers in the order of the requests; one whose picture cannot be prepared fails alone.

    Pictures of different shapes are never padded to one: what a picture is padded with would change its scores with its company.
    """
    found: dict[int, A | Failed] = {}
    ahead = AHEAD * place.batch.size
    for start in range(0, len(requests), ahead):
        alike: dict[tuple[torch.Size, ...], list[tuple[int, Inputs]]] = {}
        for n in range(start, min(start + ahead, len(requests))):
            made = _prepared(requests[n], prepare)
            if isinstance(made, Failed):
                found[n] = made
            else:
                alike.setdefault(tuple(one.shape for one in made.values()), []).append((n, made))
        for group in alike.values():
            room = len(group) if place.device != "cpu" else max(1, AT_ONCE // _pixels(group[0][1]))
            for first in range(0, len(group), room):
                part = group[first : first + room]
                given = in_batches(
                    part, place.batch, lambda some: call([requests[n] for n, _ in some], together([one for _, one in some], place))
                )
                found.update(zip((n for n, _ in part), given, strict=True))
    return [found[n] for n in range(len(requests))]


def _prepared(request: R, prepare: Callable[[R], Inputs]) -> Inputs | Failed:
    try:
        made = prepare(request)
    except (DiptychError, OSError) as error:
        return Failed(str(error))
    except ValueError as error:  # of the processor: a picture of a shape that it cannot resize
        return Failed(f"the model's processor cannot bring the picture to its size ({str(error)[:100]})")
    if (shown := _pixels(made)) > MOST:
        return Failed(f"the model would be shown {shown} pixels of this picture, and at most {MOST} fit: crop it")
    return made


def _pixels(made: Inputs) -> int:
    """Of what the model is shown; 1 where it is no picture of rows and columns."""
    shown = made.get("pixel_values")
    return 1 if shown is None or shown.ndim != 4 else max(1, shown.shape[-1] * shown.shape[-2])


def pixels_of(processor: Any, picture: Picture, largest: int = 0) -> Inputs:
    """What an image processor makes of one picture, made smaller first where a side is longer than `largest` (0 for any length).

    PictureError where it cannot be decoded.
    """
    image = picture.pil().convert("RGB")
    if largest and max(image.size) > largest:
        image = image.resize(within(image.size, largest), Pillow.Resampling.BICUBIC)
    # said outright: of a picture of three rows a processor would take the rows for colours
    made = processor(images=np.asarray(image), return_tensors="pt", input_data_format="channels_last")
    return {name: value for name, value in made.items() if isinstance(value, Tensor)}


def within(size: tuple[int, int], largest: int) -> tuple[int, int]:
    """The size with no side longer than `largest`, of the same shape."""
    factor = min(1.0, largest / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def together(inputs: Sequence[Inputs], place: Place) -> Inputs:
    """One batch on the model's device, floats in its precision."""
    joined = {name: torch.cat([one[name] for one in inputs]) for name in inputs[0]}
    return {name: moved(value, place) for name, value in joined.items()}


def moved(value: Tensor, place: Place) -> Tensor:
    """On the model's device, floats in its precision."""
    return value.to(place.device, place.dtype) if value.is_floating_point() else value.to(place.device)
