"""Bridges by what is near: a vector becomes a mixture of remembered texts, or the concepts that it resembles."""

# N rows, M remembered texts, D width, K kept concepts, C concepts

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.train.bridges import Array, Keys, fitted, normalised

_ROWS = 1024  # rows at a time, so that memory grows with the texts alone


@dataclass(frozen=True, slots=True, eq=False)
class TextMemory:
    """softmax(scale v . M) M over unit vectors of texts M (Li et al., 2023, arXiv:2303.03032), normalised again.

    What it gives lies among the texts, wherever the vector came from; `fit` remembers the target rows and needs no pairs.
    """

    scale: float = 100.0
    memory_MD: Array | None = None

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        memory_MD = normalised(target_NE)
        if not len(memory_MD):
            raise InputError("a text memory needs at least one text, got none")
        return replace(self, memory_MD=memory_MD)

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        memory_MD, unit_ND = fitted(self.memory_MD, self), normalised(vectors_ND)
        _same(unit_ND, memory_MD)
        parts = [self._mixed(unit_ND[start : start + _ROWS], memory_MD) for start in range(0, len(unit_ND), _ROWS)]
        return normalised(np.concatenate(parts)) if parts else unit_ND

    def _mixed(self, unit_ND: Array, memory_MD: Array) -> Array:
        weight_NM = self.scale * unit_ND @ memory_MD.T
        weight_NM = np.exp(weight_NM - weight_NM.max(1, keepdims=True))
        return weight_NM @ memory_MD / weight_NM.sum(1, keepdims=True)


@dataclass(frozen=True, slots=True, eq=False)
class Concepts:
    """The `keep` concepts nearest by cosine, to be prompts of a decoder (Yang et al., 2023, arXiv:2308.13218: 16 of 1,000 noun phrases).

    Only ranks matter, so a gap between the spaces that is the same for all concepts does no harm. `fit` takes the concepts' vectors as
    target rows, in the order of `names`.
    """

    names: tuple[str, ...]
    keep: int = 16
    vectors_CD: Array | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.keep <= len(self.names):
            raise InputError(f"concepts kept must be from 1 to the {len(self.names)} there are, got {self.keep}")

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        if len(target_NE) != len(self.names):
            raise InputError(f"each of the {len(self.names)} concepts needs its vector, got {len(target_NE)}")
        return replace(self, vectors_CD=normalised(target_NE))

    def nearest(self, vectors_ND: NDArray[Any]) -> NDArray[np.int64]:
        """(N, K): numbers of the concepts, nearest first; ties keep the earlier one."""
        unit_ND, vectors_CD = normalised(vectors_ND), fitted(self.vectors_CD, self)
        _same(unit_ND, vectors_CD)
        return np.argsort(-(unit_ND @ vectors_CD.T), axis=1, kind="stable")[:, : self.keep]

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        """(N, K, D): the nearest concepts' own vectors, nearest first."""
        return fitted(self.vectors_CD, self)[self.nearest(vectors_ND)]


def _same(unit_ND: Array, known_MD: Array) -> None:
    if unit_ND.shape[1] != known_MD.shape[1]:
        raise InputError(f"vectors must have the {known_MD.shape[1]} dimensions of what is remembered, got {unit_ND.shape[1]}")
