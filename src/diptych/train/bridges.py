"""Bridges between two embedding spaces, in closed form: noise by the cosine that it leaves, shifts, covariance noise.

A bridge is a frozen dataclass of plain numbers. `fit(source_ND, target_NE)` gives the same bridge with its arrays; `transform` moves
vectors of the source space. Vectors are normalised before and after every bridge of this file, as encoders compare by cosine. Noise
hangs on each row's key, so that neither order nor company of rows changes it.
"""

# N pairs or rows, D width of the source space, E width of the target space

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from diptych.data.draws import Key, generator
from diptych.data.errors import InputError

Array = NDArray[np.float64]
Keys = Sequence[tuple[Key, ...]]


class Bridge(Protocol):
    """What moves vectors of one space towards another."""

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        """The bridge with what it learns from rows that belong together."""

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        """Moved vectors; `keys`, one for each row, seed what is random."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Gaussian noise after which a vector's cosine with itself is `cosine` (Gu et al., 2022, arXiv:2211.09778, who give the scale w).

    For a unit vector of D dimensions, cos(x, x + n) is near 1 / sqrt(1 + w^2 D) for n from N(0, w^2): see `noise_scale`.
    """

    cosine: float
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.cosine <= 1:
            raise InputError(f"the cosine that noise leaves must lie in (0, 1], got {self.cosine}: 1 is no noise")

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        return self

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        unit_ND = normalised(vectors_ND)
        scale = noise_scale(self.cosine, unit_ND.shape[1])
        return normalised(unit_ND + scale * drawn(unit_ND.shape, keys, self.seed)) if scale else unit_ND


@dataclass(frozen=True, slots=True, eq=False)
class MeanShift:
    """Adds the difference of the two spaces' means, which few pairs give, paired or not."""

    shift_D: Array | None = None

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        source, target = same_width(source_ND, target_NE)
        return replace(self, shift_D=normalised(target).mean(0) - normalised(source).mean(0))

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        return normalised(normalised(vectors_ND) + fitted(self.shift_D, self))


@dataclass(frozen=True, slots=True, eq=False)
class RandomShift:
    """Adds one fixed random vector as long as the difference of means: what a wrong shift does."""

    seed: int = 0
    shift_D: Array | None = None

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        gap_D = fitted(MeanShift().fit(source_ND, target_NE).shift_D, self)
        way_D = generator(self.seed, "shift").standard_normal(len(gap_D))
        return replace(self, shift_D=way_D * (np.linalg.norm(gap_D) / np.linalg.norm(way_D)))

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        return normalised(normalised(vectors_ND) + fitted(self.shift_D, self))


@dataclass(frozen=True, slots=True, eq=False)
class CovarianceNoise:
    """Gaussian noise with the mean and covariance of the differences of pairs, target minus source (Gu et al., 2022)."""

    seed: int = 0
    mean_D: Array | None = None
    root_DD: Array | None = None  # root root^T is the covariance

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        source, target = same_width(source_ND, target_NE)
        paired(source, target)
        apart_ND = normalised(target) - normalised(source)
        values_D, vectors_DD = np.linalg.eigh(np.cov(apart_ND, rowvar=False).reshape(apart_ND.shape[1], -1))
        # fewer pairs than dimensions leave values that are 0 but for rounding, on either side
        return replace(self, mean_D=apart_ND.mean(0), root_DD=vectors_DD * np.sqrt(np.maximum(values_D, 0)))

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        unit_ND = normalised(vectors_ND)
        noise_ND = drawn(unit_ND.shape, keys, self.seed) @ fitted(self.root_DD, self).T
        return normalised(unit_ND + fitted(self.mean_D, self) + noise_ND)


def noise_scale(cosine: float, width: int) -> float:
    """Standard deviation w of each dimension after which cos(x, x + n) is near `cosine`: sqrt((1 / cosine^2 - 1) / width)."""
    return sqrt((1 / cosine**2 - 1) / width)


def drawn(shape: tuple[int, ...], keys: Keys, seed: int) -> Array:
    """Standard normal rows, each by its own key."""
    if len(keys) != shape[0]:
        raise InputError(f"noise hangs on a key for each row: got {len(keys)} keys for {shape[0]} rows")
    return np.stack([generator(seed, "noise", *key).standard_normal(shape[1:]) for key in keys]) if keys else np.zeros(shape)


def normalised(vectors_ND: NDArray[Any]) -> Array:
    """Rows of length 1 in float64; a row of zeros stays. InputError for rows that are not finite."""
    table_ND = finite(vectors_ND)
    length_N1 = np.linalg.norm(table_ND, axis=1, keepdims=True)
    return table_ND / np.where(length_N1 > 0, length_N1, 1)


def finite(vectors_ND: NDArray[Any]) -> Array:
    """The table in float64; InputError where it is none of N finite rows."""
    table_ND = np.asarray(vectors_ND, np.float64)
    if table_ND.ndim != 2 or not np.isfinite(table_ND).all():
        bad = "not finite" if table_ND.ndim == 2 else f"of shape {table_ND.shape}"
        raise InputError(f"vectors must be a finite table of N rows and D columns, got one {bad}: drop rows without a vector")
    return table_ND


def paired(source_ND: Array, target_NE: Array, least: int = 2) -> None:
    """InputError unless both have the same rows, at least so many."""
    if len(source_ND) != len(target_NE):
        raise InputError(
            f"a bridge is fitted to pairs, got {len(source_ND)} source and {len(target_NE)} target rows: give each its partner"
        )
    if len(source_ND) < least:
        raise InputError(f"this bridge needs at least {least} pairs, got {len(source_ND)}: give it more")


def same_width(source_ND: NDArray[Any], target_NE: NDArray[Any]) -> tuple[Array, Array]:
    """Both tables; InputError where the spaces differ in width or either has no row."""
    source, target = finite(source_ND), finite(target_NE)
    if source.shape[1] != target.shape[1] or not len(source) or not len(target):
        raise InputError(
            f"this bridge stays in one space with a row at least of each side, got {source.shape} and {target.shape}: use a map"
        )
    return source, target


def fitted(array: Array | None, bridge: object) -> Array:
    """The array; InputError where the bridge was not fitted."""
    if array is None:
        raise InputError(f"{type(bridge).__name__} has learnt nothing yet: call fit first")
    return array


def gap(source_ND: NDArray[Any], target_ND: NDArray[Any]) -> float:
    """Distance of the two spaces' means of unit vectors: the modality gap (Liang et al., 2022, arXiv:2203.02053)."""
    return float(np.linalg.norm(fitted(MeanShift().fit(source_ND, target_ND).shift_D, MeanShift())))
