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
_NONE, _INSIDE = -1, -2  # instead of a match: the word has none, or lies in an earlier match
_BITS = 32  # of the match in the number that holds a path and a match
_MASK = (1 << _BITS) - 1
_START = ((1 << 16) - 1) * _ONE_WORD


class _Paths(NamedTuple):
    rank: Places
    end: Ints
    next: Ints
    trail: Ints
    taken_BW: NDArray[np.uint64]


class _Found(NamedTuple):
    """The next step's best so far: rank, and (number of the path before, match) as one number."""

    rank: Places
    origin: Places


class Space(NamedTuple):
    """Arrays that every alignment uses anew."""

    paths: _Paths
    new: _Paths
    found: _Found
    before: Ints
    matches: Ints
    covered_known: Ints
    covered_said: Ints
    settled: NDArray[np.bool_]


@compiled
def _paths(bits: int) -> _Paths:
    places = np.empty(BEAM, np.int32)
    return _Paths(np.empty(BEAM, np.int64), places, places.copy(), places.copy(), np.zeros((BEAM, bits), np.uint64))


@compiled
def _clashes(taken_BW: NDArray[np.uint64], path: int, start: int, length: int) -> bool:
    clash = np.uint64(0)
    for place in range(start, start + length):
        clash |= taken_BW[path, place >> 6] >> np.uint64(place & 63)
    return bool(clash & np.uint64(1))


@compiled
def _take(taken_BW: NDArray[np.uint64], path: int, start: int, length: int) -> None:
    for place in range(start, start + length):
        taken_BW[path, place >> 6] |= np.uint64(1) << np.uint64(place & 63)


@compiled
def _offer(found: _Found, count: int, rank: int, path: int, match: int) -> int:
    """Puts a path in its place among the best, behind its equals; how many there are then."""
    if count == BEAM:
        if rank >= found.rank[BEAM - 1]:
            return count
        count -= 1
    place = count
    while place > 0 and found.rank[place - 1] > rank:
        found.rank[place], found.origin[place] = found.rank[place - 1], found.origin[place - 1]
        place -= 1
    found.rank[place], found.origin[place] = rank, (path << _BITS) + match + 2
    return count + 1


@compiled
def _step_rank(rows_MX: Ints, row: int, end: int) -> int:
    """What a match adds to a path's rank, but for the distance."""
    there, here = rows_MX[row, 2], rows_MX[row, 3]
    weight = there + here if rows_MX[row, 4] == EXACT else there // 2 + here // 2
    broken = end >= 0 and end != rows_MX[row, 1]
    return int(_ONE_CHUNK * broken - _ONE_WORD * weight)


@compiled
def _settle(rows_MX: Ints, at: Ints, said: int, space: Space) -> None:
    """Marks reference words whose only match is settled before the search, and takes its words in the first path."""
    known = len(at) - 1
    covered_known, covered_said = space.covered_known[:known], space.covered_said[:said]
    covered_known[:], covered_said[:] = 0, 0
    for row in range(len(rows_MX)):
        for place in range(rows_MX[row, 0], rows_MX[row, 0] + rows_MX[row, 2]):
            covered_known[place] += 1
        for place in range(rows_MX[row, 1], rows_MX[row, 1] + rows_MX[row, 3]):
            covered_said[place] += 1
    for place in range(known):
        row = at[place]
        alone = at[place + 1] - row == 1
        if alone:
            for other in range(rows_MX[row, 0], rows_MX[row, 0] + rows_MX[row, 2]):
                alone &= covered_known[other] == 1
            for other in range(rows_MX[row, 1], rows_MX[row, 1] + rows_MX[row, 3]):
                alone &= covered_said[other] == 1
        space.settled[place] = alone
        if alone:
            _take(space.paths.taken_BW, 0, rows_MX[row, 1], rows_MX[row, 3])


@compiled
def _grow(paths: _Paths, size: int, place: int, rows: tuple[Ints, int, int], found: _Found) -> int:
    """Offers every path's continuations at one reference word by its matches, from a first row up to a last."""
    rows_MX, first, last = rows
    count = 0
    for path in range(size):
        if paths.next[path] > place:
            count = _offer(found, count, paths.rank[path], path, _INSIDE)
            continue
        for number in range(first, last):
            if not _clashes(paths.taken_BW, path, rows_MX[number, 1], rows_MX[number, 3]):
                count = _offer(found, count, paths.rank[path] + _step_rank(rows_MX, number, paths.end[path]), path, number)
                paths.rank[path] += abs(
                    place - rows_MX[number, 1]
                )  # the distance falls on what follows, not on the path that has the match
        count = _offer(found, count, paths.rank[path] + _ONE_CHUNK * (paths.end[path] >= 0), path, _NONE)
    return count


