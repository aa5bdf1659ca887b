"""Retrieval of texts by pictures and pictures by texts: recall at k, median rank, mean average precision.

Many captions an image: a picture finds a text when any of its captions is ranked high enough; every caption is a query of its own, and
a picture's captions are resampled together. A text that several images have in common is right for all of them. Ties give no credit
that chance would not give. Shapes: N images, M texts, D width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from diptych.data.errors import InputError
from diptych.measure.asking import joined
from diptych.measure.diversity import Sets
from diptych.measure.embeddings import CLIP_TOKENS, Pictures, embed_pictures, embed_texts, said_long
from diptych.measure.intervals import RESAMPLES, Array, ratio
from diptych.measure.retrieval_ranks import Block, Ints, Ranks, Ties, of_matrix, of_vectors, ranks, unit_rows
from diptych.measure.rows import several_texts
from diptych.measure.scores import Scored, scored
from diptych.models.abilities import Embedder

Make = Callable[..., Scored]
Shared = Literal["right", "own"]
KS = (1, 5, 10)
EQUAL = 1e-6  # cosines of float32 vectors this close are one
# ranks whose numbers are resampled for the median: every half up to 32, then in steps of 10 %
GRID: Array = np.concatenate((np.arange(2, 65) / 2, 32 * 1.1 ** np.arange(1, 160)))


def retrieval(
    captions: Sets, pictures: Pictures, *, model: Embedder, ks: Sequence[int] = KS, ties: Ties = "expected",
    shared: Shared = "right", prompt: str = "", limit: int | None = CLIP_TOKENS, seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`retrieval_of` the cosines of an embedder, each different picture and text embedded once.

    Pictures and texts that fail are left out on both sides, and counted: the rest has fewer to be told from.
    Raises InputError for captions of an image without picture.
    """
    sets = several_texts(captions)
    if missing := [id for id in sets if id not in pictures]:
        raise InputError(f"{len(missing)} images with captions have no picture, first {missing[0]!r}: give it or leave them out")
    shown = embed_pictures({id: pictures[id] for id in sets}, model)
    told = embed_texts((text for texts in sets.values() for text in texts), model, prompt)
    kept = {id: tuple(text for text in texts if text in told.of) for id, texts in sets.items() if id in shown.of}
    vectors = ([shown.of[id] for id in kept], [told.of[text] for texts in kept.values() for text in texts])
    how = joined(shown.said("pictures"), told.said("texts"), said_long((prompt + text for text in told.of), limit))
    return retrieval_of(vectors, kept, ks=ks, ties=ties, shared=shared, how=how, seed=seed, resamples=resamples)


