"""How far the vectors of pictures lie from those of their texts. Liang et al., 2022, arXiv:2203.02053.

Shapes: N pairs, D width, B resamples.
"""

import numpy as np
from numpy.typing import ArrayLike

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import Array, bootstrap, mean
from diptych.measure.retrieval_ranks import unit_rows


def modality_gap_of(
    images_ND: ArrayLike, texts_ND: ArrayLike, *, how: str = "", seed: int = 0, resamples: int = 1000
) -> tuple[Result, ...]:
    """Of pairs in one order, brought to length 1:

    `gap`: distance of the two means. `gap_share`: its square over the mean squared distance of a picture to a text not its own, from
    0 for one cloud to 1 where nothing but the gap sets them apart. `cosine_paired`, and `cosine_others` of a picture with other
    texts. `separable`: share of vectors on their own side of the plane halfway between the means, .5 where there is no gap.
    Raises InputError for numbers that do not fit and fewer than two pairs.
    """
    images, texts = _rows(images_ND, "images"), _rows(texts_ND, "texts")
    if images.shape != texts.shape or len(images) < 2:
        raise InputError(f"the gap is of at least two pairs of one width, got {images.shape} and {texts.shape}")
    n, d = images.shape
    columns = np.concatenate((images, texts, np.einsum("nd,nd->n", images, texts)[:, None], np.ones((n, 1))), axis=1)

    def gap(sums: Array) -> Array:
        apart: Array = np.linalg.norm((sums[..., :d] - sums[..., d : 2 * d]) / sums[..., -1:], axis=-1)
        return apart

    def others(sums: Array) -> Array:
        # the mean over all ordered pairs but the own ones
        total, count = np.einsum("...d,...d->...", sums[..., :d], sums[..., d : 2 * d]), sums[..., -1]
        found: Array = (total - sums[..., -2]) / (count * np.maximum(count - 1, 1))
        return found

    def share(sums: Array) -> Array:
        return np.minimum(1.0, gap(sums) ** 2 / np.maximum(2 - 2 * others(sums), 1e-12))

    made = {"how": how, "seed": seed, "resamples": resamples}
    return (
        bootstrap(columns, gap, name="gap", better="none", **made),  # type: ignore[arg-type]
        bootstrap(columns, share, name="gap_share", better="none", **made),  # type: ignore[arg-type]
        mean(columns[:, -2], name="cosine_paired", better="higher", how=how, seed=seed),
        bootstrap(columns, others, name="cosine_others", better="none", **made),  # type: ignore[arg-type]
        mean(_own_side(images, texts), name="separable", better="none", how=how, seed=seed),
    )


def _rows(vectors_ND: ArrayLike, what: str) -> Array:
    return np.asarray(unit_rows(np.asarray(vectors_ND, float), what), float)


def _own_side(images_ND: Array, texts_ND: Array) -> Array:
    """Whether each vector lies on its own side of the plane halfway between the means."""
    one, other = images_ND.mean(axis=0), texts_ND.mean(axis=0)
    middle, way = (one + other) / 2, one - other
    return np.concatenate(((images_ND - middle) @ way > 0, (texts_ND - middle) @ way < 0)).astype(float)
