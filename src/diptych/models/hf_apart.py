"""One request that a model of transformers cannot be asked fails alone."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from jinja2 import TemplateError

from diptych.data.errors import AddressError, PictureError
from diptych.models.abilities import Failed

R = TypeVar("R")
A = TypeVar("A")
LONGEST = 300  # characters of what went wrong


def apart(call: Callable[[Sequence[R]], list[A | Failed]], requests: Sequence[R]) -> list[A | Failed]:
    """The answers of `call`, halved until the request stands alone whose picture or prompt it cannot prepare."""
    try:
        return call(requests)
    except AddressError:
        raise
    except (PictureError, TemplateError, ValueError, TypeError) as error:  # the last by tokenizers, of half a character
        if len(requests) == 1:
            return [Failed(" ".join(str(error).split())[:LONGEST])]
    middle = len(requests) // 2
    return apart(call, requests[:middle]) + apart(call, requests[middle:])
