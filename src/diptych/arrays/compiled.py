"""Compiling array code: numba with its cache where one can be kept, without it where nothing may be written."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
T = TypeVar("T")


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compiles at the first call; the result is cached beside the file, else in the user's cache folder, else not at all."""
    try:
        return numba.njit(cache=True, error_model="numpy")(function)  # type: ignore[no-any-return]
    except RuntimeError:  # numba found no folder it may write to
        return numba.njit(error_model="numpy")(function)  # type: ignore[no-any-return]
