"""Self-retrieval: does a caption find its own image among others? (TrueMatch of Gaur et al., 2024, arXiv:2409.03025.)

R@1 = share of captions whose own image fits best within the bag. Random bags saturate, hard ones tell captioners apart. An embedder
that ignores relations and numbers, or cuts long texts, under-rates good long captions: give a function of the truth as a control.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.measure.asking import ask_all, joined, said_failed
from diptych.measure.bags import Bags
from diptych.measure.clipscore import said_empty, texts_for
from diptych.measure.embeddings import CLIP_TOKENS, Pictures, cosines, embed_pictures, embed_texts, said_long
from diptych.measure.inputs import Candidates, by_id
from diptych.measure.intervals import RESAMPLES
from diptych.measure.rows import scored_rows
from diptych.measure.scores import Scored
from diptych.models.abilities import Embedder, Failed, Matcher, MatchRequest

Similarity = Callable[[str, str], float]  # caption's text, image's id -> how well they fit; nan where it cannot tell
Queries = Literal["all", "first"]
Ties = Literal["expected", "pessimistic"]
Table = Callable[[Sequence[str], Sequence[str]], NDArray[np.float64]]
_EQUAL = 1e-9  # scores this close are one score


@dataclass(frozen=True, slots=True)
class Search:
    """One caption's search in its bag: `hit` is the chance of its own image to come first among those that score best (nan: failed)."""

    bag: int
    id: str
    hit: float
    similarity: float


