"""Texts made ungrammatical: what a head that knows grammar learns to tell from the texts as they were.

The five kinds of Cho et al., 2022, arXiv:2205.13115: n-grams repeated, n-grams removed, words put in, words exchanged, all shuffled; and
two of ours: cut short, and the wrong article. Repetition must be among them, because that is how a policy cheats a scorer that adds up
what it recognises; ending after "and" is the next way it finds, since removed n-grams are seldom the last; then "a orange cube", where it
says a colour that its article did not foresee.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.data import Data
from diptych.train.plan import BatchMaker

MOST = 3  # words in an n-gram, times it is repeated, words put in, pairs exchanged
_TRIES = 20
_ARTICLES = {"a": ("an", "An"), "an": ("a", "A")}
Words = list[str]


def repeated(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """An n-gram said up to three times more."""
    start, end = _span(words, rng)
    return words[:end] + words[start:end] * int(rng.integers(1, MOST + 1)) + words[end:]


def removed(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """An n-gram left out; at least a word stays."""
    start, end = _span(words, rng)
    return (words[:start] + words[end:]) or words


def inserted(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """Up to three known words put in anywhere."""
    found = [*words]
    for _ in range(int(rng.integers(1, MOST + 1))):
        found.insert(int(rng.integers(len(found) + 1)), known[int(rng.integers(len(known)))])
    return found


def exchanged(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """Up to three pairs of words in each other's place."""
    found = [*words]
    for _ in range(int(rng.integers(1, MOST + 1))):
        one, other = rng.integers(len(found), size=2)
        found[one], found[other] = found[other], found[one]
    return found


def shuffled(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """All words in another order."""
    return [words[place] for place in rng.permutation(len(words))]


def cut(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """The beginning alone."""
    return words[: int(rng.integers(1, max(2, len(words))))]


def misarticled(words: Words, known: Sequence[str], rng: np.random.Generator) -> Words:
    """One "an" for "a", or the other way; an "an" first, since it is the rarer."""
    places = [[place for place, word in enumerate(words) if word.lower() == form] for form in ("an", "a")]
    chosen = places[0] or places[1]
    if not chosen:
        return words
    place = chosen[int(rng.integers(len(chosen)))]
    return [*words[:place], _ARTICLES[words[place].lower()][words[place][0].isupper()], *words[place + 1 :]]


def _span(words: Words, rng: np.random.Generator) -> tuple[int, int]:
    length = int(rng.integers(1, min(MOST, len(words)) + 1))
    start = int(rng.integers(len(words) - length + 1))
    return start, start + length


Corruption = Callable[[Words, Sequence[str], np.random.Generator], Words]
CORRUPTIONS: tuple[Corruption, ...] = (repeated, removed, inserted, exchanged, shuffled, cut, misarticled)


def corrupted(text: str, known: Sequence[str], rng: np.random.Generator) -> str:
    """The text after one kind of corruption, other than it was; an empty text is a known word."""
    words = text.split()
    for _ in range(_TRIES if words else 0):
        found = CORRUPTIONS[int(rng.integers(len(CORRUPTIONS)))](words, known, rng)
        if found != words:
            return " ".join(found)
    return " ".join([*words, known[int(rng.integers(len(known)))]])


@dataclass(frozen=True, slots=True)
class Corrupting:
    """The batches of another maker with a corrupted "wrong" text beside each "text"; words put in come from the batch."""

    batches: BatchMaker = field(default_factory=Random)

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        for batch in self.batches(model, data, rng, episode):
            known = sorted({word for text in batch.texts["text"] for word in text.split()}) or ["a"]
            wrong = [corrupted(text, known, rng) for text in batch.texts["text"]]
            yield replace(batch, texts={**batch.texts, "wrong": wrong})
