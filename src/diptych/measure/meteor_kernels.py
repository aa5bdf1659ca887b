"""Compiled forms of `plain_phrases` and of `Plain.statistics`, for large sets; equal to them in every count.

A candidate match is a row of five numbers: first word in the reference, first word in the candidate, words there, words here, matcher.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.measure.meteor_beam import align, room
from diptych.measure.meteor_match import CHUNKS, EXACT, MATCHED, PARAPHRASE, STATISTICS, STEM, SYNONYM
from diptych.measure.meteor_tables import Tables
from diptych.measure.meteor_texts import Found, Texts
from diptych.measure.ngrams import Tokens

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
_ROOM = 256  # candidate matches before the table grows


class _Words(NamedTuple):
    ids_T: Ints
    offsets: Places
    stem_V: Ints
    function_V: NDArray[np.bool_]
    synonyms_at: Places
    synonyms: Ints


class _Phrases(NamedTuple):
    offsets: Places
    start_O: Ints
    length_O: Ints
    phrase_O: Ints
    near_at: Places
    near: Ints


class _Links(NamedTuple):
    """First place of each word, stem and phrase, -1 for none, and after each place the next with the same.

    Words, stems and `said` phrases are the candidate's, `known` phrases the reference's.
    """

    word_V: Ints
    stem_V: Ints
    said_P: Ints
    known_P: Ints
    after_word: Ints
    after_stem: Ints
    after_said: Ints
    after_known: Ints


def compiled_phrases(tables: Tables, words: Tokens, number_V: Ints) -> Found:
    """As `plain_phrases`."""
    children, last = (np.asarray(tables.arrays[name]) for name in ("children", "last"))
    offsets, found_OX = _phrases(words.ids_T, words.offsets, number_V, children, last)
    return offsets, *np.ascontiguousarray(found_OX.T)


def statistics(texts: Texts) -> Ints:
    """As `Plain.statistics`."""
    found = texts.phrases
    words = _Words(texts.words.ids_T, texts.words.offsets, texts.stem_V, texts.function_V, texts.synonyms_at, texts.synonyms)
    phrases = _Phrases(found.offsets, found.start_O, found.length_O, found.phrase_O, found.near_at, found.near)
    return _statistics(words, phrases, texts.starts)


@compiled
def _child(node: int, word: int, children: Ints, last: Ints) -> int:
    """As `Tables.child`."""
    low, end = children[node], children[node + 1]
    high = end
    while low < high:
        middle = (low + high) >> 1
        if last[middle] < word:
            low = middle + 1
        else:
            high = middle
    return low if low < end and last[low] == word else -1


@compiled
def _phrases(ids_T: Ints, offsets: Places, number_V: Ints, children: Ints, last: Ints) -> tuple[Places, Ints]:
    found_OX = np.empty((4 * len(ids_T) + 1, 3), np.int32)
    at = np.zeros(len(offsets), np.int64)
    count = 0
    for caption in range(len(offsets) - 1):
        first, end = offsets[caption], offsets[caption + 1]
        for start in range(first, end):
            node, place = number_V[ids_T[start]], start + 1
            while node >= 0:
                if count == len(found_OX):
                    found_OX = np.concatenate((found_OX, np.empty_like(found_OX)))
                found_OX[count, 0], found_OX[count, 1], found_OX[count, 2] = start - first, place - start, node
                count += 1
                number = number_V[ids_T[place]] if place < end else -1
                node = _child(node, number, children, last) if number >= 0 else -1
                place += 1
        at[caption + 1] = count
    return at, found_OX[:count]


@compiled
def _chain(ids: Ints, head: Ints, after: Ints) -> None:
    """Links equal numbers, first place first."""
    for place in range(len(ids) - 1, -1, -1):
        after[place] = head[ids[place]]
        head[ids[place]] = place


@compiled
def _unchain(ids: Ints, head: Ints) -> None:
    for number in ids:
        head[number] = -1


@compiled
def _put(rows: tuple[Ints, int], row: tuple[int, int, int, int, int]) -> tuple[Ints, int]:
    """The table with one more row, in twice the room where it is full."""
    rows_MX, count = rows
    if count == len(rows_MX):
        rows_MX = np.concatenate((rows_MX, np.empty_like(rows_MX)))
    rows_MX[count, 0], rows_MX[count, 1], rows_MX[count, 2], rows_MX[count, 3], rows_MX[count, 4] = row
    return rows_MX, count + 1


@compiled
def _single_words(known: Ints, said: Ints, words: _Words, links: _Links, rows: tuple[Ints, int]) -> tuple[Ints, int]:
    """Matches of single words: exact, then stem, then synonym, by place in the reference and then in the candidate."""
    for j in range(len(known)):
        i = links.word_V[known[j]]
        while i >= 0:
            rows = _put(rows, (j, i, 1, 1, EXACT))
            i = links.after_word[i]
    if len(known) == len(said) and (known == said).all():
        return rows
    for j in range(len(known)):
        i = links.stem_V[words.stem_V[known[j]]]
        while i >= 0:
            if said[i] != known[j]:
                rows = _put(rows, (j, i, 1, 1, STEM))
            i = links.after_stem[i]
    for j in range(len(known)):
        first = rows[1]
        for at in range(words.synonyms_at[known[j]], words.synonyms_at[known[j] + 1]):
            i = links.word_V[words.synonyms[at]]
            while i >= 0:
                rows = _put(rows, (j, i, 1, 1, SYNONYM))
                _settle(rows[0], first, rows[1] - 1)
                i = links.after_word[i]
    return rows


@compiled
def _settle(rows_MX: Ints, first: int, place: int) -> None:
    """Moves the last row back until places in the candidate rise from `first` on: synonyms come in the order of their numbers."""
    while place > first and rows_MX[place - 1, 1] > rows_MX[place, 1]:
        here, before = rows_MX[place, 1], rows_MX[place - 1, 1]
        rows_MX[place, 1], rows_MX[place - 1, 1] = before, here
        place -= 1


@compiled
def _paraphrases(
    phrases: _Phrases, pair: tuple[int, int], links: tuple[Ints, Ints], forward: bool, rows: tuple[Ints, int]
) -> tuple[Ints, int]:
    """Matches of one caption's phrases with their paraphrases in the other; `forward` where the first caption is the reference."""
    one, other = pair
    head, after = links
    base = phrases.offsets[other]
    for place in range(phrases.offsets[one], phrases.offsets[one + 1]):
        start, length, phrase = phrases.start_O[place], phrases.length_O[place], phrases.phrase_O[place]
        for at in range(phrases.near_at[phrase], phrases.near_at[phrase + 1]):
            found = head[phrases.near[at]]
            while found >= 0:
                there, words = phrases.start_O[base + found], phrases.length_O[base + found]
                rows = _put(rows, (start, there, length, words, PARAPHRASE) if forward else (there, start, words, length, PARAPHRASE))
                found = after[found]
    return rows


