"""Compiled forms of `plain_bags`, `plain_sums` and `common_subsequence`, for large sets; equal to them in every digit."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.measure.ngram_bags import Bags

Array = NDArray[np.float64]
Ints = NDArray[np.int32]
Places = NDArray[np.int64]
_ROOM = 1 << 16  # of a new table


def compiled_bags(words_T: Ints, offsets: Places, images: Places) -> Bags:
    """As `plain_bags`; n-grams are numbered in order of first occurrence, those of one word as the words are.

    Three words are two and one, four are two and two, so that both are numbered at once, each by a thread.
    """
    vocabulary = int(words_T.max(initial=-1)) + 1
    two_T, two_at = _numbered(words_T, words_T, offsets, (1, 1), vocabulary)
    known = vocabulary + len(two_at)
    with ThreadPoolExecutor(2) as pool:
        three = pool.submit(_numbered, two_T, words_T, offsets, (2, 2), known)
        four_T, four_at = pool.submit(_numbered, two_T, two_T, offsets, (2, 3), 0).result()
        three_T, three_at = three.result()
    known += len(three_at)
    four_T += np.int32(known)  # places without four words are never read
    known += len(four_at)
    starts, grams_B, counts_B, same_B, frequency_G = _counted((words_T, two_T, three_T, four_T), offsets, images, known)
    parents = (np.full(vocabulary, -1, np.int32), words_T[two_at], two_T[three_at], three_T[four_at])
    lasts = (np.arange(vocabulary, dtype=np.int32), words_T[two_at + 1], words_T[three_at + 2], words_T[four_at + 3])
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
def _numbered(one_T: Ints, other_T: Ints, offsets: Places, reach: tuple[int, int], first: int) -> tuple[Ints, Places]:
    """Numbers, from `first` on, of the pairs of one and of the other so many words on, by the word each starts at; where each is first.

    `reach` says how many words on, and how many words the whole reaches beyond its first.
    """
    apart, beyond = reach
    number_T = np.full(len(one_T), -1, np.int32)
    keys, values = np.full(_ROOM, -1, np.int64), np.empty(_ROOM, np.int32)
    place_G = np.empty(len(one_T), np.int64)
    known = 0
    for caption in range(len(offsets) - 1):
        for at in range(offsets[caption], offsets[caption + 1] - beyond):
            key = (np.int64(one_T[at]) << 32) | other_T[at + apart]
            spot = _spot(keys, key)
            if keys[spot] == -1:
                keys[spot], values[spot] = key, known
                place_G[known] = at
                known += 1
            number_T[at] = first + values[spot]
            if 2 * known > len(keys):
                keys, values = _doubled(keys, values)
    return number_T, place_G[:known].copy()


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
