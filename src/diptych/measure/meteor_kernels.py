"""The compiled form of `Plain.statistics`, for large sets; equal to it in every count.

A candidate match is a row of five numbers: first word in the reference, first word in the candidate, words there, words here, matcher.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled, telling
from diptych.measure.meteor_beam import Space, align, room
from diptych.measure.meteor_match import CHUNKS, EXACT, MATCHED, PARAPHRASE, STATISTICS, STEM, SYNONYM
from diptych.measure.meteor_texts import Texts

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
_ROOM = 256  # candidate matches before the table grows
_SHARE = 2_000  # images worth a thread
_KEY, _STEM, _FUNCTION, _NEAR, _NEAR_END = range(5)  # columns of a word
_START, _LENGTH, _PHRASE, _SAYS, _SAYS_END = range(5)  # columns of a phrase's occurrence
_BY_WORD, _BY_KEY, _BY_STEM, _BY_SAID, _BY_KNOWN = range(5)  # chains


class _Given(NamedTuple):
    """Captions: words, phrases in them, and what each word and phrase is near to."""

    ids_T: Ints
    offsets: Places
    word_VX: Ints
    synonyms: Ints
    found_at: Places
    found_OX: Ints
    near: Ints


class _Chains(NamedTuple):
    """By word, key, stem, phrase of the candidate and phrase of the reference: the first place, -1 for none, and after each the next."""

    head_XV: Ints
    after_XW: Ints


def statistics(texts: Texts) -> Ints:
    """As `Plain.statistics`."""
    found, near = texts.phrases, texts.synonyms_at
    word_VX = np.stack((texts.key_V, texts.stem_V, texts.function_V, near[:-1], near[1:]), axis=1).astype(np.int32)
    says = (found.near_at[found.phrase_O], found.near_at[found.phrase_O + 1])
    found_OX = np.stack((found.start_O, found.length_O, found.phrase_O, *says), axis=1).astype(np.int32)
    given = _Given(texts.words.ids_T, texts.words.offsets, word_VX, texts.synonyms, found.offsets, found_OX, found.near)
    keys, images = max(len(word_VX), len(found.near_at)), len(texts.starts) - 1
    count = min(os.cpu_count() or 1, 1 + images // _SHARE)
    edges = [images * part // count for part in range(count + 1)]
    with telling(), ThreadPoolExecutor(count) as pool:
        parts = pool.map(lambda part: _statistics(given, texts.starts[part[0] : part[1] + 1], keys), pairwise(edges))
        return np.concatenate(list(parts))


@compiled
def _put(rows_MX: Ints, count: int, row: tuple[int, int, int, int, int]) -> int:
    """Writes one more row where there is room, and counts it."""
    if count < len(rows_MX):
        rows_MX[count, 0], rows_MX[count, 1], rows_MX[count, 2], rows_MX[count, 3], rows_MX[count, 4] = row
    return count + 1


@compiled
def _same(given: _Given, row: int, other: int) -> bool:
    """Whether two captions are the same word by word."""
    first, there = given.offsets[row], given.offsets[other]
    length = given.offsets[row + 1] - first
    if given.offsets[other + 1] - there != length:
        return False
    same = True
    for place in range(length):
        same &= given.word_VX[given.ids_T[first + place], _KEY] == given.word_VX[given.ids_T[there + place], _KEY]
    return same


@compiled
def _single_words(given: _Given, pair: tuple[int, int], chains: _Chains, rows_MX: Ints, kind: int) -> int:
    """Exact or stem matches, by place in the reference and then in the candidate; how many rows there are then."""
    (row, other), count = pair, 0
    first, there = given.offsets[row], given.offsets[other]
    for j in range(given.offsets[other + 1] - there):
        i = chains.head_XV[_BY_KEY, given.word_VX[given.ids_T[there + j], _KEY]]
        while i >= 0:
            count = _put(rows_MX, count, (j, i, 1, 1, EXACT))
            i = chains.after_XW[_BY_KEY, i]
    if kind == EXACT:
        return count
    for j in range(given.offsets[other + 1] - there):
        word = given.ids_T[there + j]
        i = chains.head_XV[_BY_STEM, given.word_VX[word, _STEM]]
        while i >= 0:
            if given.word_VX[given.ids_T[first + i], _KEY] != given.word_VX[word, _KEY]:
                count = _put(rows_MX, count, (j, i, 1, 1, STEM))
            i = chains.after_XW[_BY_STEM, i]
    return count


@compiled
def _synonyms(given: _Given, other: int, chains: _Chains, rows_MX: Ints, count: int) -> int:
    """Synonym matches, by place in the reference and then in the candidate."""
    there = given.offsets[other]
    for j in range(given.offsets[other + 1] - there):
        word, first = given.ids_T[there + j], count
        for at in range(given.word_VX[word, _NEAR], given.word_VX[word, _NEAR_END]):
            near = given.synonyms[at]
            i = chains.head_XV[_BY_WORD, near] if given.word_VX[near, _KEY] != given.word_VX[word, _KEY] else -1
            while i >= 0:
                count = _put(rows_MX, count, (j, i, 1, 1, SYNONYM))
                place = min(count, len(rows_MX)) - 1  # synonyms come in the order of their numbers; places must rise
                while place > first and rows_MX[place - 1, 1] > rows_MX[place, 1]:
                    here, before = rows_MX[place, 1], rows_MX[place - 1, 1]
                    rows_MX[place, 1], rows_MX[place - 1, 1] = before, here
                    place -= 1
                i = chains.after_XW[_BY_WORD, i]
    return count


@compiled
def _paraphrases(given: _Given, pair: tuple[int, int], chains: tuple[_Chains, int], rows_MX: Ints, count: int) -> int:
    """Matches of one caption's phrases with their paraphrases in the other, whose chain is given."""
    one, other = pair
    links, chain = chains
    base = given.found_at[other]
    for place in range(given.found_at[one], given.found_at[one + 1]):
        start, length = given.found_OX[place, _START], given.found_OX[place, _LENGTH]
        for at in range(given.found_OX[place, _SAYS], given.found_OX[place, _SAYS_END]):
            found = links.head_XV[chain, given.near[at]]
            while found >= 0:
                there, words = given.found_OX[base + found, _START], given.found_OX[base + found, _LENGTH]
                if chain == _BY_SAID:
                    count = _put(rows_MX, count, (start, there, length, words, PARAPHRASE))
                else:
                    count = _put(rows_MX, count, (there, start, words, length, PARAPHRASE))
                found = links.after_XW[chain, found]
    return count


