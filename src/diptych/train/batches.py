"""Batches of rows in an order that hangs on (seed, episode, record id) alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from diptych.train.batch import Batch
from diptych.train.data import Data


@dataclass(frozen=True, slots=True)
class Random:
    """`size` rows a batch in random order, each with one of its captions; the last, smaller batch of an episode is left out."""

    size: int = 128

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        order = rng.permutation(len(data))
        for start in range(0, len(order) - self.size + 1, self.size):
            rows = order[start : start + self.size]
            said = [data.texts(int(row)) for row in rows]
            yield Batch(rows, {"text": [texts[int(rng.integers(len(texts)))] for texts in said]})
