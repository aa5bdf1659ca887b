"""The shipped tower and worlds as training data, with the tower's tokens kept on disk."""

import os
from collections.abc import Sequence
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
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def cache_folder() -> Path:
    """Where tokens are kept: $XDG_CACHE_HOME/diptych/tokens, else ~/.cache/diptych/tokens. It may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diptych" / "tokens"


def _told(world: Any, record: Record, styles: Sequence[str]) -> Record:
    # truth words the captions, as an annotator would; no record holds the truth itself
    assert isinstance(world, World)
    truth = world.truth(int(record.subject.member))
    made = tuple(
        Caption(f"{record.id}/{style}", describe(truth, style, keys=(world.seed, record.id, style)).text, "human:truth", style)
        for style in styles
    )
    return replace(record, captions=made, chosen=tuple(caption.id for caption in made))
