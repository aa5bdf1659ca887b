"""Compiled forms of `plain_bags`, `plain_sums` and `common_subsequence`, for large sets; equal to them in every digit."""

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.measure.ngram_bags import ORDERS, Bags

Array = NDArray[np.float64]
Ints = NDArray[np.int32]
Places = NDArray[np.int64]
_ROOM = 1 << 16  # of a new table


def compiled_bags(words_T: Ints, offsets: Places, images: Places) -> Bags:
    """As `plain_bags`; n-grams are numbered in order of first occurrence, those of one word as the words are."""
    vocabulary = int(words_T.max(initial=-1)) + 1
    found, known = [(words_T, np.full(vocabulary, -1, np.int32), np.arange(vocabulary, dtype=np.int32))], vocabulary
    for n in range(1, ORDERS):
        found.append(_numbered(found[-1][0], words_T, offsets, n, known))
        known += len(found[-1][1])
    (one, two, three, four), parents, lasts = zip(*found, strict=True)
    starts, grams_B, counts_B, same_B, frequency_G = _counted((one, two, three, four), offsets, images, known)
    return Bags(starts, grams_B, counts_B, same_B, frequency_G, np.concatenate(parents), np.concatenate(lasts))


def vector_sums(bags: Bags, images: Places, frequency_G: Ints, tables: tuple[Array, Array, Array], clipped: bool) -> tuple[Array, Array]:
    """As `plain_sums`."""
    entries = (bags.starts, bags.grams_B, bags.counts_B, bags.same_B)
    return _vector_sums(entries, images, np.ascontiguousarray(frequency_G), tables, clipped)


def common_subsequences(ids_T: Ints, offsets: Places, images: Places) -> Places:
    """Length of the longest common subsequence of each caption with its image's candidate."""
    return _common(ids_T, offsets, images, np.empty(1 + int(np.diff(offsets).max(initial=0)), np.int32))


@compiled
def _spot(keys: Places, key: int) -> int:
    """Where a key is in an open-addressed table whose size is a power of two, or where it goes."""
    mask = len(keys) - 1
    mixed = key * -7046029254386353131  # Fibonacci hashing: 2 ** 64 over the golden ratio, as a signed number
    spot = (mixed ^ (mixed >> 32)) & mask
    while keys[spot] not in (-1, key):
        spot = (spot + 1) & mask
    return spot


@compiled
def _doubled(keys: Places, values: Ints) -> tuple[Places, Ints]:
    """The table with twice the room."""
    wide_keys, wide_values = np.full(2 * len(keys), -1, np.int64), np.empty(2 * len(keys), np.int32)
    for key, value in zip(keys, values):  # noqa: B905 - numba knows no strict
        if key != -1:
            spot = _spot(wide_keys, key)
            wide_keys[spot], wide_values[spot] = key, value
    return wide_keys, wide_values


@compiled
def _numbered(before_T: Ints, words_T: Ints, offsets: Places, n: int, first: int) -> tuple[Ints, Ints, Ints]:
    """Numbers, from `first` on, of the n-grams of n + 1 words from those of n, by the word that each starts at; parents, last words."""
    number_T = np.full(len(words_T), -1, np.int32)
    keys, values = np.full(_ROOM, -1, np.int64), np.empty(_ROOM, np.int32)
    known = 0
    for caption in range(len(offsets) - 1):
        for at in range(offsets[caption], offsets[caption + 1] - n):
            key = (np.int64(before_T[at]) << 32) | words_T[at + n]
            spot = _spot(keys, key)
            if keys[spot] == -1:
                keys[spot], values[spot] = key, known
                known += 1
            number_T[at] = first + values[spot]
            if 2 * known > len(keys):
                keys, values = _doubled(keys, values)
    parents, lasts = np.empty(known, np.int32), np.empty(known, np.int32)
    for key, value in zip(keys, values):  # noqa: B905 - numba knows no strict
        if key != -1:
            parents[value], lasts[value] = key >> 32, key & 0x7FFFFFFF
    return number_T, parents, lasts