@compiled
def _link(chains: _Chains, chain: int, place: int, key: int) -> None:
    chains.after_XW[chain, place] = chains.head_XV[chain, key]
    chains.head_XV[chain, key] = place


@compiled
def _chain_words(given: _Given, row: int, chains: _Chains, on: bool) -> None:
    """Links a candidate's words and stems, first place first, or undoes it."""
    first = given.offsets[row]
    for place in range(given.offsets[row + 1] - first - 1, -1, -1):
        word = given.ids_T[first + place]
        key, stem = given.word_VX[word, _KEY], given.word_VX[word, _STEM]
        if on:
            _link(chains, _BY_WORD, place, word)
            _link(chains, _BY_KEY, place, key)
            _link(chains, _BY_STEM, place, stem)
        else:
            chains.head_XV[_BY_WORD, word] = chains.head_XV[_BY_KEY, key] = chains.head_XV[_BY_STEM, stem] = -1


@compiled
def _chain_phrases(given: _Given, row: int, chains: _Chains, chain: int, on: bool) -> None:
    """Links a caption's phrases, or undoes it."""
    first = given.found_at[row]
    for place in range(given.found_at[row + 1] - first - 1, -1, -1):
        phrase = given.found_OX[first + place, _PHRASE]
        if on:
            _link(chains, chain, place, phrase)
        else:
            chains.head_XV[chain, phrase] = -1


@compiled
def _candidates(given: _Given, row: int, other: int, chains: _Chains, rows_MX: Ints) -> int:
    """What all matchers find for a candidate that is linked and a reference; more than there is room for are counted only."""
    if _same(given, row, other):
        return _single_words(given, (row, other), chains, rows_MX, EXACT)
    count = _single_words(given, (row, other), chains, rows_MX, STEM)
    count = _synonyms(given, other, chains, rows_MX, count)
    _chain_phrases(given, other, chains, _BY_KNOWN, True)
    count = _paraphrases(given, (other, row), (chains, _BY_SAID), rows_MX, count)
    count = _paraphrases(given, (row, other), (chains, _BY_KNOWN), rows_MX, count)
    _chain_phrases(given, other, chains, _BY_KNOWN, False)
    return count


