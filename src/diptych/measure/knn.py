"""k nearest neighbours on frozen features, by cosine, block by block. Wu et al., 2018, arXiv:1805.01978, section 3.4.

Shapes: N rows that know their label, M rows asked, D width, C classes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from diptych.data.errors import InputError
from diptych.measure.linear_probe import accuracy
from diptych.measure.retrieval_ranks import unit_rows
from diptych.measure.scores import Scored

_CELLS = 1 << 23


def knn_of(
    known: tuple[ArrayLike, Sequence[str | int]], asked: tuple[ArrayLike, Sequence[str | int]], *, k: int = 20,
    temperature: float | None = 0.07, ids: Sequence[str] | None = None, how: str = "", seed: int = 0,
) -> tuple[Scored, Scored]:  # fmt: skip
    """`knn_K` and `knn_K_mean_class`; a neighbour votes with exp(cosine / temperature), or with 1 where there is none.

    Equal cosines: the earlier row; equal votes: the class that comes first in order. Raises InputError for k beyond the rows known.
    """
    told = f"{len(known[1])} rows known, {'plain votes' if temperature is None else f'votes weighted at temperature {temperature:g}'}"
    said = neighbours(known, asked[0], k=k, temperature=temperature)
    return accuracy(said, asked[1], name=f"knn_{k}", ids=ids, how=f"{told}; {how}" if how else told, seed=seed)


def neighbours(
    known: tuple[ArrayLike, Sequence[str | int]], asked_MD: ArrayLike, *, k: int, temperature: float | None = 0.07
) -> list[str | int]:
    """The class that the k nearest vote for."""
    known_ND, asked = unit_rows(np.asarray(known[0], float), "rows known"), unit_rows(np.asarray(asked_MD, float), "rows asked")
    if not 1 <= k <= len(known_ND) or len(known_ND) != len(known[1]):
        raise InputError(f"k must lie in [1, {len(known_ND)}] and every row known have a label, got k={k} and {len(known[1])} labels")
    if temperature is not None and temperature <= 0:
        raise InputError(f"temperature must be above 0, got {temperature}: None gives plain votes")
    classes = sorted(set(known[1]), key=str)
    label_N = np.array([classes.index(label) for label in known[1]])
    found: list[str | int] = []
    step = max(1, _CELLS // len(known_ND))
    for start in range(0, len(asked), step):
        cosine = asked[start : start + step] @ known_ND.T
        near = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
        votes = np.zeros((len(near), len(classes)))
        weight = np.ones(near.shape) if temperature is None else np.exp((np.take_along_axis(cosine, near, 1) - 1) / temperature)
        np.add.at(votes, (np.arange(len(near))[:, None], label_N[near]), weight)
        found.extend(classes[place] for place in votes.argmax(axis=1).tolist())
    return found
