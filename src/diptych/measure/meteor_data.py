"""METEOR's tables as an installed `pycocoevalcap` carries them: found, compiled once, kept in the user's cache, mapped into memory.

Nothing of them ships with diptych; no program of theirs runs. The tables are data files beside and inside METEOR's archive.
"""

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.measure.meteor_tables import Tables

FORMAT = 1  # of the compiled file
VARIABLE = "DIPTYCH_METEOR_DATA"
_MAGIC = b"diptych meteor\n"
_ALIGNED = 64
_HINT = "install pycocoevalcap (pip install 'diptych[meteor]'), or give the folder that holds meteor-1.5.jar and data/paraphrase-en.gz"


def find_data(data: str | Path | None = None) -> Path | None:
    """The folder with METEOR's archive: the one given, else the one that DIPTYCH_METEOR_DATA names, else an installed wheel's, else None.

    Raises InputError for a folder given or named that holds no METEOR.
    """
    given = data or os.environ.get(VARIABLE)
    if given:
        root = Path(given).expanduser()
        for folder in (root, root / "meteor", root / "pycocoevalcap" / "meteor", root.parent):
            if _archive(folder) and (folder is not root.parent or root.suffix == ".jar"):
                return folder
        raise InputError(f"no METEOR tables in {str(given)!r}: {_HINT}")
    with suppress(metadata.PackageNotFoundError):
        folder = Path(str(metadata.distribution("pycocoevalcap").locate_file("pycocoevalcap/meteor")))
        return folder if _archive(folder) else None
    return None


def _archive(folder: Path) -> Path | None:
    found = sorted(folder.glob("meteor*.jar")) if folder.is_dir() else []
    return found[-1] if found and (folder / "data" / "paraphrase-en.gz").is_file() else None


def cache_folder() -> Path:
    """Where compiled tables are kept: `diptych` in XDG_CACHE_HOME, LOCALAPPDATA or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(root) if root else Path.home() / ".cache") / "diptych"


@lru_cache(4)
def load_tables(folder: Path) -> Tables:
    """METEOR's tables in the folder that `find_data` gave, compiled at first use (some ten seconds).

    Where nothing may be written, they are compiled each time.
    """
    archive = _archive(folder)
    if archive is None:
        raise InputError(f"no METEOR tables in {str(folder)!r}: {_HINT}")
    paraphrases = folder / "data" / "paraphrase-en.gz"
    path = cache_folder() / f"meteor-{FORMAT}-{_content(archive, paraphrases)}.tables"
    arrays = _mapped(path)
    if arrays is None:
        from diptych.measure.meteor_build import build  # noqa: PLC0415 - needed once

        told = f"compiling METEOR's tables from {folder}, some ten seconds, kept in {path.parent} where that may be written"
        print(told, file=sys.stderr, flush=True)
        arrays = build(archive, paraphrases)
        with suppress(OSError):
            _write(path, arrays)
    return Tables(arrays)


def _content(archive: Path, paraphrases: Path) -> str:
    """Twelve digits that change with the data: checksums that the archives themselves carry, so that nothing is read through."""
    with zipfile.ZipFile(archive) as jar:
        sums = sorted((entry.filename, entry.CRC) for entry in jar.infolist() if not entry.filename.endswith((".class", "/")))
    with paraphrases.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        return blake2b(repr((sums, file.read())).encode(), digest_size=6).hexdigest()


def _write(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """One file: a line of names, types and lengths, then the arrays; it appears whole or not at all."""
    kinds = {name: (array.dtype.str, len(array)) for name, array in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + json.dumps(kinds).encode() + b"\n")
            for array in arrays.values():
                file.write(bytes(-file.tell() % _ALIGNED))
                file.write(np.ascontiguousarray(array).tobytes())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mapped(path: Path) -> dict[str, NDArray[np.generic]] | None:
    """The file's arrays, read as they are used; None where there is no whole file."""
    try:
        whole = np.memmap(path, np.uint8, "r")
        if whole[: len(_MAGIC)].tobytes() != _MAGIC:
            return None
        end = int(np.flatnonzero(whole[len(_MAGIC) : 4096] == ord("\n"))[0]) + len(_MAGIC)
        place = end + 1
        arrays: dict[str, NDArray[np.generic]] = {}
        for name, (kind, count) in json.loads(whole[len(_MAGIC) : end].tobytes()).items():
            place += -place % _ALIGNED
            size = np.dtype(kind).itemsize * count
            arrays[name] = whole[place : place + size].view(kind)
            place += size
    except (OSError, IndexError, ValueError):  # none, or not whole
        return None
    return arrays if place == len(whole) else None
