"""The compiled form of `plain_phrases`: which phrases of captions METEOR's paraphrases know."""

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.measure.meteor_tables import Tables
from diptych.measure.meteor_texts import Found
from diptych.measure.ngrams import Tokens

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


def compiled_phrases(tables: Tables, words: Tokens, number_V: Ints) -> Found:
    """As `plain_phrases`."""
    children, last = (np.asarray(tables.arrays[name]) for name in ("children", "last"))
    offsets, found_OX = _phrases(words.ids_T, words.offsets, number_V, children, last)
    return offsets, *np.ascontiguousarray(found_OX.T)


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
