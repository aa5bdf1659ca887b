"""CAPTURE: objects, attributes and relations of a detailed caption against references, in three passes.

Dong et al., 2024, arXiv:2405.19092. Same: exact, then synonym, then soft matches; F of each kind; weights .5, .5 and .2 over 1.2; the
mean over references. As published (`repaired=False`) a synonym is also any word that is part of the other ("man" of "woman", "red" of
"bored"), attributes are compared without their objects, the first fit in order of mention is taken, and what is left is credited with its
largest cosine, however unlike. Repaired: words match whole, by lemma or WordNet; attributes and relations count on matched objects
alone; objects are matched one to one, best taken together; a soft match needs a cosine of at least `threshold`.
Different in both: our parser for FACTUAL-T5; "names nothing physical in WordNet" for the list of some 500 abstract nouns; canonical
predicates for WordNet's verbs; a kind that neither side has is left out of the weighted mean; what is denied or hedged is not compared.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.data.graphs import SceneGraph
from diptych.language.parse import parse
from diptych.measure.capture_kinds import Cosines, Credits, visible
from diptych.measure.capture_published import Greedy, greedy
from diptych.measure.capture_repaired import Bound, bound
from diptych.measure.inputs import Aligned, Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored, scored
from diptych.measure.truths import not_english
from diptych.models.abilities import Embedder

WEIGHTS = (0.5, 0.5, 0.2)  # objects, attributes, relations
THRESHOLD = 0.8  # ours, for sentence embeddings
_BLOCK = 256  # images whose phrases are embedded in one call


def capture(
    candidates: Candidates, references: References, *, repaired: bool = False, embedder: Embedder | None = None,
    threshold: float = THRESHOLD, seed: int = 0, resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """`capture`, or `capture_repaired`, from 0 to 1: the mean over images of the mean over references.

    Without an embedder there is no soft pass, and `how` says so. Raises InputError for a threshold outside (0, 1].
    """
    return capture_parts(candidates, references, repaired=repaired, embedder=embedder, threshold=threshold, seed=seed, resamples=resamples)[
        0
    ]


def capture_both(
    candidates: Candidates, references: References, *, embedder: Embedder | None = None, threshold: float = THRESHOLD, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, Scored]:  # fmt: skip
    """Side by side: as published, and repaired."""
    published, repaired = (
        capture(candidates, references, repaired=side, embedder=embedder, threshold=threshold, seed=seed, resamples=resamples)
        for side in (False, True)
    )
    return published, repaired


def capture_parts(
    candidates: Candidates, references: References, *, repaired: bool = False, embedder: Embedder | None = None,
    threshold: float = THRESHOLD, seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, Scored, Scored, Scored]:  # fmt: skip
    """The score, and F of its objects, attributes and relations; a kind that no reference of an image and no candidate has is undefined."""
    if not 0 < threshold <= 1:
        raise InputError(f"threshold is the least cosine of a soft match and must lie in (0, 1], got {threshold}")
    rows = aligned(candidates, references)
    cosines = Cosines(embedder) if embedder is not None else None
    table = np.array(list(_rows(rows, cosines, threshold if repaired else None)), float).reshape(-1, 4)
    how = _how(repaired, cosines, threshold)
    how += not_english(text for said, known in zip(rows.candidates, rows.references, strict=True) for text in (said, *known))
    name = "capture_repaired" if repaired else "capture"
    names = (name, f"{name}.objects", f"{name}.attributes", f"{name}.relations")
    total, *kinds = (scored(n, rows.ids, table[:, k], how=how, seed=seed, resamples=resamples) for k, n in enumerate(names))
    return total, kinds[0], kinds[1], kinds[2]


def _rows(rows: Aligned, cosines: Cosines | None, threshold: float | None) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(rows.ids), _BLOCK):
        block = slice(start, start + _BLOCK)
        pairs = zip(rows.candidates[block], rows.references[block], strict=True)
        compared = [_compared(said, known, threshold) for said, known in pairs]
        if cosines is not None:
            cosines.learn(phrase for row in compared for one in row for phrase in one.left)
        for row in compared:
            yield _mean([_scores(one.credits(cosines)) for one in row])


def _compared(candidate: str, references: Sequence[str], threshold: float | None) -> list[Greedy | Bound]:
    ours: SceneGraph = visible(parse(candidate))
    theirs = [visible(parse(text)) for text in references]
    return [greedy(ours, other) if threshold is None else bound(ours, other, threshold) for other in theirs]


def _scores(credits: Credits) -> list[float]:
    """The weighted mean of the kinds that either side has, and each kind's F."""
    found = [credit.f1 for credit in credits]
    known = [(f, weight) for f, weight in zip(found, WEIGHTS, strict=True) if not math.isnan(f)]
    total = sum(f * weight for f, weight in known) / sum(weight for _, weight in known) if known else float("nan")
    return [total, *found]


def _mean(scores: list[list[float]]) -> NDArray[np.float64]:
    """Over references, those where it is undefined left out."""
    table = np.array(scores)
    known = ~np.isnan(table)
    sums = np.where(known, table, 0.0).sum(axis=0)
    means: NDArray[np.float64] = np.divide(sums, known.sum(axis=0), out=np.full(4, np.nan), where=known.any(axis=0))
    return means


def _how(repaired: bool, cosines: Cosines | None, threshold: float) -> str:
    passes = "exact, synonym" if cosines is None else f"exact, synonym, soft by {type(cosines.embedder).__name__}"
    if cosines is None:
        passes += ", no soft pass without an embedder"
    elif repaired:
        passes += f" from cosine {threshold:g}"
    failed = f"; {cosines.failed} phrases without a vector" if cosines is not None and cosines.failed else ""
    kind = "repaired: whole words, bound, one to one" if repaired else "as published: parts of words, detached, first fit"
    return f"{kind}; passes {passes}; diptych's parser, abstract nouns by WordNet; mean over references and images{failed}"
