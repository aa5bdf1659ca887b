"""Members of tar files by name, found without extracting anything: a name is only ever a key."""

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diptych.data.errors import SourceError


@dataclass(frozen=True, slots=True)
class Member:
    """Where a file's bytes lie in the tar. A name met again is told apart by #1, #2, ..."""

    name: str
    start: int
    size: int


def members(path: str) -> Iterator[Member]:
    """The regular files of an uncompressed tar, in order; SourceError where it breaks off."""
    seen: dict[str, int] = {}
    size = os.path.getsize(path)
    try:
        with tarfile.open(path, "r:") as tar:
            while (info := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # tarfile keeps every header it has met
                if not info.isreg() or info.sparse is not None:
                    continue
                if info.offset_data + info.size > size:
                    raise tarfile.ReadError("unexpected end of data")
                count = seen[info.name] = seen.get(info.name, -1) + 1
                yield Member(f"{info.name}#{count}" if count else info.name, info.offset_data, info.size)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise SourceError(f"{path} is no whole tar file ({error}): get it again; gunzip it first if it is compressed") from error


def read_at(path: str, start: int, size: int) -> bytes:
    """These bytes of a file."""
    with Path(path).open("rb") as file:
        file.seek(start)
        return file.read(size)


def find(path: str, name: str) -> Member:
    """The member with this name; KeyError if there is none."""
    stat = os.stat(path)
    return _index(path, stat.st_mtime_ns, stat.st_size)[name]


@lru_cache(maxsize=64)
def _index(path: str, changed: int, size: int) -> dict[str, Member]:
    found: dict[str, Member] = {}
    try:
        for member in members(path):
            found[member.name] = member
    except SourceError:
        if not found:
            raise  # what comes before the break can still be read
    return found
