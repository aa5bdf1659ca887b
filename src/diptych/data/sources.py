"""Sources: datasets behind an address, told apart by looking at them."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from diptych.data.errors import SourceError
from diptych.data.folder import Folder
from diptych.data.records import Record
from diptych.data.rows import GUESS, Columns


class Source(Protocol):
    """Records in a fixed order, read afresh at each iteration. A row that cannot be read is a failed record."""

    @property
    def name(self) -> str:
        """The address."""
        ...

    @property
    def length(self) -> int | None:
        """How many records, where that is known without reading."""
        ...

    def __iter__(self) -> Iterator[Record]: ...


Scheme = Callable[[str], Source]  # opens a whole address, such as world:300?seed=0
_NONE: Mapping[str, Scheme] = MappingProxyType({})


def open_source(address: str, *, schemes: Mapping[str, Scheme] = _NONE, columns: Columns = GUESS) -> Source:
    """The dataset behind an address; SourceError if it is missing, empty or of no kind that diptych reads."""
    scheme, colon, _ = address.partition(":")
    if colon and scheme in schemes:
        return schemes[scheme](address)
    path = Path(address)
    if not os.path.exists(path):
        known = "".join(f", {name}:" for name in sorted(schemes))
        raise SourceError(f"{address!r} does not exist: give a folder, a file{known}")
    source = _look(path, columns)
    if next(iter(source), None) is None:
        raise SourceError(f"{address!r} holds no pictures or captions: give a folder of pictures, or a table with captions")
    return source


def _look(path: Path, columns: Columns) -> Source:
    return Folder(str(path), columns)
