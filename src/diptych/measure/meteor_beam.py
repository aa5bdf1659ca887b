"""The compiled beam search of METEOR's alignment; `meteor_match.align` says what it does, and is what it equals.

Paths of one step are arrays: a rank (weight, chunks and distance as one number, smaller is better), where the last match ends in the
candidate, the first reference word not looked at, the candidate's words taken as bits, and the place in a trail of matches.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.measure.meteor_match import BEAM, EXACT

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
# a rank is one number: less for each word covered, more for each chunk, and the distance
_ONE_WORD, _ONE_CHUNK = 1 << 46, 1 << 32
_START = ((1 << 16) - 1) * _ONE_WORD


class _Paths(NamedTuple):
    rank: Places
    end: Ints
    next: Ints
    trail: Ints
    taken_BW: NDArray[np.uint64]


class _Found(NamedTuple):
    """The next step's best so far: rank, number of the path before, and match (-1: none, -2: still inside an earlier match)."""

    rank: Places
    path: Ints
    match: Ints


@compiled
def _paths(bits: int) -> _Paths:
    places = np.empty(BEAM, np.int32)
    return _Paths(np.empty(BEAM, np.int64), places, places.copy(), places.copy(), np.zeros((BEAM, bits), np.uint64))


@compiled
def _clashes(taken: NDArray[np.uint64], start: int, length: int) -> bool:
    clash = np.uint64(0)
    for place in range(start, start + length):
        clash |= taken[place >> 6] >> np.uint64(place & 63)
    return bool(clash & np.uint64(1))


@compiled
def _take(taken: NDArray[np.uint64], start: int, length: int) -> None:
    for place in range(start, start + length):
        taken[place >> 6] |= np.uint64(1) << np.uint64(place & 63)


@compiled
def _offer(found: _Found, count: int, rank: int, path: int, match: int) -> int:
    """Puts a path in its place among the best, behind its equals; how many there are then."""
    if count == BEAM:
        if rank >= found.rank[BEAM - 1]:
            return count
        count -= 1
    place = count
    while place > 0 and found.rank[place - 1] > rank:
        found.rank[place], found.path[place], found.match[place] = found.rank[place - 1], found.path[place - 1], found.match[place - 1]
        place -= 1
    found.rank[place], found.path[place], found.match[place] = rank, path, match
    return count + 1


@compiled
def _step_rank(row: Ints, end: int) -> int:
    """What a match adds to a path's rank, but for the distance."""
    weight = row[2] + row[3] if row[4] == EXACT else row[2] // 2 + row[3] // 2
    broken = end >= 0 and end != row[1]
    return int(_ONE_CHUNK * broken - _ONE_WORD * weight)


@compiled
def _settled(rows_MX: Ints, at: Ints, said: int) -> NDArray[np.bool_]:
    """For each reference word whether its only match is settled before the search."""
    known = len(at) - 1
    covered_known, covered_said = np.zeros(known, np.int32), np.zeros(said, np.int32)
    for row in range(len(rows_MX)):
        covered_known[rows_MX[row, 0] : rows_MX[row, 0] + rows_MX[row, 2]] += 1
        covered_said[rows_MX[row, 1] : rows_MX[row, 1] + rows_MX[row, 3]] += 1
    settled = np.zeros(known, np.bool_)
    for place in range(known):
        if at[place + 1] - at[place] == 1:
            row = rows_MX[at[place]]
            alone = covered_known[row[0] : row[0] + row[2]].max() == 1
            settled[place] = alone and covered_said[row[1] : row[1] + row[3]].max() == 1
    return settled


@compiled
def _grow(paths: _Paths, size: int, place: int, rows: tuple[Ints, int, int, bool], found: _Found) -> int:
    """Offers every path's continuations at one reference word."""
    rows_MX, first, last, settled = rows
    count = 0
    for path in range(size):
        if paths.next[path] > place:
            count = _offer(found, count, paths.rank[path], path, -2)
            continue
        for number in range(first, last):
            row = rows_MX[number]
            apart = abs(row[0] - row[1])
            if settled:
                count = _offer(found, count, paths.rank[path] + _step_rank(row, paths.end[path]) + apart, path, number)
            elif not _clashes(paths.taken_BW[path], row[1], row[3]):
                count = _offer(found, count, paths.rank[path] + _step_rank(row, paths.end[path]), path, number)
                paths.rank[path] += apart  # the distance falls on what follows, not on the path that has the match
        if not settled:
            count = _offer(found, count, paths.rank[path] + _ONE_CHUNK * (paths.end[path] >= 0), path, -1)
    return count


@compiled
def _keep(paths: _Paths, new: _Paths, chosen: tuple[_Found, int, int], rows_MX: Ints, trail: tuple[Ints, Ints, int]) -> int:
    """Makes the best `count` found at a reference word into the next step's paths; how long the trail is then."""
    found, count, place = chosen
    before, matches, length = trail
    for number in range(count):
        path, match = found.path[number], found.match[number]
        new.rank[number] = found.rank[number]
        new.end[number], new.next[number], new.trail[number] = paths.end[path], paths.next[path], paths.trail[path]
        new.taken_BW[number] = paths.taken_BW[path]
        if match == -1:
            new.end[number], new.next[number] = -1, place + 1
        elif match >= 0:
            row = rows_MX[match]
            new.end[number], new.next[number] = row[1] + row[3], place + row[2]
            _take(new.taken_BW[number], row[1], row[3])
            before[length], matches[length] = paths.trail[path], match
            new.trail[number] = length
            length += 1
    return length


@compiled
def _best(paths: _Paths, size: int) -> tuple[int, int]:
    """The best path after its last chunk is closed, and its chunks."""
    ranks = paths.rank[:size] + _ONE_CHUNK * (paths.end[:size] >= 0)
    best = int(np.argmin(ranks))
    return best, int(ranks[best] % _ONE_WORD // _ONE_CHUNK)


@compiled
def align(rows_MX: Ints, at: Ints, said: int) -> tuple[Ints, int]:
    """Rows of the best alignment, and its chunks. Reference word j has the candidate matches `at[j]` up to `at[j + 1]`."""
    known = len(at) - 1
    settled = _settled(rows_MX, at, said)
    bits = (said >> 6) + 1
    paths, new = _paths(bits), _paths(bits)
    found = _Found(np.empty(BEAM + 1, np.int64), np.empty(BEAM + 1, np.int32), np.empty(BEAM + 1, np.int32))
    before, matches = np.empty(known * BEAM + 1, np.int32), np.empty(known * BEAM + 1, np.int32)
    paths.rank[0], paths.end[0], paths.next[0], paths.trail[0] = _START, -1, 0, -1
    for place in range(known):
        if settled[place]:
            _take(paths.taken_BW[0], rows_MX[at[place], 1], rows_MX[at[place], 3])
    size, length = 1, 0
    for place in range(known):
        first, last = at[place], at[place + 1]
        count = _grow(paths, size, place, (rows_MX, first, last, settled[place]), found)
        length = _keep(paths, new, (found, count, place), rows_MX, (before, matches, length))
        paths, new, size = new, paths, count
    best, chunks = _best(paths, size)
    chosen = np.empty((known, 5), np.int32)
    count, step = 0, paths.trail[best]
    while step >= 0:
        chosen[count] = rows_MX[matches[step]]
        count, step = count + 1, before[step]
    return chosen[:count], chunks
