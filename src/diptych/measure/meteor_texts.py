"""Captions made ready for METEOR's matchers: all that hangs on a word or a caption alone, once for each.

Shapes: N images, C captions (an image's candidate first, then its references), T words, V distinct words, O occurrences of phrases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from diptych.language.meteor_words import OWN_FUNCTION_WORDS, OWN_PREFIXES, meteor_words, simple
from diptych.language.stem import stem
from diptych.measure.meteor_tables import Tables
from diptych.measure.ngrams import Corpus, Tokens

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Occurrences:
    """Phrases with paraphrases in each caption, by first word and length: where, how long, and a number for each distinct phrase."""

    offsets: Places  # of captions, C + 1
    start_O: Ints
    length_O: Ints
    phrase_O: Ints
    near_at: Places  # of phrases
    near: Ints  # paraphrases of each that stand in these captions


@dataclass(frozen=True)
class Texts:
    """Words of captions, what the matchers need of each distinct word, and the captions' phrases."""

    words: Tokens
    starts: Places  # of images among the captions, N + 1
    key_V: Ints  # words with the same key are equal to the exact matcher
    stem_V: Ints
    function_V: NDArray[np.bool_]
    synonyms_at: Places
    synonyms: Ints  # words of these captions that share a synonym set, ascending, without the word itself
    phrases: Occurrences


def texts_of(corpus: Corpus, tables: Tables | None, occurrences: "Finder") -> Texts:
    """All of it. Without tables no word has synonyms and no phrase paraphrases."""
    words, vocabulary = _normalised(corpus, OWN_PREFIXES if tables is None else tables.prefixes)
    function = OWN_FUNCTION_WORDS if tables is None else tables.function
    key_V, stem_V = _numbered(vocabulary), _numbered(list(map(stem, vocabulary)))
    function_V = np.array([word in function for word in vocabulary], bool)
    at, near = _synonyms([] if tables is None else [tables.synonym_sets(word) for word in vocabulary], len(vocabulary))
    phrases = _no_phrases(len(words.offsets) - 1) if tables is None else _local(tables, words, vocabulary, occurrences)
    return Texts(words, corpus.starts, key_V, stem_V, function_V, at, near, phrases)


def _numbered(words: Sequence[str]) -> Ints:
    """A number for each word; words that differ and have one Java hash get the same, as the 1.5 program compares hashes ("srl", "st.")."""
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(java_hash(word), len(numbers)) for word in words], np.int32)


def java_hash(word: str) -> int:
    """Java's hash of a string: a polynomial of its UTF-16 units in 31, modulo 2 ** 32."""
    units = map(ord, word) if word.isascii() else np.frombuffer(word.encode("utf-16-le", "surrogatepass"), "<u2").tolist()
    total = 0
    for unit in units:
        total = (31 * total + unit) & 0xFFFFFFFF
    return total


def _normalised(corpus: Corpus, prefixes: Mapping[str, bool]) -> tuple[Tokens, tuple[str, ...]]:
    """The captions' words after METEOR's own normaliser; captions of simple tokens are put together from the tokens' parts."""
    numbers: dict[str, int] = {}
    plain_V = np.fromiter(map(simple, corpus.vocabulary), bool, len(corpus.vocabulary))
    parts = [meteor_words(token, prefixes) if plain else [] for token, plain in zip(corpus.vocabulary, plain_V.tolist(), strict=True)]
    part_P = np.array([numbers.setdefault(part, len(numbers)) for part in chain.from_iterable(parts)], np.int32)
    parted = Tokens(part_P, np.concatenate(([0], np.cumsum([len(few) for few in parts], dtype=np.int64))))
    words = parted.taken(corpus.words.ids_T.astype(np.int64))
    words = Tokens(words.ids_T, words.offsets[corpus.words.offsets])
    odd = np.flatnonzero(_any_in(~plain_V[corpus.words.ids_T], corpus.words.offsets)).tolist()
    if odd:
        words = _with_rows(words, {row: _line(corpus, row, prefixes, numbers) for row in odd})
    return words, tuple(numbers)


def _any_in(mask_T: NDArray[np.bool_], offsets: Places) -> NDArray[np.bool_]:
    counts = np.concatenate(([0], np.cumsum(mask_T)))[offsets]
    return np.diff(counts) > 0


