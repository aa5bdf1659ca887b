"""Compiling array code: numba with its cache where one can be kept, without it where nothing may be written."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

import numba
from numba.core import event

P = ParamSpec("P")
T = TypeVar("T")


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compiles at the first call, to run beside other threads.

    The result is cached beside the file, else in the user's cache folder, else not at all.
    """
    # numba's cache knows a function by its name and its own file: one that calls a compiled function of another file would be
    # taken from the cache after that file has changed, so the name holds everything that is compiled into it
    function.__qualname__ = f"{function.__qualname__}_{fingerprint(function)}"
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]
    except RuntimeError:  # numba found no folder it may write to
        return numba.njit(nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]


def fingerprint(function: Callable[..., Any]) -> str:
    """12 digits that depend on the function's code, the constants it reads and the compiled functions it calls."""
    code = function.__code__
    parts = [code.co_code.hex(), repr(code.co_consts)]
    for name in code.co_names:
        value = function.__globals__.get(name)
        called = getattr(value, "py_func", None)
        if called is not None:
            parts.append(called.__qualname__)
        elif isinstance(value, int | float | str | tuple):
            parts.append(repr(value))
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()


@contextmanager
def telling() -> Iterator[None]:
    """Within, the first compilation that no cache spares is told in one line on standard error: it may take ten seconds."""
    with event.install_listener("numba:compile", _Teller()):
        yield


class _Teller(event.Listener):
    """Tells once."""

    def __init__(self) -> None:
        self.told = False

    def on_start(self, event: event.Event) -> None:
        """Something is being compiled."""
        if not self.told:
            self.told = True
            print("compiling array code, some ten seconds; later starts find it in the cache", file=sys.stderr, flush=True)

    def on_end(self, event: event.Event) -> None:
        """It is done."""
