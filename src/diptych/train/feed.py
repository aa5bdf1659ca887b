"""From a batch maker to tensors on the device: episode after episode, from any place in them, decoded ahead."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor

from diptych.data.draws import generator
from diptych.data.errors import InputError, PictureError, RunError
from diptych.train.batch import Batch
from diptych.train.data import PIXELS, Data
from diptych.train.distributed import rank, ranks
from diptych.train.plan import Stage

_KEPT = 4  # batches before this one that may stand for it


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the batches of a stage: `batch` of this episode have been drawn, whose entries give `digest`."""

    episode: int = 0
    batch: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A batch and the place after it. Without batches: an episode has ended whose maker asks the model."""

    place: Place
    batches: tuple[Batch, ...] = ()  # the batch, then those before it in its episode, the latest first


@dataclass(frozen=True, slots=True)
class Fed:
    """What an update gets. `rows` is how many entries the batch has on all processes; `lost` are ids of rows that were replaced."""

    place: Place
    tensors: dict[str, Tensor]
    rows: int
    lost: tuple[str, ...] = ()


def asks_model(stage: Stage) -> bool:
    """Whether the stage's batches hang on the model, so that none may be drawn ahead."""
    return bool(getattr(stage.batches, "asks_model", False))


def drawn(stage: Stage, model: Any, data: Data, seed: int, place: Place) -> Iterator[Drawn]:
    """Batches after `place`, without end. RunError if those before it are not what they were; InputError if an episode has none."""
    while True:
        recent: deque[Batch] = deque(maxlen=_KEPT)
        digest = ""
        number = 0
        for number, batch in enumerate(stage.batches(model, data, generator(seed, stage.name, place.episode), place.episode), 1):
            recent.appendleft(batch)
            digest = blake2b(digest.encode() + batch.digest(), digest_size=16).hexdigest()
            if number == place.batch and digest != place.digest:
                raise RunError(
                    f"the first {number} batches of episode {place.episode} of stage {stage.name!r} are not those of the interrupted run:"
                    " the data have changed, or the batch maker asks the model and must say `asks_model = True`"
                )
            if number > place.batch:
                yield Drawn(Place(place.episode, number, digest), tuple(recent))
        if number == 0:
            raise InputError(
                f"the batch maker of stage {stage.name!r} gave no batch in episode {place.episode}: give smaller batches or more data"
            )
        place = Place(place.episode + 1)
        if asks_model(stage):
            yield Drawn(place)


def made(found: Drawn, data: Data, device: torch.device, stage: str) -> Fed:
    """The tensors of this process's part; of an earlier batch of the episode if no picture of the part can be opened."""
    first: PictureError | None = None
    for batch in found.batches:
        if not batch.local and len(batch) % ranks():
            raise InputError(f"a batch of stage {stage!r} has {len(batch)} rows: they must be a multiple of the {ranks()} processes")
        part = batch.part(rank(), ranks())
        try:
            tensors = data.raw(part)
        except PictureError as error:
            first = first or error
            continue
        wanted = found.batches[0].part(rank(), ranks()).rows
        got = tensors["rows"].numpy()
        lost = wanted if first else wanted[wanted != got]
        entries = len(part) * ranks() if batch.local else len(batch)
        return Fed(found.place, sendable(tensors, data, device), entries, tuple(data.rows[int(row)].id for row in lost))
    if first is None:
        return Fed(found.place, {}, 0)
    raise first


def sendable(tensors: dict[str, Tensor], data: Data, device: torch.device) -> dict[str, Tensor]:
    """Floats where the device is the CPU; for others bytes in pinned memory, to be scaled there."""
    if device.type == "cpu":
        return data.scaled(tensors)
    return {name: tensor.pin_memory() for name, tensor in tensors.items()} if device.type == "cuda" else tensors


def sent(fed: Fed, data: Data, device: torch.device) -> Fed:
    """With the tensors on the device, ready for the objective."""
    if device.type == "cpu":
        return fed
    return replace(fed, tensors=data.scaled({name: one.to(device, non_blocking=True) for name, one in fed.tensors.items()}))


def maker_of(data: Data, device: torch.device, stage: Stage) -> "partial[Fed]":
    """`made` for a stage, one argument left: what was drawn."""
    return partial(made, data=data, device=device, stage=stage.name)


def threads(stage: Stage, data: Data, asked: int | None) -> int:
    """How many threads decode ahead: none where batches hang on the model or nothing is decoded."""
    if asks_model(stage) or (asked is None and PIXELS not in data.inputs.columns):
        return 0
    return min(8, max(1, (os.cpu_count() or 1) - 1)) if asked is None else asked
