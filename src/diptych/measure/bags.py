"""Bags of images for self-retrieval: random ones, and hard ones of near neighbours. They depend on ids and seed, never on the order."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.draws import digest, generator
from diptych.data.errors import InputError
from diptych.measure.embeddings import unit

Bags = Sequence[Sequence[str]]
_BLOCK = 1024  # rows of the similarity matrix held at a time
_POOL = 8  # neighbours remembered for each place in a bag, since nearer ones may be taken


def random_bags(ids: Sequence[str], size: int, *, seed: int = 0) -> tuple[tuple[str, ...], ...]:
    """For each image a bag of itself, first, and `size - 1` others drawn without repetition (99 others: RD100 of Dessi et al., 2023).

    Raises InputError for a size under 2, more than there are images, or an id given twice.
    """
    names = _names(ids, size)
    places = {id: place for place, id in enumerate(names)}
    bags: list[tuple[str, ...]] = []
    for id in ids:
        drawn = generator("random bag", seed, size, id).choice(len(names) - 1, size - 1, replace=False)
        bags.append((id, *(names[place + (place >= places[id])] for place in drawn.tolist())))
    return tuple(bags)


def hard_bags(
    vectors: Mapping[str, ArrayLike], size: int, *, at_least: float = -1.0, below: float = 2.0, count: int | None = None, seed: int = 0
) -> tuple[tuple[str, ...], ...]:  # fmt: skip
    """Bags of near neighbours that share no image, tightest first, mined from the images' vectors (TrueMatch mines them so).

    Images are taken in order of their mean cosine with their `size - 1` nearest neighbours; each opens a bag with its nearest that are
    still free. Only neighbours with a cosine in [`at_least`, `below`) enter: `below=.98` keeps copies of one photo out. An image that
    finds too few neighbours has no bag. Ties are settled by the seed and the ids. Memory grows linearly.
    Raises InputError for a size under 2, more than there are images, or a vector that is zero or not finite.
    """
    names = sorted(vectors, key=lambda id: digest("hard bag", seed, id))
    _names(names, size)
    table = _table(vectors, names)
    near, cosines = _neighbours(table, min(len(names) - 1, (size - 1) * _POOL), at_least, below)
    order = np.argsort(-cosines[:, : size - 1].mean(axis=1), kind="stable")
    free = np.ones(len(names), bool)
    bags: list[tuple[str, ...]] = []
    for first in order.tolist():
        if not free[first] or (count is not None and len(bags) >= count):
            continue
        others = near[first][free[near[first]] & np.isfinite(cosines[first])][: size - 1]
        if len(others) < size - 1:  # nearer ones are taken: look through all that are free
            others = _nearest_free(table, first, free, (at_least, below))[: size - 1]
        if len(others) == size - 1:
            bags.append(tuple(names[place] for place in (first, *others.tolist())))
            free[[first, *others.tolist()]] = False
    return tuple(bags)


def _names(ids: Sequence[str], size: int) -> list[str]:
    names = sorted(set(ids))
    if len(names) != len(ids):
        raise InputError(f"ids must differ, got {len(ids) - len(names)} twice: list each image once")
    if not 2 <= size <= len(names):
        raise InputError(f"a bag's size must lie from 2 to the number of images, {len(names)}, got {size}")
    return names


def _table(vectors: Mapping[str, ArrayLike], names: Sequence[str]) -> NDArray[np.float32]:
    rows = []
    for id in names:
        row = unit(vectors[id])
        if row is None:
            raise InputError(f"the vector of {id!r} is zero or not finite: leave the image out")
        rows.append(row)
    return np.asarray(rows, np.float32)


def _neighbours(
    table_ND: NDArray[np.float32], most: int, at_least: float, below: float
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:  # fmt: skip
    """The nearest rows of each row and their cosines, nearest first; those outside the range stand last, at -inf."""
    places, values = [], []
    for start in range(0, len(table_ND), _BLOCK):
        block = _cosines(table_ND[start : start + _BLOCK], table_ND, at_least, below)
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -np.inf
        nearest = np.sort(np.argpartition(-block, most - 1, axis=1)[:, :most], axis=1)
        found = np.take_along_axis(block, nearest, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        places.append(np.take_along_axis(nearest, order, axis=1))
        values.append(np.take_along_axis(found, order, axis=1))
    return np.concatenate(places), np.concatenate(values)


def _nearest_free(table_ND: NDArray[np.float32], row: int, free_N: NDArray[np.bool_], range_: tuple[float, float]) -> NDArray[np.int64]:
    places = np.flatnonzero(free_N)
    places = places[places != row]
    found = _cosines(table_ND[row : row + 1], table_ND[places], *range_)[0]
    order = np.argsort(-found, kind="stable")
    nearest: NDArray[np.int64] = places[order][np.isfinite(found[order])]
    return nearest


def _cosines(
    rows_RD: NDArray[np.float32], others_ND: NDArray[np.float32], at_least: float, below: float
) -> NDArray[np.float32]:  # fmt: skip
    # rounded, so that equal vectors tie whatever their place in the matrix
    found = np.round(rows_RD @ others_ND.T, 6)
    found[(found < at_least) | (found >= below)] = -np.inf
    return found