@compiled
def _advance(paths: _Paths, size: int, place: int, rows: tuple[Ints, int], trail: tuple[Ints, Ints, int]) -> tuple[int, bool]:
    """Moves all paths over a reference word without a choice: its settled match, or none (row -1). The trail's length, and whether
    the paths are still in order.
    """
    rows_MX, number = rows
    before, matches, length = trail
    ordered = True
    for path in range(size):
        if paths.next[path] <= place:
            if number < 0:
                paths.rank[path] += _ONE_CHUNK * (paths.end[path] >= 0)
                paths.end[path] = -1
            else:
                start = rows_MX[number, 1]
                paths.rank[path] += _step_rank(rows_MX, number, paths.end[path]) + abs(place - start)
                paths.end[path], paths.next[path] = start + rows_MX[number, 3], place + rows_MX[number, 2]
                before[length], matches[length] = paths.trail[path], number
                paths.trail[path] = length
                length += 1
        ordered &= path == 0 or paths.rank[path - 1] <= paths.rank[path]
    return length, ordered


@compiled
def _reordered(paths: _Paths, size: int, found: _Found) -> int:
    """Offers the paths as they are."""
    count = 0
    for path in range(size):
        count = _offer(found, count, paths.rank[path], path, _INSIDE)
    return count


@compiled
def _keep(paths: _Paths, new: _Paths, chosen: tuple[_Found, int, int], rows_MX: Ints, trail: tuple[Ints, Ints, int]) -> int:
    """Makes the best `count` found at a reference word into the next step's paths; how long the trail is then."""
    found, count, place = chosen
    before, matches, length = trail
    for number in range(count):
        path, match = found.origin[number] >> _BITS, (found.origin[number] & _MASK) - 2
        new.rank[number] = found.rank[number]
        new.end[number], new.next[number], new.trail[number] = paths.end[path], paths.next[path], paths.trail[path]
        for part in range(new.taken_BW.shape[1]):
            new.taken_BW[number, part] = paths.taken_BW[path, part]
        if match == _NONE:
            new.end[number], new.next[number] = -1, place + 1
        elif match >= 0:
            start = rows_MX[match, 1]
            new.end[number], new.next[number] = start + rows_MX[match, 3], place + rows_MX[match, 2]
            _take(new.taken_BW, number, start, rows_MX[match, 3])
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
def room(known: int, said: int) -> Space:
    """Space for captions of so many words."""
    bits = (said >> 6) + 1
    steps = known * BEAM + 1
    found = _Found(np.empty(BEAM, np.int64), np.empty(BEAM, np.int64))
    before, covered = np.empty(steps, np.int32), np.empty(known + 1, np.int32)
    return Space(
        _paths(bits), _paths(bits), found, before, before.copy(), covered, np.empty(said + 1, np.int32), np.empty(known + 1, np.bool_)
    )


@compiled
def align(rows_MX: Ints, at: Ints, said: int, space: Space, chosen_MX: Ints) -> tuple[int, int]:
    """Writes the rows of the best alignment; how many they are, and its chunks.

    Reference word j has the candidate matches `at[j]` up to `at[j + 1]`.
    """
    paths, new = space.paths, space.new
    paths.rank[0], paths.end[0], paths.next[0], paths.trail[0] = _START, -1, 0, -1
    paths.taken_BW[0] = 0
    _settle(rows_MX, at, said, space)
    size, length = 1, 0
    for place in range(len(at) - 1):
        first, last = at[place], at[place + 1]
        if first == last or space.settled[place]:
            only = first if first < last else -1
            length, ordered = _advance(paths, size, place, (rows_MX, only), (space.before, space.matches, length))
            if ordered:
                continue
            count = _reordered(paths, size, space.found)
        else:
            count = _grow(paths, size, place, (rows_MX, first, last), space.found)
        length = _keep(paths, new, (space.found, count, place), rows_MX, (space.before, space.matches, length))
        paths, new, size = new, paths, count
    best, chunks = _best(paths, size)
    count, step = 0, paths.trail[best]
    while step >= 0:
        for part in range(5):
            chosen_MX[count, part] = rows_MX[space.matches[step], part]
        count, step = count + 1, space.before[step]
    return count, chunks
