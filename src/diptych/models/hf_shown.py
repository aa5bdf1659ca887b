"""Pixels of a picture that is asked about several times in turn, prepared once."""

from collections.abc import Callable
from typing import Any

from diptych.data.pictures import Picture
from diptych.models.hf_sight import Inputs, pixels_of


def shown_once(processor: Any) -> Callable[[Picture], Inputs]:
    """The processor's pixels, remembered until another picture is asked for: so requests of one picture stand together."""
    held: dict[str, Inputs] = {}

    def pixels(picture: Picture) -> Inputs:
        if picture.key not in held:
            held.clear()
            held[picture.key] = pixels_of(processor, picture)
        return held[picture.key]

    return pixels