@compiled
def _order(rows_MX: Ints, count: int, known: int, sorted_MX: Ints, at: Ints) -> None:
    """Sorts rows by their place in the reference, equal ones in their order, and writes where each place's begin."""
    for place in range(known + 2):
        at[place] = 0
    for row in range(count):
        at[rows_MX[row, 0] + 2] += 1
    for place in range(1, known + 2):
        at[place] += at[place - 1]
    for row in range(count):
        place = at[rows_MX[row, 0] + 1]
        at[rows_MX[row, 0] + 1] += 1
        for part in range(5):
            sorted_MX[place, part] = rows_MX[row, part]


@compiled
def _count_words(given: _Given, pair: tuple[int, int], counts_RX: Ints, number: int) -> None:
    """Writes words and function words of candidate and reference."""
    for side in range(2):
        row = pair[side]
        counts_RX[number, side] = given.offsets[row + 1] - given.offsets[row]
        for place in range(given.offsets[row], given.offsets[row + 1]):
            counts_RX[number, 2 + side] += given.word_VX[given.ids_T[place], _FUNCTION]


@compiled
def _count_match(given: _Given, pair: tuple[int, int], sorted_MX: Ints, row: int, counts: tuple[Ints, int]) -> None:
    """Adds a match to a pair's counts."""
    counts_RX, number = counts
    for side in range(2):
        start, length = given.offsets[pair[side]] + sorted_MX[row, 1 - side], sorted_MX[row, 3 - side]
        first = 4 + 4 * sorted_MX[row, 4] + side
        for place in range(start, start + length):
            counts_RX[number, first + 2 * given.word_VX[given.ids_T[place], _FUNCTION]] += 1
        counts_RX[number, MATCHED + side] += length


@compiled
def _pair(given: _Given, pair: tuple[int, int], rows: tuple[Ints, Ints, int], space: Space, counts: tuple[Ints, int, Ints]) -> None:
    """Aligns a candidate and a reference and writes their counts."""
    rows_MX, sorted_MX, count = rows
    counts_RX, number, at = counts
    known, said = given.offsets[pair[1] + 1] - given.offsets[pair[1]], given.offsets[pair[0] + 1] - given.offsets[pair[0]]
    _order(rows_MX, count, known, sorted_MX, at)
    step, chunks = align(sorted_MX, at, known, said, space)
    counts_RX[number, CHUNKS] = chunks
    _count_words(given, pair, counts_RX, number)
    while step >= 0:
        _count_match(given, pair, sorted_MX, space.trail_SX[step, 1], (counts_RX, number))
        step = space.trail_SX[step, 0]


@compiled
def _statistics(given: _Given, starts: Places, keys: int) -> Ints:
    longest = (given.offsets[1:] - given.offsets[:-1]).max()
    most = max(longest, (given.found_at[1:] - given.found_at[:-1]).max())
    chains = _Chains(np.full((5, keys), -1, np.int32), np.empty((5, most + 1), np.int32))
    space, at = room(longest, longest), np.empty(longest + 2, np.int32)
    rows_MX, sorted_MX = np.empty((_ROOM, 5), np.int32), np.empty((_ROOM, 5), np.int32)
    counts_RX = np.zeros((starts[-1] - starts[0] - len(starts) + 1, STATISTICS), np.int32)
    number = 0
    for image in range(len(starts) - 1):
        row = starts[image]
        _chain_words(given, row, chains, True)
        _chain_phrases(given, row, chains, _BY_SAID, True)
        for other in range(row + 1, starts[image + 1]):
            count = _candidates(given, row, other, chains, rows_MX)
            if count > len(rows_MX):
                rows_MX, sorted_MX = np.empty((2 * count, 5), np.int32), np.empty((2 * count, 5), np.int32)
                count = _candidates(given, row, other, chains, rows_MX)
            _pair(given, (row, other), (rows_MX, sorted_MX, count), space, (counts_RX, number, at))
            number += 1
        _chain_words(given, row, chains, False)
        _chain_phrases(given, row, chains, _BY_SAID, False)
    return counts_RX
