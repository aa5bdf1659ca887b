"""Scenes of a world as arrays: pixels and the things that truth sees, made by many processes at once."""

# n scenes, S side in pixels, K things at most

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from diptych.lab.nano_texts import Told, told
from diptych.models.pixels import shrunk
from diptych.world.catalogue import COLOURS, MATERIALS, NUMBER, SIZES
from diptych.world.render import render
from diptych.world.source import world_source
from diptych.world.truth import Truth

Task = tuple[str, int, bool]
Part = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int8], list[Told]]
MOST = 9
SIDE = 64
_CHUNK = 125  # scenes of one task
_PLACES = tuple({word: number for number, word in enumerate(words)} for words in (COLOURS, SIZES, MATERIALS))
_PLAIN = (0, 1, 0)  # the colour is always said; "medium" and "matte" are not


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Pixels uint8 (n, S, S, 3), boxes float32 (n, K, 4) as shares of the picture, labels int8 (n, K, 4): numbers of noun, colour, size and
    material in the catalogue, -1 where there is no thing.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int8]
    told: tuple[Told, ...] = ()  # of each scene, where texts were asked for

    def __len__(self) -> int:
        return len(self.pixels)


def examples(addresses: Sequence[str], workers: int, *, texts: bool = False) -> Examples:
    """All scenes of these worlds. Those rendered larger than `SIDE` are made smaller as pictures of any source are."""
    tasks = [(address, start, texts) for address in addresses for start in range(0, len(world_source(address)), _CHUNK)]
    parts = list(_made(tasks, workers))
    pixels, boxes, labels = (np.concatenate([part[n] for part in parts]) for n in range(3))
    return Examples(pixels, boxes, labels, tuple(one for part in parts for one in part[3]))


def _made(tasks: Sequence[Task], workers: int) -> Iterator[Part]:
    if workers <= 1:
        yield from map(_chunk, tasks)
        return
    address, _, texts = tasks[0]
    _chunk((address, len(world_source(address)) - 1, texts))  # compiled once, and found in the cache by all
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(_chunk, tasks)


def _chunk(task: Task) -> Part:
    address, start, texts = task
    world = world_source(address)
    numbers = range(start, min(start + _CHUNK, len(world)))
    pixels = np.stack([shrunk(Pillow.fromarray(render(world.scene(n), size=world.size).rgb), SIDE) for n in numbers])
    things = [things_of(world.truth(n)) for n in numbers]
    said = [told(world.truth(n), keys=(world.seed, n)) for n in numbers] if texts else []
    return pixels, np.stack([boxes for boxes, _ in things]), np.stack([labels for _, labels in things]), said


def things_of(truth: Truth) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Boxes (K, 4) and labels (K, 4) of what truth sees."""
    boxes, labels = np.zeros((MOST, 4), np.float32), np.full((MOST, 4), -1, np.int8)
    regions = {region.id: region.box for region in truth.regions}
    for row, entity in enumerate(truth.graph.entities):
        box = regions[entity.region or ""]
        boxes[row] = box.left, box.top, box.right, box.bottom
        values = [next((places[v] for v in entity.values if v in places), plain) for places, plain in zip(_PLACES, _PLAIN, strict=True)]
        labels[row] = (NUMBER[entity.noun], *values)
    return boxes, labels