def self_retrieval(
    candidates: Candidates, bags: Bags, pictures: Pictures | None = None, *, model: Embedder | Matcher | Similarity,
    queries: Queries = "all", ties: Ties = "expected", limit: int | None = CLIP_TOKENS, seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """For each size of bag `self_retrieval_SIZE` (R@1) and, of an embedder, `self_retrieval_similarity_SIZE` (100 max(cos, 0)).

    A row is a bag, named by its first image (with #2 where that opens a second bag); its value is the mean over its captions, and
    bags are resampled. `queries="first"` asks with the first image's caption alone, as random distractors are used. A caption is left
    out, and counted, where its own text or any picture of its bag failed. Where k images tie for the best, "expected" gives 1/k and
    "pessimistic" 0: a model that cannot tell images apart gets chance, not 1.
    `model`: an embedder, a matcher, or a function of caption and image id (an oracle; no pictures needed).
    Raises InputError for a bag of fewer than two images or the same one twice, and for ids without caption or picture.
    """
    texts, found, failures = _searched(candidates, bags, pictures, model, queries=queries, ties=ties)
    kinds = [("self_retrieval", "hit", 1.0)]
    if hasattr(model, "embed"):
        kinds.append(("self_retrieval_similarity", "similarity", 100.0))
        failures = joined(failures, said_long(texts.values(), limit))
    how = joined(f"within bags, {queries} captions ask, ties {ties}", failures, said_empty(texts))
    made: list[Scored] = []
    for size in sorted({len(bag) for bag in bags}):
        rows = [number for number, bag in enumerate(bags) if len(bag) == size]
        names = _row_names([bags[number][0] for number in rows])
        for name, value, by in kinds:
            table = [[by * float(getattr(one, value)) for one in found[number]] for number in rows]
            made.append(scored_rows(f"{name}_{size}", names, table, of="captions", how=how, seed=seed, resamples=resamples))
    return tuple(made)


def searches(
    candidates: Candidates, bags: Bags, pictures: Pictures | None = None, *, model: Embedder | Matcher | Similarity,
    queries: Queries = "all", ties: Ties = "expected",
) -> tuple[Search, ...]:  # fmt: skip
    """Every caption's search by itself, for a filter or a reward; see `self_retrieval`."""
    return tuple(one for row in _searched(candidates, bags, pictures, model, queries=queries, ties=ties)[1] for one in row)


def _searched(
    candidates: Candidates, bags: Bags, pictures: Pictures | None, model: Embedder | Matcher | Similarity, *,
    queries: Queries, ties: Ties,
) -> tuple[dict[str, str], list[list[Search]], str]:  # fmt: skip
    """The captions that ask, the searches of each bag, and what failed."""
    asking = [tuple(bag) if queries == "all" else tuple(bag[:1]) for bag in bags]
    texts = _texts(candidates, bags, asking)
    score, failures = _scorer(texts, bags, asking, pictures, model)
    found: list[list[Search]] = []
    for number, (bag, askers) in enumerate(zip(bags, asking, strict=True)):
        table = score(askers, bag)  # rows: captions that ask; columns: images of the bag, their own at their place
        found.append(
            [
                Search(number, id, _hit(row, place, ties), max(float(row[place]), 0.0))
                for place, (id, row) in enumerate(zip(askers, table, strict=True))
            ]
        )
    return texts, found, failures


def _texts(candidates: Candidates, bags: Bags, asking: Bags) -> dict[str, str]:
    for bag in bags:
        if len(bag) < 2 or len(set(bag)) < len(bag):
            raise InputError(f"a bag needs two images or more, each once, got {list(bag)}")
    ids = dict.fromkeys(id for bag in asking for id in bag)
    given = by_id(candidates, "captions")
    if missing := [id for id in ids if id not in given]:
        raise InputError(f"{len(missing)} images that ask have no candidate, first {missing[0]!r}: caption them or leave their bags out")
    return texts_for({id: given[id] for id in ids}, ids)


def _scorer(
    texts: Mapping[str, str], bags: Bags, asking: Bags, pictures: Pictures | None, model: Embedder | Matcher | Similarity
) -> tuple[Table, str]:  # fmt: skip
    if not hasattr(model, "embed") and not hasattr(model, "match"):
        return lambda askers, bag: np.array([[model(texts[one], id) for id in bag] for one in askers], float), "given similarity"
    ids = dict.fromkeys(id for bag in bags for id in bag)
    if missing := [id for id in ids if pictures is None or id not in pictures]:
        raise InputError(f"{len(missing)} images of the bags have no picture, first {missing[0]!r}: give it or leave their bags out")
    shown = {id: cast(Pictures, pictures)[id] for id in ids}
    if hasattr(model, "embed"):
        return _embedded(texts, shown, cast(Embedder, model))
    return _matched(texts, bags, asking, shown, cast(Matcher, model))


def _embedded(texts: Mapping[str, str], shown: Pictures, model: Embedder) -> tuple[Table, str]:
    images, told = embed_pictures(shown, model), embed_texts(texts.values(), model)
    failures = joined(images.said("pictures"), told.said("texts"))
    return lambda askers, bag: cosines(told, [texts[one] for one in askers], images, bag), failures


def _matched(texts: Mapping[str, str], bags: Bags, asking: Bags, shown: Pictures, model: Matcher) -> tuple[Table, str]:
    pairs = dict.fromkeys((texts[one], id) for bag, askers in zip(bags, asking, strict=True) for one in askers for id in bag)
    answers = ask_all(model.match, [MatchRequest(shown[id], text, record=id) for text, id in pairs])
    scores = {pair: math.nan if isinstance(answer, Failed) else answer.score for pair, answer in zip(pairs, answers, strict=True)}
    failures = said_failed("matches", [answer.error for answer in answers if isinstance(answer, Failed)], len(answers))
    return lambda askers, bag: np.array([[scores[texts[one], id] for id in bag] for one in askers], float), failures


def _hit(row: NDArray[np.float64], own: int, ties: Ties) -> float:
    if np.isnan(row).any():
        return math.nan
    best = row >= row.max() - _EQUAL
    if not best[own]:
        return 0.0
    return float(1 / best.sum()) if ties == "expected" else float(best.sum() == 1)


def _row_names(first: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names: list[str] = []
    for id in first:
        seen[id] += 1
        names.append(id if seen[id] == 1 else f"{id}#{seen[id]}")
    return tuple(names)
