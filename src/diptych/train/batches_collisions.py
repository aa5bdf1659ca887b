"""Texts that say the same in one batch: how often they come, and batches without them.

With few attributes many pictures have one caption, and a loss that takes each text for its own picture's alone is wrong about them.
"""

# N rows, B rows of a batch

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diptych.data.errors import InputError
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.data import Data
from diptych.train.order import captions_drawn, key_of, shuffled


def collision_rate(texts: Sequence[str]) -> float:
    """Share of texts that another of them equals, word for word."""
    said = Counter(map(plain, texts))
    return sum(count for count in said.values() if count > 1) / max(1, len(texts))


def collisions(data: Data, size: int, rng: np.random.Generator) -> float:
    """The rate in an episode of random batches, a number to print before a training: without remedy these pairs count as wrong."""
    rates = [collision_rate(batch.texts["text"]) for batch in Random(size)(None, data, rng, 0)]
    return float(np.mean(rates))


def plain(text: str) -> str:
    """What makes two texts the same: their words, whatever the case, spaces and final stop."""
    return " ".join(text.lower().split()).rstrip(". ")


@dataclass(frozen=True, slots=True)
class CollisionFree:
    """Random batches in which no two texts say the same: a row whose text is there already waits for a later batch.

    The array `collided` says which rows had to wait; its mean, over an episode, is logged by `Contrastive(tells=("collided",))`. Rows
    that still wait at an episode's end are left out.
    """

    size: int = 128

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        """InputError where there are too few different texts for one batch."""
        order, saying = shuffled(data, key_of(rng)), key_of(rng)
        texts = captions_drawn(data, order, saying)
        waiting: list[tuple[int, str, bool]] = []
        taken: dict[str, tuple[int, str, bool]] = {}
        made = 0
        for entry in ((int(row), text, False) for row, text in zip(order, texts, strict=True)):
            if plain(entry[1]) in taken:
                waiting.append((entry[0], entry[1], True))
                continue
            taken[plain(entry[1])] = entry
            while len(taken) == self.size:
                yield _batch(list(taken.values()))
                made += 1
                taken, waiting = _from_waiting(waiting, self.size)
        if not made:
            raise InputError(f"{len(taken)} different texts make no batch of {self.size} without equal ones: give a smaller batch")


def _from_waiting(waiting: list[tuple[int, str, bool]], size: int) -> tuple[dict[str, tuple[int, str, bool]], list[tuple[int, str, bool]]]:
    taken: dict[str, tuple[int, str, bool]] = {}
    left = []
    for entry in waiting:
        if len(taken) < size and plain(entry[1]) not in taken:
            taken[plain(entry[1])] = entry
        else:
            left.append(entry)
    return taken, left


def _batch(entries: Sequence[tuple[int, str, bool]]) -> Batch:
    rows = np.array([row for row, _, _ in entries], np.int64)
    return Batch(rows, {"text": [text for _, text, _ in entries]}, {"collided": np.array([waited for _, _, waited in entries])})
