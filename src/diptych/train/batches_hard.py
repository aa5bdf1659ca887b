"""Batches of bags: rows that look alike stand together, so that telling them apart takes more than a glance."""

# N rows, P rows of a pool, B rows of a batch, D width

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.models.dual import picture_vectors
from diptych.train.batch import Batch
from diptych.train.data import Data
from diptych.train.order import captions_drawn, key_of, shuffled

_AT_ONCE = 256  # rows whose vectors are asked for together


@dataclass(frozen=True, slots=True)
class HardBags:
    """Batches of `size` rows made of bags: a row in random order with its nearest neighbours that are still to come in the episode.

    `bags` says how many rows a bag has: (until episode, rows), the last for ever; bags of 1 are random batches, a good start, for early
    features are noise. Neighbours are by cosine in a column of the data, or where `features` is empty in the picture vectors of the model
    as it stands when the episode begins. They are looked for among `pool` rows at a time.
    """

    size: int = 128
    bags: tuple[tuple[int, int], ...] = ((1, 1), (2, 4), (3, 8))
    features: str = ""
    pool: int = 4096

    @property
    def asks_model(self) -> bool:
        """Whether batches hang on the model."""
        return not self.features

    def bag(self, episode: int) -> int:
        """Rows of a bag in an episode."""
        return next((rows for until, rows in self.bags if episode < until), self.bags[-1][1])

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        """InputError for bags that do not fill a batch."""
        rows_of_bag = self.bag(episode)
        if self.size % rows_of_bag or len(data) < self.size:
            raise InputError(f"bags of {rows_of_bag} must fill a batch of {self.size}, out of {len(data)} rows")
        order, saying = shuffled(data, key_of(rng)), key_of(rng)
        if rows_of_bag > 1:
            order = self._bagged(model, data, order, rows_of_bag, rng)
        for start in range(0, len(order) - self.size + 1, self.size):
            rows = order[start : start + self.size]
            yield Batch(rows, {"text": captions_drawn(data, rows, saying)})

    def _bagged(self, model: Any, data: Data, order_N: NDArray[np.int64], bag: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """The rows bag after bag, the bags in random order, those of fewer rows left out."""
        found = []
        for start in range(0, len(order_N), self.pool):
            rows_P = order_N[start : start + self.pool]
            vectors_PD = self._vectors(model, data, rows_P)
            found += [rows_P[members] for members in bags_of(vectors_PD, bag)]
        return np.concatenate([found[i] for i in rng.permutation(len(found))])

    def _vectors(self, model: Any, data: Data, rows_P: NDArray[np.int64]) -> NDArray[np.float32]:
        if self.features and self.features not in data.columns:
            raise InputError(f"the data have no column {self.features!r}, but {', '.join(data.columns) or 'none'}: leave features empty")
        if self.features:
            return np.asarray(data.columns[self.features][rows_P], np.float32).reshape(len(rows_P), -1)
        return current_vectors(model, data, rows_P)


def current_vectors(model: Any, data: Data, rows_P: NDArray[np.int64]) -> NDArray[np.float32]:
    """Picture vectors (P, D) of the model as it stands."""
    device = next(model.parameters()).device
    found = []
    learning = model.training
    model.eval()
    with torch.no_grad():
        for start in range(0, len(rows_P), _AT_ONCE):
            tensors = data.tensors(Batch(rows_P[start : start + _AT_ONCE]))
            found.append(picture_vectors(model, {name: one.to(device) for name, one in tensors.items()}).float().cpu())
    model.train(learning)
    return torch.cat(found).numpy()


def bags_of(vectors_PD: NDArray[np.float32], bag: int) -> list[NDArray[np.int64]]:
    """Bags of so many rows by cosine: the first row that no bag has yet with its nearest of those that no bag has; too few are no bag."""
    unit_PD = vectors_PD / np.maximum(np.linalg.norm(vectors_PD, axis=1, keepdims=True), 1e-12)
    free_P = np.ones(len(unit_PD), bool)
    found = []
    for seed in range(len(unit_PD)):
        if not free_P[seed] or free_P.sum() < bag:
            continue
        near_P = np.where(free_P, unit_PD @ unit_PD[seed], -np.inf)
        near_P[seed] = np.inf
        members = np.argsort(-near_P, kind="stable")[:bag]
        free_P[members] = False
        found.append(members.astype(np.int64))
    return found