def _line(corpus: Corpus, row: int, prefixes: Mapping[str, bool], numbers: dict[str, int]) -> Ints:
    tokens = corpus.words.ids_T[corpus.words.offsets[row] : corpus.words.offsets[row + 1]].tolist()
    line = " ".join(corpus.vocabulary[token] for token in tokens)
    return np.array([numbers.setdefault(word, len(numbers)) for word in meteor_words(line, prefixes)], np.int32)


def _with_rows(words: Tokens, rows: Mapping[int, Ints]) -> Tokens:
    """The captions with some of them replaced."""
    extra = Tokens(
        np.concatenate([words.ids_T, *rows.values()]),
        np.concatenate((words.offsets, words.offsets[-1] + np.cumsum([len(r) for r in rows.values()]))),
    )
    order = np.arange(len(words.offsets) - 1)
    order[list(rows)] = np.arange(len(rows)) + len(order)
    return extra.taken(order)


def _synonyms(sets: Sequence[Sequence[int]], size: int) -> tuple[Places, Ints]:
    """For each word the others with a synonym set in common."""
    word = np.repeat(np.arange(len(sets)), [len(few) for few in sets])
    found = np.unique(np.stack((np.fromiter(chain.from_iterable(sets), np.int64, len(word)), word), axis=1), axis=0)
    _, first, count = np.unique(found[:, 0], return_index=True, return_counts=True)
    group = np.repeat(np.arange(len(count)), count)  # of each member
    left = np.repeat(found[:, 1], count[group])
    right = found[_ranges(first[group], count[group]), 1]
    pairs = np.unique((left * size + right)[left != right])
    return np.searchsorted(pairs, np.arange(size + 1) * size), (pairs % max(size, 1)).astype(np.int32)


def _ranges(starts: Places, lengths: Places) -> Places:
    """Numbers from each start on, as many as its length."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)


Found = tuple[Places, Ints, Ints, Ints]
Finder = Callable[[Tables, Tokens, Ints], Found]
"""Captions' offsets, and starts, lengths and nodes of the phrases that the tree of paraphrases knows."""


def plain_phrases(tables: Tables, words: Tokens, number_V: Ints) -> Found:
    """Phrases of captions by walking the tree; `number_V` are the words' numbers in the tables."""
    ids, offsets, numbers = words.ids_T.tolist(), words.offsets.tolist(), number_V.tolist()
    found: list[tuple[int, int, int]] = []
    at = [0]
    for first, end in pairwise(offsets):
        for start in range(first, end):
            node, place = numbers[ids[start]], start + 1
            while node >= 0:
                found.append((start - first, place - start, node))
                node = tables.child(node, numbers[ids[place]]) if place < end and numbers[ids[place]] >= 0 else -1
                place += 1
        at.append(len(found))
    start_O, length_O, node_O = np.array(found, np.int32).reshape(-1, 3).T
    return np.array(at, np.int64), start_O, length_O, node_O


def _no_phrases(captions: int) -> Occurrences:
    none = np.zeros(0, np.int32)
    return Occurrences(np.zeros(captions + 1, np.int64), none, none, none, np.zeros(1, np.int64), none)


def _local(tables: Tables, words: Tokens, vocabulary: Sequence[str], find: Finder) -> Occurrences:
    """Phrases of the captions of which another one, in these captions too, is a paraphrase."""
    number_V = np.array([tables.number(word) for word in vocabulary], np.int32)
    offsets, start_O, length_O, node_O = find(tables, words, number_V)
    place_M = np.full(len(tables.arrays["last"]), -1, np.int32)
    place_M[node_O] = 0
    nodes = np.flatnonzero(place_M == 0)
    place_M[nodes] = np.arange(len(nodes))
    at = tables.arrays["near_at"]
    count = (at[nodes + 1] - at[nodes]).astype(np.int64)
    near = place_M[tables.arrays["near"][_ranges(at[nodes].astype(np.int64), count)]]
    source = np.repeat(np.arange(len(nodes)), count)[near >= 0]
    near = near[near >= 0]
    used = np.zeros(len(nodes), bool)
    used[source] = used[near] = True
    number_P = np.cumsum(used).astype(np.int32) - 1
    kept = used[place_M[node_O]]
    offsets = np.concatenate(([0], np.cumsum(kept)))[offsets]
    phrase_O = number_P[place_M[node_O[kept]]]
    near_at = np.searchsorted(number_P[source], np.arange(int(used.sum()) + 1))
    return Occurrences(offsets, start_O[kept], length_O[kept], phrase_O, near_at, number_P[near])