@compiled
def _ordered(rows_MX: Ints, known: int) -> tuple[Ints, Ints]:
    """Rows by their place in the reference, equal ones in their order, and where each place's begin."""
    at = np.zeros(known + 2, np.int32)
    for row in range(len(rows_MX)):
        at[rows_MX[row, 0] + 2] += 1
    at = np.cumsum(at).astype(np.int32)
    sorted_MX = np.empty_like(rows_MX)
    for row in range(len(rows_MX)):
        place = at[rows_MX[row, 0] + 1]
        at[rows_MX[row, 0] + 1] += 1
        for part in range(5):
            sorted_MX[place, part] = rows_MX[row, part]
    return sorted_MX, at[:-1]


@compiled
def _count(rows_MX: Ints, chunks: int, pair: tuple[Ints, Ints], function_V: NDArray[np.bool_], counts: Ints) -> None:
    """Writes the counts of a pair (candidate, reference) from the matches of its alignment."""
    counts[CHUNKS] = chunks
    for side in range(2):
        words = pair[1] if side else pair[0]
        counts[side] = len(words)
        for word in words:
            counts[2 + side] += function_V[word]
        for row in range(len(rows_MX)):
            start, length = rows_MX[row, 1 - side], rows_MX[row, 3 - side]
            first = 4 + 4 * rows_MX[row, 4] + side
            for place in range(start, start + length):
                counts[first + 2 * function_V[words[place]]] += 1
            counts[MATCHED + side] += length


@compiled
def _links(words: _Words, phrases: _Phrases) -> _Links:
    longest = max(1, (words.offsets[1:] - words.offsets[:-1]).max())
    most = max(1, (phrases.offsets[1:] - phrases.offsets[:-1]).max())
    word_V, known_P = np.full(len(words.stem_V), -1, np.int32), np.full(len(phrases.near_at), -1, np.int32)
    after_word, after_said = np.empty(longest, np.int32), np.empty(most, np.int32)
    return _Links(word_V, word_V.copy(), known_P, known_P.copy(), after_word, after_word.copy(), after_said, after_said.copy())


@compiled
def _candidates(words: _Words, phrases: _Phrases, pair: tuple[int, int], links: _Links, rows_MX: Ints) -> tuple[Ints, int]:
    """What all matchers find for a candidate and a reference (captions), once the candidate is linked."""
    row, other = pair
    said = words.ids_T[words.offsets[row] : words.offsets[row + 1]]
    known = words.ids_T[words.offsets[other] : words.offsets[other + 1]]
    rows = _single_words(known, said, words, links, (rows_MX, 0))
    if len(known) == len(said) and (known == said).all():
        return rows
    known_phrases = phrases.phrase_O[phrases.offsets[other] : phrases.offsets[other + 1]]
    _chain(known_phrases, links.known_P, links.after_known)
    rows = _paraphrases(phrases, (other, row), (links.said_P, links.after_said), True, rows)
    rows = _paraphrases(phrases, (row, other), (links.known_P, links.after_known), False, rows)
    _unchain(known_phrases, links.known_P)
    return rows


@compiled
def _statistics(words: _Words, phrases: _Phrases, starts: Places) -> Ints:
    counts_RX = np.zeros((len(words.offsets) - len(starts), STATISTICS), np.int32)
    links = _links(words, phrases)
    longest = len(links.after_word)
    space, rows_MX, chosen_MX = room(longest, longest), np.empty((_ROOM, 5), np.int32), np.empty((longest, 5), np.int32)
    pair = 0
    for image in range(len(starts) - 1):
        row = starts[image]
        said = words.ids_T[words.offsets[row] : words.offsets[row + 1]]
        stems, said_phrases = words.stem_V[said], phrases.phrase_O[phrases.offsets[row] : phrases.offsets[row + 1]]
        _chain(said, links.word_V, links.after_word)
        _chain(stems, links.stem_V, links.after_stem)
        _chain(said_phrases, links.said_P, links.after_said)
        for other in range(row + 1, starts[image + 1]):
            known = words.ids_T[words.offsets[other] : words.offsets[other + 1]]
            rows_MX, count = _candidates(words, phrases, (row, other), links, rows_MX)
            sorted_MX, at = _ordered(rows_MX[:count], len(known))
            count, chunks = align(sorted_MX, at, len(said), space, chosen_MX)
            _count(chosen_MX[:count], chunks, (said, known), words.function_V, counts_RX[pair])
            pair += 1
        _unchain(said, links.word_V)
        _unchain(stems, links.stem_V)
        _unchain(said_phrases, links.said_P)
    return counts_RX