@compiled
def _counted(
    grams_4T: tuple[Ints, Ints, Ints, Ints], offsets: Places, images: Places, known: int
) -> tuple[Places, Ints, Ints, Ints, Ints]:  # fmt: skip
    """Entries of captions, twins in the candidate, and in how many images' references each n-gram is."""
    room = 4 * offsets[-1]
    starts = np.zeros(4 * (len(offsets) - 1) + 1, np.int64)
    grams_B, counts_B, same_B = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    frequency_G, latest_G = np.zeros(known, np.int32), np.full(known, -1, np.int32)  # latest: an n-gram's last entry so far
    entries = 0
    for image in range(len(images) - 1):
        first, referred = entries, entries  # where the entries of the candidate, and of the references, begin
        for caption in range(images[image], images[image + 1]):
            begin = entries
            if caption == images[image] + 1:
                referred = begin
            for n in range(4):
                for at in range(offsets[caption], offsets[caption + 1] - n):
                    gram = grams_4T[n][at]
                    place = latest_G[gram]
                    if place >= begin:
                        counts_B[place] += 1
                        continue
                    same = -1
                    if caption > images[image] and place >= referred:
                        same = same_B[place]
                    elif caption > images[image]:
                        frequency_G[gram] += 1
                        same = place if place >= first else -1
                    grams_B[entries], counts_B[entries], same_B[entries] = gram, 1, same
                    latest_G[gram] = entries
                    entries += 1
                starts[4 * caption + n + 1] = entries
    return starts, grams_B[:entries], counts_B[:entries], same_B[:entries], frequency_G


@compiled
def matches(starts: Places, counts_B: Ints, same_B: Ints, images: Places) -> Places:
    """BLEU's clipped matches of 1 to 4 words, shape (N, 4)."""
    matched = np.zeros((len(images) - 1, 4), np.int64)
    most_B = np.zeros(len(counts_B), np.int32)
    for image in range(len(images) - 1):
        own = 4 * images[image]
        for entry in range(starts[own + 4], starts[4 * images[image + 1]]):
            if same_B[entry] >= 0:
                most_B[same_B[entry]] = max(most_B[same_B[entry]], counts_B[entry])
        for n in range(4):
            for entry in range(starts[own + n], starts[own + n + 1]):
                matched[image, n] += min(most_B[entry], counts_B[entry])
    return matched


@compiled
def _vector_sums(
    entries: tuple[Places, Ints, Ints, Ints], images: Places, frequency_G: Ints, tables: tuple[Array, Array, Array], clipped: bool
) -> tuple[Array, Array]:  # fmt: skip
    starts, grams_B, counts_B, same_B = entries
    rarity, single, several = tables
    captions = (len(starts) - 1) // 4
    norms, products = np.zeros((captions, 4)), np.zeros((captions, 4))
    widest, repeated = 0, 0
    for image in range(len(images) - 1):
        widest = max(widest, starts[4 * images[image] + 4] - starts[4 * images[image]])
    ours, theirs = np.zeros(widest), np.zeros(widest)  # weights in the candidate, and of the same n-grams in a reference
    for image in range(len(images) - 1):
        own = images[image]
        first = starts[4 * own]
        for caption in range(own, images[image + 1]):
            for n in range(4):
                total = 0.0
                for entry in range(starts[4 * caption + n], starts[4 * caption + n + 1]):
                    frequency = frequency_G[grams_B[entry]]
                    weight = counts_B[entry] * rarity[frequency]
                    if counts_B[entry] > 1:
                        total += several[repeated]
                        repeated += 1
                    else:
                        total += single[frequency]
                    if caption == own:
                        ours[entry - first] = weight
                    elif same_B[entry] >= 0:
                        theirs[same_B[entry] - first] = weight
                norms[caption, n] = np.sqrt(total)
                if caption == own:
                    continue
                total = 0.0
                for place in range(starts[4 * own + n] - first, starts[4 * own + n + 1] - first):
                    weight = min(ours[place], theirs[place]) if clipped else ours[place]
                    total += weight * theirs[place]
                    theirs[place] = 0.0
                products[caption, n] = total
    return norms, products


@compiled
def _common(ids_T: Ints, offsets: Places, images: Places, row: Ints) -> Places:
    """`row` is scratch, one longer than the longest caption."""
    common = np.zeros(len(offsets) - 1, np.int64)
    for image in range(len(images) - 1):
        start = offsets[images[image]]
        said = offsets[images[image] + 1] - start
        for caption in range(images[image] + 1, images[image + 1]):
            for place in range(said + 1):
                row[place] = 0
            for at in range(offsets[caption], offsets[caption + 1]):
                corner = 0  # the value up and to the left
                for place in range(said):
                    above = row[place + 1]
                    if ids_T[start + place] == ids_T[at]:
                        row[place + 1] = corner + 1
                    elif row[place] > above:
                        row[place + 1] = row[place]
                    corner = above
            common[caption] = row[said]
    return common
