"""Image-image score: paint the caption several times and compare the paintings with the picture.

Image2Text (Huang et al., 2024, arXiv:2408.01723) and CLIP-Image-Score (Ge et al., 2024, arXiv:2404.19752). Raw cosines differ between
painters and embedders, so a score stands between a floor (paintings of another image's or of no caption) and a ceiling (paintings of
the true captions): normalised = (score - floor) / (ceiling - floor). A painter fills what is unsaid from its prior: average draws, and
read the score beside one over facts, since it cannot say which statement was wrong and sees numbers and relations poorly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from diptych.data.draws import digest
from diptych.data.errors import InputError
from diptych.data.limits import at_least, some
from diptych.data.pictures import Picture
from diptych.data.verdicts import family
from diptych.measure.asking import ask_all, joined, said_failed
from diptych.measure.clipscore import said_empty, texts_for
from diptych.measure.embeddings import Pictures, Vector, Vectors, cosine, embed_pictures
from diptych.measure.inputs import Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES, Array, ratio
from diptych.measure.scores import Scored, scored
from diptych.models.abilities import Embedder, Failed, Painter, PaintRequest

Floor = Literal["shuffled", "empty"]
Drawing = tuple[str, int]  # the text and the number of the draw
DRAWS = 4
_NARROW = 0.02  # an image whose ceiling lies less than this above its floor has no normalised value of its own
_BATCH = 64  # paintings held at a time
_NO_NAMES: Mapping[str, str] = {}


def regeneration(
    candidates: Candidates, pictures: Pictures, *, painter: Painter, embedder: Embedder, truth: References | None = None,
    draws: int = DRAWS, floor: Floor = "shuffled", size: int = 224, names: Mapping[str, str] = _NO_NAMES, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`image_score` and `image_score_floor`; with `truth` also `image_score_ceiling` and `image_score_normalised` (in this order).

    An image's score is the mean cosine over its draws. With several true captions the draws take them in turn. The shuffled floor gives
    each image the paintings of another's true caption (of another's candidate where there is no truth): the same for every captioner
    that is measured with the same truth. Over all images the normalised score is the sum of (score - floor) over that of (ceiling -
    floor), undefined where that is not above 0. A painting that fails is left out of its image's mean and counted; an image without
    any has no value.
    `names`: addresses of "painter", "embedder" and "captioner"; an embedder of the family of either other is refused.
    Raises InputError for that, for no candidates, draws under 1, and for ids that do not fit.
    """
    at_least("draws", draws, 1)
    _refuse_kin(names)
    texts = texts_for(candidates, pictures)
    some("candidates", texts)
    plans = _plans(texts, truth, floor, draws, seed)
    shown = embed_pictures({id: pictures[id] for id in texts}, embedder)
    paintings = _painted({drawing: id for plan in plans.values() for id, row in plan.items() for drawing in row}, painter, embedder, size)
    found = {arm: np.array([_mean(shown, id, paintings, row) for id, row in plan.items()]) for arm, plan in plans.items()}
    spreads = found["image_score"][:, 1]
    spread = f"sd between draws {np.nanmean(spreads):.3f}" if np.isfinite(spreads).any() else ""
    how = joined(
        f"mean cosine of {draws} paintings", spread, f"floor: {floor}", paintings.said, shown.said("pictures"),
        said_empty(texts), ", ".join(f"{role} {name}" for role, name in names.items()),
    )  # fmt: skip
    made = [
        scored(arm, tuple(texts), table[:, 0], how=how, seed=seed, resamples=resamples, better=_better(arm)) for arm, table in found.items()
    ]
    if truth is not None:
        made.append(_normalised(tuple(texts), [one.values_N for one in made], how, seed, resamples))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Paintings:
    vectors: Mapping[Drawing, Vector]
    said: str


def _plans(
    texts: Mapping[str, str], truth: References | None, floor: Floor, draws: int, seed: int
) -> dict[str, dict[str, tuple[Drawing, ...]]]:
    """What is painted for each image, by arm."""
    plans = {"image_score": {id: tuple((text, draw) for draw in range(draws)) for id, text in texts.items()}}
    if truth is not None:
        lined = aligned(dict(texts), truth if isinstance(truth, Mapping) else {str(place): row for place, row in enumerate(truth)})
        true = {
            id: tuple((row[draw % len(row)], draw) for draw in range(draws)) for id, row in zip(lined.ids, lined.references, strict=True)
        }
    else:
        true = plans["image_score"]
    if floor == "empty":
        plans["image_score_floor"] = {id: tuple(("", draw) for draw in range(draws)) for id in texts}
    elif floor == "shuffled":
        plans["image_score_floor"] = {id: true[other] for id, other in shuffled(list(texts), seed).items()}
    else:
        raise InputError(f"floor must be shuffled or empty, got {floor!r}")
    if truth is not None:
        plans["image_score_ceiling"] = true
    return plans


