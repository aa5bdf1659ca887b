"""Batches of rows in an order that hangs on (seed, episode, record id) alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from diptych.data.errors import InputError
from diptych.train.batch import Batch
from diptych.train.data import Data
from diptych.train.order import captions_drawn, key_of, shuffled


@dataclass(frozen=True, slots=True)
class Random:
    """`size` rows a batch in random order, each with a caption if the model reads texts; an episode's last, smaller batch is left out."""

    size: int = 128

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        if self.size < 1:
            raise InputError(f"a batch holds at least one row, got {self.size}: give a larger batch")
        if len(data) < self.size:
            raise InputError(f"a batch of {self.size} needs as many rows, got {len(data)}: give a smaller batch or more data")
        order, saying = shuffled(data, key_of(rng)), key_of(rng)
        for start in range(0, len(order) - self.size + 1, self.size):
            rows = order[start : start + self.size]
            yield Batch(rows, {} if data.inputs.tokenizer is None else {"text": captions_drawn(data, rows, saying)})
