"""Batches each of one source, so that what tells sources apart cannot tell a picture from its negatives."""

# B rows of a batch

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.train.batch import Batch
from diptych.train.data import Data
from diptych.train.order import captions_drawn, key_of, shuffled


@dataclass(frozen=True, slots=True)
class PerSource:
    """Random batches of rows of one source (prefix conditioning: Saito et al., 2022, arXiv:2206.01125), sources in random turns.

    The source is a column of the data or a label of the records, by name. The array `source` numbers it in the order of its names. Each
    source's last, smaller batch of an episode is left out.
    """

    size: int = 128
    source: str = "source"

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        """InputError where a row has no source, or none has rows enough."""
        numbers_N = sources(data, self.source)
        order, saying = shuffled(data, key_of(rng)), key_of(rng)
        batches = []
        for number in np.unique(numbers_N):
            rows = order[numbers_N[order] == number]
            batches += [rows[start : start + self.size] for start in range(0, len(rows) - self.size + 1, self.size)]
        if not batches:
            raise InputError(f"no source of {self.source!r} has {self.size} rows: give a smaller batch")
        for at in rng.permutation(len(batches)):
            rows = batches[at]
            yield Batch(rows, {"text": captions_drawn(data, rows, saying)}, {"source": numbers_N[rows]})


def sources(data: Data, name: str) -> NDArray[np.int64]:
    """Each row's source as a number; InputError where there is none."""
    said = data.columns[name].tolist() if name in data.columns else [row.labels.get(name) for row in data.rows]
    if None in said:
        raise InputError(
            f"row {data.rows[said.index(None)].id!r} has no {name!r}: give the data such a column, or the records such a label"
        )
    return np.unique(np.array([str(one) for one in said]), return_inverse=True)[1].astype(np.int64)
