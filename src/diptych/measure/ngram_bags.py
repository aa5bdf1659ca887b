"""N-grams of captions as integers, counted caption by caption.

Shapes: C captions, T words, G different n-grams of 1 to 4 words, B entries: one for each different n-gram of each caption.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDERS = 4
IMAGES = 200  # counted at a time, so that memory stays small and sorting in the processor's cache
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
    grams_4T, parents_G, lasts_G = _numbered(words_T, offsets)
    frequency_G = np.zeros(len(parents_G), np.int32)
    sizes, rows, entries = [np.zeros(1, np.int64)], [np.zeros((3, 0), np.int32)], 0
    for at in range(0, len(images) - 1, IMAGES):
        group_B, gram_B, count_B = _counted(grams_4T, offsets, images[at : at + IMAGES + 1])
        twin_B, frequent = _met(group_B // ORDERS, gram_B, images[at : at + IMAGES + 1] - images[at], len(parents_G))
        sizes.append(np.bincount(group_B, minlength=ORDERS * int(images[at : at + IMAGES + 1][-1] - images[at])))
        rows.append(np.stack((gram_B, count_B, np.where(twin_B < 0, -1, twin_B + entries))).astype(np.int32))
        frequency_G[frequent[0]] += frequent[1].astype(np.int32)
        entries += len(gram_B)
    grams_B, counts_B, same_B = np.concatenate(rows, axis=1)
    return Bags(np.cumsum(np.concatenate(sizes)), grams_B, counts_B, same_B, frequency_G, parents_G, lasts_G)


def _numbered(words_T: Ints, offsets: Places) -> tuple[list[Ints], Ints, Ints]:
    """For each n the number of the n-gram that starts at each word (-1: none does); parents and last words of all."""
    room = np.repeat(offsets[1:], np.diff(offsets)) - np.arange(len(words_T))
    before = np.full(len(words_T), -1, np.int32)
    found: list[Ints] = []
    parents: list[Ints] = []
    lasts: list[Ints] = []
    numbered, width = 0, int(words_T.max(initial=0)) + 1
    for n in range(ORDERS):
        at = np.flatnonzero(room > n)
        first, number, _ = _distinct((before[at] + np.int64(1)) * width + words_T[at + n])
        parents.append(before[at[first]])
        lasts.append(words_T[at[first] + n])
        before = np.full(len(words_T), -1, np.int32)
        before[at] = number + numbered
        numbered += len(first)
        found.append(before)
    return found, np.concatenate(parents), np.concatenate(lasts)


def _counted(grams_4T: list[Ints], offsets: Places, images: Places) -> tuple[Places, Places, Places]:
    """Group (caption among these images' and n), n-gram and count of each entry, groups in order, n-grams by first occurrence."""
    bounds = offsets[images[0] : images[-1] + 1]
    caption_T = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    group = np.concatenate([caption_T * ORDERS + n for n in range(ORDERS)])
    gram = np.concatenate([gram_T[bounds[0] : bounds[-1]] for gram_T in grams_4T])
    order = np.argsort(group, kind="stable")
    order = order[gram[order] >= 0]
    group, gram = group[order], gram[order].astype(np.int64)
    first, _, counts = _distinct(group * (int(gram.max(initial=0)) + 1) + gram)
    order = np.argsort(first)
    return group[first[order]], gram[first[order]], counts[order]


def _distinct(keys: Places) -> tuple[Places, Places, Places]:
    """Of each different key, ascending, the first place and the count; of each place, the number of its key.

    As `np.unique` gives them; one sort of key and place together takes a fraction of its stable sort of places.
    """
    bits = len(keys).bit_length()
    together = np.sort((keys << bits) | np.arange(len(keys)))
    places, ordered = together & ((1 << bits) - 1), together >> bits
    new = np.ones(len(keys), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    number = np.empty(len(keys), np.int64)
    number[places] = np.cumsum(new) - 1
    return places[new], number, np.diff(np.flatnonzero(new), append=len(keys))


def _met(caption_B: Places, gram_B: Places, images: Places, different: int) -> tuple[Places, tuple[Places, Places]]:
    """Each reference entry's twin in the candidate; n-grams of references, and in how many of these images each is."""
    image_C = np.repeat(np.arange(len(images) - 1), np.diff(images))
    keys = image_C[caption_B] * max(1, different) + gram_B
    candidate_C = np.zeros(images[-1], bool)
    candidate_C[images[:-1]] = True
    said = candidate_C[caption_B]
    ours, theirs = np.flatnonzero(said), np.flatnonzero(~said)
    ours = ours[np.argsort(keys[ours])]
    twin_B = np.full(len(gram_B), -1, np.int64)
    if len(ours):
        twin = ours[np.minimum(np.searchsorted(keys[ours], keys[theirs]), len(ours) - 1)]
        twin_B[theirs] = np.where(keys[twin] == keys[theirs], twin, -1)
    return twin_B, np.unique(np.unique(keys[theirs]) % max(1, different), return_counts=True)
