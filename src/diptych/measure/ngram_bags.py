"""N-grams of captions as integers, counted caption by caption.

Shapes: C captions, T words, G different n-grams of 1 to 4 words, B entries: one for each different n-gram of each caption.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDERS = 4
Ints = NDArray[np.int32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bags:
    """Entries of caption c and n-grams of n words are `starts[4 * c + n - 1]` to `starts[4 * c + n]`, in order of first occurrence.

    `same_B` is, for an entry of a reference, the entry of the same n-gram of its image's candidate, or -1. `frequency_G` is the number
    of images with the n-gram in a reference. An n-gram is its first words, `parents_G` (-1 for one word), and its last word, `lasts_G`.
    """

    starts: Places
    grams_B: Ints
    counts_B: Ints
    same_B: Ints
    frequency_G: Ints
    parents_G: Ints
    lasts_G: Ints

    def orders_B(self) -> NDArray[np.int8]:
        """0 to 3: the entry's words less one."""
        return np.repeat(np.tile(np.arange(ORDERS, dtype=np.int8), len(self.starts) // ORDERS), np.diff(self.starts))


def plain_bags(words_T: Ints, offsets: Places, images: Places) -> Bags:
    """The n-grams of captions of which image n's are `images[n]`, its candidate, up to `images[n + 1]`, in numpy."""
    captions = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    grams, parents, lasts = _numbered(words_T, captions, offsets)
    rows = [_counted(captions, gram_T, n) for n, gram_T in enumerate(grams)]
    groups, grams_B, counts_B = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    order = np.argsort(groups, kind="stable")
    groups, grams_B, counts_B = groups[order], grams_B[order], counts_B[order]
    starts = np.concatenate(([0], np.cumsum(np.bincount(groups, minlength=ORDERS * (len(offsets) - 1)))))
    same_B, frequency_G = _met(groups // ORDERS, grams_B, images, len(parents))
    return Bags(starts, grams_B.astype(np.int32), counts_B.astype(np.int32), same_B, frequency_G, parents, lasts)


def _numbered(words_T: Ints, captions: Places, offsets: Places) -> tuple[list[Places], Ints, Ints]:
    """For each n the number of the n-gram that starts at each word (-1: none does); parents and last words of all."""
    room = offsets[1:][captions] - np.arange(len(words_T))
    before = np.full(len(words_T), -1, np.int64)
    found: list[Places] = []
    parents: list[Places] = []
    lasts: list[Ints] = []
    numbered, width = 0, int(words_T.max(initial=0)) + 1
    for n in range(ORDERS):
        at = np.flatnonzero(room > n)
        _, first, number = np.unique((before[at] + 1) * width + words_T[at + n], return_index=True, return_inverse=True)
        parents.append(before[at[first]])
        lasts.append(words_T[at[first] + n])
        before = np.full(len(words_T), -1, np.int64)
        before[at] = number + numbered
        numbered += len(first)
        found.append(before)
    return found, np.concatenate(parents).astype(np.int32), np.concatenate(lasts).astype(np.int32)


def _counted(captions: Places, gram_T: Places, n: int) -> tuple[Places, Places, Places]:
    """Group (caption and n), n-gram and count of each entry, in order of first occurrence."""
    at = np.flatnonzero(gram_T >= 0)
    captions, gram_T = captions[at], gram_T[at]
    _, first, counts = np.unique(captions * (int(gram_T.max(initial=0)) + 1) + gram_T, return_index=True, return_counts=True)
    order = np.argsort(first)
    first, counts = first[order], counts[order]
    return captions[first] * ORDERS + n, gram_T[first], counts


def _met(captions_B: Places, grams_B: Places, images: Places, different: int) -> tuple[Ints, Ints]:
    """Each reference entry's twin in the candidate; in how many images' references each n-gram is."""
    image_C = np.repeat(np.arange(len(images) - 1), np.diff(images))
    keys = image_C[captions_B] * max(1, different) + grams_B
    said = np.zeros(images[-1], bool)
    said[images[:-1]] = True
    of_candidate = said[captions_B]
    ours, theirs = np.flatnonzero(of_candidate), np.flatnonzero(~of_candidate)
    ours = ours[np.argsort(keys[ours])]
    same = np.full(len(grams_B), -1, np.int32)
    if len(ours):
        twin = ours[np.minimum(np.searchsorted(keys[ours], keys[theirs]), len(ours) - 1)]
        same[theirs] = np.where(keys[twin] == keys[theirs], twin, -1)
    return same, np.bincount(np.unique(keys[theirs]) % max(1, different), minlength=different).astype(np.int32)
