"""Whose trouble an error is: the row's, the batch's, or the user's; and how it reads in one line."""

import errno
import re
import traceback
from enum import Enum
from socket import gaierror
from urllib.error import HTTPError, URLError

from diptych.data.errors import DiptychError, InputError, RunError

LINE = 500  # characters of an error kept with a row
TRACE = 4000
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_BUSY = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EIO}
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class Trouble(Enum):
    """Who or what has to change before it can go on."""

    ROW = "row"
    MEMORY = "memory"
    CONNECTION = "connection"
    DISK = "disk"
    USER = "user"


def trouble(error: BaseException) -> Trouble:
    """Sorts an error that a step raised; the error it was raised from counts where it says nothing itself."""
    kind = _sort(error)
    if kind is Trouble.ROW and error.__cause__ is not None:
        return trouble(error.__cause__)
    return kind


def _sort(error: BaseException) -> Trouble:
    if isinstance(error, (InputError, RunError, ImportError)):
        # a wrong address or a missing package fails every row alike: say so at once
        return Trouble.USER
    # torch has its own class, which this package may not import
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return Trouble.MEMORY
    if isinstance(error, (ConnectionError, TimeoutError, gaierror)) or (isinstance(error, URLError) and not isinstance(error, HTTPError)):
        return Trouble.CONNECTION
    if isinstance(error, OSError) and error.errno in _DISK:
        return Trouble.DISK
    if isinstance(error, OSError) and error.errno in _BUSY:
        return Trouble.CONNECTION
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return Trouble.MEMORY
    return Trouble.ROW


def one_line(error: BaseException) -> str:
    """The error as one line; addresses in memory are left out, since they differ from run to run."""
    said = " ".join(str(error).split())
    text = said if isinstance(error, DiptychError) and said else f"{type(error).__name__}: {said}".rstrip(": ")
    return _ADDRESS.sub("", text)[:LINE]


def trace(error: BaseException) -> str:
    """The traceback below the engine's own frame, from its end if it is long."""
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    text = "".join(traceback.format_exception(type(error), error, frames))
    return _ADDRESS.sub("", text)[-TRACE:]
