"""Pictures as models of transformers take them: prepared one by one, asked in batches of one shape."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from diptych.data.errors import DiptychError
from diptych.data.pictures import Picture
from diptych.models.abilities import Failed
from diptych.models.hf_loading import Place, in_batches

R = TypeVar("R")
A = TypeVar("A")
Inputs = dict[str, Tensor]  # of one picture, with a first dimension of 1
Call = Callable[[list[R], Inputs], Sequence[A | Failed]]
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
            given = in_batches(
                group, place.batch, lambda some: call([requests[n] for n, _ in some], together([one for _, one in some], place))
            )
            found.update(zip((n for n, _ in group), given, strict=True))
    return [found[n] for n in range(len(requests))]


def _prepared(request: R, prepare: Callable[[R], Inputs]) -> Inputs | Failed:
    try:
        return prepare(request)
    except (DiptychError, OSError) as error:
        return Failed(str(error))
    except ValueError as error:  # of the processor: a picture of a shape that it cannot resize
        return Failed(f"the model's processor cannot bring the picture to its size ({str(error)[:100]})")


def pixels_of(processor: Any, picture: Picture) -> Inputs:
    """What an image processor makes of one picture; PictureError where it cannot be decoded."""
    image = np.asarray(picture.pil().convert("RGB"))
    # said outright: of a picture of three rows a processor would take the rows for colours
    made = processor(images=image, return_tensors="pt", input_data_format="channels_last")
    return {name: value for name, value in made.items() if isinstance(value, Tensor)}


def together(inputs: Sequence[Inputs], place: Place) -> Inputs:
    """One batch on the model's device, floats in its precision."""
    joined = {name: torch.cat([one[name] for one in inputs]) for name in inputs[0]}
    return {name: moved(value, place) for name, value in joined.items()}


def moved(value: Tensor, place: Place) -> Tensor:
    """On the model's device, floats in its precision."""
    return value.to(place.device, place.dtype) if value.is_floating_point() else value.to(place.device)
