"""Word recall over given lists of background, object and relation words (FineCapEval: Cho et al., 2022, arXiv:2205.13115)."""

from collections.abc import Mapping, Sequence

import numpy as np

from diptych.data.errors import InputError
from diptych.language.lexicon import readings
from diptych.measure.asking import joined
from diptych.measure.inputs import Candidates, by_id, same_ids
from diptych.measure.intervals import RESAMPLES, Array, ratio
from diptych.measure.rows import one_text
from diptych.measure.scores import Scored, scored
from diptych.measure.text import words_of

Phrases = Mapping[str, Sequence[str]]  # kind -> phrases
KINDS = ("background", "object", "relation")
_ARTICLES = frozenset(("a", "an", "the"))
_RULE = "a word counts once, articles do not; two words match that share a form or a lemma"


def word_recall(
    candidates: Candidates, phrases: Mapping[str, Phrases] | Sequence[Phrases], *, kinds: Sequence[str] = KINDS, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`word_recall_KIND`, the share of the listed words that the caption has, averaged over images; `word_recall` last, their mean.

    Phrases are taken apart into words (`words_of`), each different word counts once, articles never. A word is in the caption when
    one of its words is the same or shares a lemma under any part of speech ("running" with "ran"). An image whose list of a kind is
    empty has no value there; its overall value is the mean of those it has.
    Raises InputError for ids of one side alone, for a kind that is not asked for, and for one text in a list's place.
    """
    texts, lists = one_text(candidates), by_id(phrases, "word lists")
    same_ids(texts, lists, "captions have no word lists", "word lists have no caption")
    table = np.array([[_recall(texts[id], id, lists[id], kind, kinds) for kind in kinds] for id in texts], float)
    table = table.reshape(len(texts), len(kinds))
    empty = sum(not text.strip() for text in texts.values())
    how = joined(_RULE, f"{empty} of {len(texts)} captions empty, score 0" if empty else "")
    made = [
        scored(f"word_recall_{kind}", tuple(texts), table[:, place], how=how, seed=seed, resamples=resamples)
        for place, kind in enumerate(kinds)
    ]
    known = np.isfinite(table)
    columns = np.stack((np.where(known, table, 0.0), known.astype(float)), axis=2).reshape(len(texts), 2 * len(kinds))
    values = np.divide(np.where(known, table, 0.0).sum(axis=1), known.sum(axis=1), out=np.full(len(texts), np.nan), where=known.any(axis=1))
    how = joined(how, f"mean of {', '.join(kinds)}")
    return (*made, scored("word_recall", tuple(texts), values, columns, mean_of_ratios, how=how, seed=seed, resamples=resamples))


def mean_of_ratios(sums_K: Array) -> Array:
    """Mean over pairs of sums (top, bottom) of their ratios, those without anything below left out."""
    ratios = ratio(sums_K.reshape(*sums_K.shape[:-1], -1, 2))
    known = np.isfinite(ratios)
    found: Array = np.divide(
        np.where(known, ratios, 0.0).sum(axis=-1), known.sum(axis=-1), out=np.full(ratios.shape[:-1], np.nan), where=known.any(axis=-1)
    )
    return found


def lemmas(word: str) -> frozenset[str]:
    """The word and its lemmas under every part of speech."""
    return frozenset((word, *(reading.lemma for reading in readings(word).values())))


def _recall(text: str, id: str, given: Phrases, kind: str, kinds: Sequence[str]) -> float:
    if unknown := set(given) - set(kinds):
        raise InputError(f"word lists of {id!r} have the kind {min(unknown)!r}, asked for are {', '.join(kinds)}: name it in kinds")
    if isinstance(given.get(kind), str):
        raise InputError(f"the {kind} words of {id!r} must be a list of texts, got {given[kind]!r}: put it in a list")
    wanted = {word for phrase in given.get(kind, ()) for word in words_of(phrase)} - _ARTICLES
    if not wanted:
        return float("nan")
    said = frozenset(lemma for word in words_of(text) for lemma in lemmas(word))
    return sum(not said.isdisjoint(lemmas(word)) for word in wanted) / len(wanted)
