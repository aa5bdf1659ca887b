"""Retrieval where it is known which text is true of which picture: no model can tell apart what the texts do not.

Two ways to be fair to that. `retrieval_true_of` counts every true pair as right. `ceiling_of` gives what a perfect reader reaches when
each text is right for its own picture alone: it finds all pictures that the text is true of and takes one at random; a model's value
over the ceiling's is `normalised`. Shapes: N images, M texts.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.diversity import Sets
from diptych.measure.intervals import RESAMPLES
from diptych.measure.retrieval import KS, Right, results_of, retrieval_of
from diptych.measure.retrieval_ranks import Ties
from diptych.measure.rows import several_texts
from diptych.measure.scores import Scored


def ceiling_of(
    true_NM: ArrayLike, captions: Sets, *, ks: Sequence[int] = KS, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, ...]:
    """What the best possible ranking by truth reaches: `i2t_recall_K` and the rest of `retrieval_of`, ties broken at random.

    `true_NM`: whether text m, in the order of `captions`, is true of image n; a text is right for its own image alone.
    """
    true, _ = _table(true_NM, captions)
    return retrieval_of(true.astype(float), captions, ks=ks, shared="own", how="ceiling: a perfect reader", seed=seed, resamples=resamples)


def retrieval_true_of(
    similarity: ArrayLike | tuple[ArrayLike, ArrayLike], true_NM: ArrayLike, captions: Sets, *, ks: Sequence[int] = KS,
    ties: Ties = "expected", equal: float | None = None, how: str = "", seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`retrieval_of` where every text is right for each image that it is true of, and its own image whatever it says."""
    true, sets = _table(true_NM, captions)
    owner_M = np.array([place for place, texts in enumerate(sets.values()) for _ in texts], np.int64)
    true = true.copy()
    true[owner_M, np.arange(len(owner_M))] = True
    pairs, most = int(true.sum()) - len(owner_M), true.size - len(owner_M)
    said = f"texts right where true: {pairs} of {most} other pairs"
    right = Right([np.flatnonzero(row) for row in true], [np.flatnonzero(column) for column in true.T], owner_M, said)
    return results_of(similarity, sets, right, ks=ks, ties=ties, equal=equal, how=how, seed=seed, resamples=resamples)


def normalised(found: Scored, ceiling: Scored) -> Result:
    """A model's value over what a perfect reader reaches on the same images, 1 at the ceiling; the ceiling taken as known."""
    if found.name != ceiling.name or found.ids != ceiling.ids:
        raise InputError(f"a value is set against the ceiling of its metric on the same images, got {found.name} and {ceiling.name}")
    if not ceiling.value > 0:
        raise InputError(f"the ceiling of {found.name} is {ceiling.value}: nothing can be set against it")
    result, top = found.result, ceiling.value
    how = f"{result.how}; over the ceiling {top:.4g}"
    return replace(
        result, name=f"{result.name}_normalised", value=result.value / top, low=result.low / top, high=result.high / top, how=how
    )


def _table(true_NM: ArrayLike, captions: Sets) -> tuple[NDArray[np.bool_], dict[str, tuple[str, ...]]]:
    true, sets = np.asarray(true_NM, bool), several_texts(captions)
    ends = list(accumulate((len(texts) for texts in sets.values()), initial=0))
    if true.shape != (len(sets), ends[-1]):
        raise InputError(f"truth must have shape ({len(sets)}, {ends[-1]}), images by texts, got {true.shape}")
    if not all(b > a for a, b in pairwise(ends)):
        raise InputError("every image needs a caption: leave the others out")
    return true, sets