def shuffled(ids: Sequence[str], seed: int = 0) -> dict[str, str]:
    """For each id another one, by the seed and the ids alone; InputError for fewer than two."""
    if len(ids) < 2:
        raise InputError(f"a shuffled floor needs two images or more, got {len(ids)}: use floor='empty'")
    order = sorted(ids, key=lambda id: digest("shuffled", seed, id))
    following = dict(zip(order, [*order[1:], order[0]], strict=True))
    return {id: following[id] for id in ids}


def _painted(wanted: Mapping[Drawing, str], painter: Painter, embedder: Embedder, size: int) -> _Paintings:
    """Each different drawing painted and embedded once, some at a time."""
    found: dict[Drawing, Vector] = {}
    errors: list[str] = []
    todo = list(wanted)
    for start in range(0, len(todo), _BATCH):
        block = todo[start : start + _BATCH]
        answers = ask_all(painter.paint, [PaintRequest(text, size, draw, wanted[text, draw]) for text, draw in block])
        errors += [answer.error for answer in answers if isinstance(answer, Failed)]
        pictures: dict[str, Picture] = {
            str(place): answer.picture for place, answer in enumerate(answers) if not isinstance(answer, Failed)
        }
        vectors = embed_pictures(pictures, embedder)
        errors += vectors.failed.values()
        found |= {block[int(place)]: vector for place, vector in vectors.of.items()}
    return _Paintings(found, said_failed("paintings", errors, len(todo)))


def _mean(shown: Vectors, id: str, paintings: _Paintings, row: Sequence[Drawing]) -> tuple[float, float]:
    """Mean and standard deviation of the cosines of one image's paintings; nan without any (for the deviation, without two)."""
    own = shown.of.get(id)
    cosines = [] if own is None else [cosine(own, paintings.vectors[one]) for one in row if one in paintings.vectors]
    return float(np.mean(cosines)) if cosines else float("nan"), float(np.std(cosines, ddof=1)) if len(cosines) > 1 else float("nan")


def _normalised(ids: tuple[str, ...], arms: Sequence[Vector], how: str, seed: int, resamples: int) -> Scored:
    raw, low, high = arms
    known = np.isfinite(raw) & np.isfinite(low) & np.isfinite(high)
    columns = np.where(known[:, None], np.stack((raw - low, high - low), axis=1), 0.0)
    wide = known & (high - low > _NARROW)
    values = np.divide(raw - low, high - low, out=np.full(len(ids), np.nan), where=wide)
    lacks = f"{int((~known).sum())} of {len(ids)} images undefined, left out" if not known.all() else ""
    narrow = (
        f"{int((known & ~wide).sum())} images with a ceiling within {_NARROW} of the floor have no value of their own"
        if (known & ~wide).any()
        else ""
    )
    how = joined(how, lacks, narrow)
    return scored("image_score_normalised", ids, values, columns, share_of_room, how=how, seed=seed, resamples=resamples)


def share_of_room(sums_K: Array) -> Array:
    """Sum of (score - floor) over that of (ceiling - floor); nan where the ceiling is not above the floor: a quotient would mislead."""
    return ratio(np.where(sums_K[..., 1:] > 0, sums_K, 0.0))


def _better(arm: str) -> Literal["higher", "none"]:
    return "higher" if arm == "image_score" else "none"


def _refuse_kin(names: Mapping[str, str]) -> None:
    if unknown := set(names) - {"painter", "embedder", "captioner"}:
        raise InputError(f"names are of painter, embedder and captioner, got {', '.join(sorted(unknown))}")
    judge = names.get("embedder")
    for role in ("painter", "captioner"):
        if judge and role in names and family(names[role]) == family(judge):
            raise InputError(f"the embedder {judge} is of the family of the {role} {names[role]}: compare paintings by another model")
