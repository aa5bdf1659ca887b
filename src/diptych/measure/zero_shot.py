"""Zero-shot classification: a class is the mean of its prompts' vectors, a picture is of the class nearest to it.

Radford et al., 2021, arXiv:2103.00020, section 3.1.4. Shapes: N images, C classes, P prompts of a class, D width.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from diptych.data.errors import InputError
from diptych.measure.intervals import Array
from diptych.measure.retrieval_ranks import unit_rows
from diptych.measure.scores import Scored, scored

Right = str | Collection[str]


def class_vectors(prompts: Mapping[str, ArrayLike]) -> Array:
    """One unit vector a class, (C, D): its prompts' vectors (P, D) brought to length 1, their mean brought to length 1."""
    if not prompts:
        raise InputError("zero-shot classification needs at least one class with a prompt")
    means = [unit_rows(np.atleast_2d(np.asarray(vectors, float)), f"prompts of {name}").mean(axis=0) for name, vectors in prompts.items()]
    return np.asarray(unit_rows(np.stack(means), "classes"), float)


def zero_shot_of(
    images_ND: ArrayLike, prompts: Mapping[str, ArrayLike], right: Sequence[Right], *, ids: Sequence[str] | None = None,
    ks: Sequence[int] = (1, 5), how: str = "", seed: int = 0,
) -> tuple[Scored, ...]:  # fmt: skip
    """`zero_shot_top_K`, and `zero_shot_mean_class`: the mean over classes of recall at 1.

    `prompts`: vectors of each class's prompts. `right`: each image's class, or several where the picture shows things of several, any of
    which is right; an image counts for each of its classes. Equal cosines: the wrong class stands first.
    A k beyond the classes is left out. Raises InputError for numbers that do not fit, classes without prompts, and no k of 1 or more.
    """
    classes = list(prompts)
    sets = [{one} if isinstance(one, str) else set(one) for one in right]
    images = unit_rows(np.asarray(images_ND, float), "images")
    if len(images) != len(sets) or not all(sets):
        raise InputError(
            f"each image needs the class it is of, got {len(images)} images and {sum(map(bool, sets))} of {len(sets)} with one"
        )
    if unknown := set().union(*sets) - set(classes):
        raise InputError(f"no prompt for the class {min(unknown)!r}: the classes are {', '.join(classes[:20])}")
    if not ks or min(ks) < 1:
        raise InputError(f"k must be 1 or more, got {list(ks)}: (1,) gives accuracy")
    ks = [k for k in ks if k <= len(classes)] or [1]
    right_NC = np.array([[name in one for name in classes] for one in sets])
    cosine_NC = images @ class_vectors(prompts).T
    best_N = np.where(right_NC, cosine_NC, -np.inf).max(axis=1)
    above_N = (~right_NC & (cosine_NC >= best_N[:, None])).sum(axis=1)
    names = tuple(ids) if ids is not None else tuple(map(str, range(len(images))))
    several = sum(len(one) > 1 for one in sets)
    told = "; ".join(filter(None, (f"{len(classes)} classes, {several} of {len(sets)} images of several", how)))
    found = [scored(f"zero_shot_top_{k}", names, (above_N < k).astype(float), how=told, seed=seed) for k in ks]
    return (*found, _mean_class(names, right_NC, above_N < 1, told, seed))


def _mean_class(names: tuple[str, ...], right_NC: np.ndarray, hit_N: np.ndarray, how: str, seed: int) -> Scored:
    columns = np.concatenate((right_NC * hit_N[:, None], right_NC), axis=1).astype(float)
    return scored("zero_shot_mean_class", names, hit_N.astype(float), columns, mean_of_recalls, how=how, seed=seed)


def mean_of_recalls(sums_K: Array) -> Array:
    """Mean over classes of right over all, from the sums of right ones (first half of the columns) and of all; empty classes left out."""
    right, there = np.split(sums_K, 2, axis=-1)
    recall = np.divide(right, there, out=np.zeros_like(right), where=there > 0)
    known = (there > 0).sum(axis=-1)
    mean: Array = np.divide(recall.sum(axis=-1), known, out=np.full(known.shape, np.nan), where=known > 0)
    return mean