def retrieval_of(
    similarity: ArrayLike | tuple[ArrayLike, ArrayLike], captions: Sets, *, ks: Sequence[int] = KS, ties: Ties = "expected",
    shared: Shared = "right", equal: float | None = None, how: str = "", seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`i2t_recall_K`, `i2t_median_rank`, `i2t_map`, `i2t_map_at_r`, and the same of `t2i`.

    `similarity`: scores of shape (N, M), or vectors of pictures (N, D) and of texts (M, D), whose cosines are taken block by block;
    N images and M texts in the order of `captions`, image after image. An image without captions is there to be told from; it asks
    nothing. Scores within `equal` tie (by default 0 for given scores, 1e-6 for cosines of vectors). "expected": ranks and recalls are
    the expected ones under a random order of ties; "pessimistic": wrong items stand before right ones, as they always do in average
    precision. Texts alike but for case and spacing are right for the images of all ("own": for their own alone, so that they tie).
    That is fair to a model tested on people's captions; to test a captioner take "own", since one that always says the same finds
    every image otherwise. `how` gives the share of such texts, and recall at 1 by chance. Ranks count from 1.
    Raises InputError for numbers that do not fit, nan, k under 1, and no captions.
    """
    sets = several_texts(captions)
    if not ks or min(ks) < 1:
        raise InputError(f"k of recall must be 1 or more, got {list(ks)}")
    return results_of(similarity, sets, _right(sets, shared), ks=ks, ties=ties, equal=equal, how=how, seed=seed, resamples=resamples)


def results_of(
    similarity: ArrayLike | tuple[ArrayLike, ArrayLike], sets: dict[str, tuple[str, ...]], right: "Right", *, ks: Sequence[int],
    ties: Ties, equal: float | None, how: str, seed: int, resamples: int,
) -> tuple[Scored, ...]:  # fmt: skip
    """The same, given what is right for what."""
    forth, back, given = _blocks(similarity, len(sets), len(right.images_of))
    tie = equal if equal is not None else 0.0 if given else EQUAL
    asking = np.array([place for place, texts in enumerate(right.texts_of) if len(texts)], np.int64)
    i2t = ranks(forth, asking, [right.texts_of[place] for place in asking], len(right.images_of), tie)
    t2i = ranks(back, np.arange(len(right.images_of)), right.images_of, len(sets), tie)
    silent = f"{len(sets) - len(asking)} images without captions ask nothing" if len(asking) < len(sets) else ""
    told = joined(f"{len(sets)} images, {len(right.images_of)} texts", right.said, silent, f"ties {ties}", how)
    make = partial(_scored, ids=tuple(sets), how=told, seed=seed, resamples=resamples)
    return (*_results("i2t", _values(i2t, ks, ties), asking, make), *_results("t2i", _values(t2i, ks, ties), right.owner_M, make))


@dataclass(frozen=True, slots=True)
class Right:
    """What is right for what: texts of each image, images of each text, and the image that each text was given for."""

    texts_of: list[Ints]
    images_of: list[Ints]
    owner_M: Ints
    said: str


def _right(sets: dict[str, tuple[str, ...]], shared: Shared) -> Right:
    owner_M = np.array([place for place, texts in enumerate(sets.values()) for _ in texts], np.int64)
    if not len(owner_M):
        raise InputError("no image has a caption: give at least one")
    said = [" ".join(text.casefold().split()) for texts in sets.values() for text in texts]
    alike: dict[str, list[int]] = {}
    for number, text in enumerate(said):
        alike.setdefault(text, []).append(number)
    images = {text: np.unique(owner_M[numbers]) for text, numbers in alike.items()}
    many = sum(len(images[text]) > 1 for text in said)
    if shared == "right":
        images_of = [images[text] for text in said]
        own: list[dict[str, None]] = [{} for _ in sets]
        for place, text in zip(owner_M.tolist(), said, strict=True):
            own[place][text] = None
        texts_of = [np.array(sorted(number for text in texts for number in alike[text]), np.int64) for texts in own]
    else:
        images_of = [owner_M[number : number + 1] for number in range(len(said))]
        texts_of = np.split(np.arange(len(said)), np.searchsorted(owner_M, np.arange(1, len(sets))))
    return Right(texts_of, images_of, owner_M, _told(texts_of, images_of, f"{many} of {len(said)} texts are also another image's", shared))


def _told(texts_of: list[Ints], images_of: list[Ints], many: str, shared: Shared) -> str:
    """What texts in common count for, and recall at 1 of a lot: a captioner that always says the same is no better than it."""
    asking = [len(texts) for texts in texts_of if len(texts)]
    i2t, t2i = np.mean(asking) / len(images_of), np.mean([len(images) for images in images_of]) / len(texts_of)
    return f"{many}, {'right for each' if shared == 'right' else 'wrong for it'}; recall at 1 by chance: i2t {i2t:.4g}, t2i {t2i:.4g}"


def _blocks(similarity: ArrayLike | tuple[ArrayLike, ArrayLike], images: int, texts: int) -> tuple[Block, Block, bool]:
    """Scores of images against texts, of texts against images, and whether they were given."""
    if isinstance(similarity, tuple):
        images_ND, texts_MD = unit_rows(similarity[0], "images"), unit_rows(similarity[1], "texts")
        if (len(images_ND), len(texts_MD)) != (images, texts) or images_ND.shape[1] != texts_MD.shape[1]:
            raise InputError(
                f"vectors must be of {images} images and {texts} texts and of one width, got {images_ND.shape} and {texts_MD.shape}"
            )
        return of_vectors(images_ND, texts_MD), of_vectors(texts_MD, images_ND), False
    real = isinstance(similarity, np.ndarray) and np.issubdtype(similarity.dtype, np.floating)
    scores_NM = np.asarray(similarity, None if real else float)  # whole numbers cannot hold `equal`
    if scores_NM.shape != (images, texts):
        raise InputError(f"the similarity must have shape ({images}, {texts}), images by texts, got {scores_NM.shape}")
    return of_matrix(scores_NM), of_matrix(scores_NM.T), True


def _values(found: Ranks, ks: Sequence[int], ties: Ties) -> dict[str, Array]:
    recalls = {f"recall_{k}": found.hits(k, ties) for k in ks}
    return recalls | {"median_rank": found.first(ties), "map": found.ap_Q, "map_at_r": found.ap_at_r_Q}


def _results(way: str, values: Mapping[str, Array], owners_Q: Ints, make: Make) -> list[Scored]:
    return [make(f"{way}_{name}", values_Q, owners_Q) for name, values_Q in values.items()]


def _scored(name: str, values_Q: Array, owners_Q: Ints, *, ids: tuple[str, ...], how: str, seed: int, resamples: int) -> Scored:
    """Each image's queries together: their mean; of ranks, their median, with how many stand at each rank as columns."""
    made = partial(scored, name, ids, how=how, seed=seed, resamples=resamples)
    if not name.endswith("median_rank"):
        columns = np.stack((np.bincount(owners_Q, values_Q, len(ids)), np.bincount(owners_Q, minlength=len(ids)).astype(float)), axis=1)
        return made(ratio(columns), columns)
    columns = np.zeros((len(ids), len(GRID)))
    np.add.at(columns, (owners_Q, np.searchsorted((GRID[1:] + GRID[:-1]) / 2, values_Q)), 1)
    starts = np.searchsorted(owners_Q, np.arange(len(ids) + 1)).tolist()
    medians = [float(np.median(values_Q[first:end])) if end > first else float("nan") for first, end in pairwise(starts)]
    middle = float(np.median(values_Q))
    found = made(medians, columns, median_on_grid, value=middle, better="lower")
    low, high = np.minimum(found.result.low, middle), np.maximum(found.result.high, middle)  # the grid's rounding may not leave it outside
    return replace(found, result=replace(found.result, low=float(low), high=float(high)))


def median_on_grid(sums_K: Array) -> Array:
    """The median of ranks from how many stand at each of `GRID`; the mean of the two middle ones where there are two."""
    reached = np.cumsum(sums_K, axis=-1)
    half = reached[..., -1:] / 2
    low, high = (reached < half).sum(axis=-1), (reached <= half).sum(axis=-1)
    some = half[..., 0] > 0
    ends = np.minimum(low, len(GRID) - 1), np.minimum(high, len(GRID) - 1)
    return np.where(some, (GRID[ends[0]] + GRID[ends[1]]) / 2, np.nan)
