"""The shipped tower and worlds as training data, with the tower's tokens kept on disk."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.records import Caption, Record
from diptych.lab.opening import opened
from diptych.models.conv_tower import ConvTower
from diptych.models.nano_sight import load
from diptych.models.nano_weights import fingerprint
from diptych.models.region_model import RegionModel
from diptych.train.data import Data, Inputs
from diptych.train.features import tokens_of
from diptych.world.captions import describe
from diptych.world.source import World

TOWER = "region"  # the folder whose model holds the tower
PLACE = "DIPTYCH_CACHE"
MOST = 2_000_000_000  # bytes of tokens that are kept
_WRITTEN = 3600.0  # seconds after which a file that was begun is taken for left behind


def tower() -> ConvTower:
    """The shipped tower: 64 x 64 pixels from -1 to 1 in, 64 tokens of 128 out; frozen, in evaluation mode, float32."""
    made: ConvTower = load(RegionModel, TOWER).tower
    return made


def world_data(address: str, *, captions: Sequence[str] = (), tokens: bool = True, limit: int | None = None) -> Data:
    """The rows of a `world:` address as data; with `tokens`, a column of the shipped tower's tokens, float16 (n, 64, 128).

    `captions` names styles (alt, short, dense, spatial): each row then has one true caption of every style instead of its alt-text.
    A head that reads tokens takes `inputs=Inputs(tokenizer, columns=("tokens",))`.
    """
    found = opened(address)
    rows: list[Record] = list(found.source)[:limit]
    if captions:
        rows = [_told(found.source, record, captions) for record in rows]
    data = Data(rows, found.pictures)
    return with_tokens(data) if tokens else data


def with_tokens(data: Data) -> Data:
    """The same rows with the shipped tower's tokens, taken from the cache where these pictures were seen before."""
    made = cached(data.taking(Inputs()))
    return data.taking(replace(data.inputs, columns=("tokens",))).having(tokens=made)


def cached(data: Data) -> NDArray[Any]:
    """Tokens of the data's pictures: read from the user's cache folder, else computed and kept there."""
    name = blake2b(f"{fingerprint(TOWER)} 1".encode(), digest_size=16)
    for record in data.rows:
        name.update(f"{record.subject.key} {record.subject.width}\n".encode())
    path = cache_folder() / f"{name.hexdigest()}.npy"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"{path.stem}.{os.getpid()}.part.npy")
        np.save(own, tokens_of(tower(), data))
        own.replace(path)  # whole or not at all, whoever else is at it
    with suppress(OSError):
        os.utime(path)  # when it was last used
    shrink(path)
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def shrink(kept: Path) -> None:
    """Takes away the files that were not used for longest, never `kept`, until all have MOST bytes; who reads one goes on reading it."""
    files = []
    for path in kept.parent.glob("*.npy"):
        with suppress(FileNotFoundError):  # another process is at it too
            files.append((path.stat().st_mtime, path.stat().st_size, path))
    left = sum(size for _, size, _ in files) - MOST
    for used, size, path in sorted(files):
        being_written = path.name.endswith(".part.npy") and time.time() - used < _WRITTEN
        if left > 0 and path != kept and not being_written:
            with suppress(OSError):  # Windows keeps what is open
                path.unlink()
                left -= size


def cache_folder() -> Path:
    """Where tokens are kept, deleted at any time: `tokens` in $DIPTYCH_CACHE, else in $XDG_CACHE_HOME/diptych or ~/.cache/diptych."""
    named = os.environ.get(PLACE)
    return (Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diptych") / "tokens"


def _told(world: Any, record: Record, styles: Sequence[str]) -> Record:
    # truth words the captions, as an annotator would; no record holds the truth itself
    assert isinstance(world, World)
    truth = world.truth(int(record.subject.member))
    made = tuple(
        Caption(f"{record.id}/{style}", describe(truth, style, keys=(world.seed, record.id, style)).text, "human:truth", style)
        for style in styles
    )
    return replace(record, captions=made, chosen=tuple(caption.id for caption in made))
