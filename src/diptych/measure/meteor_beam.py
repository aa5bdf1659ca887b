"""The compiled beam search of METEOR's alignment; `meteor_match.align` says what it does, and is what it equals.

Shapes: S two (this step's paths and the next one's), B beam, X columns of a path: its rank, where the last match ends in the candidate
(-1: the word before has none), the first reference word not looked at, its place in the trail, and the candidate's words taken as bits.
Few arrays, and no views of them in loops: each costs the compiled code a count of references.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.compiled import compiled
from diptych.measure.meteor_match import BEAM, EXACT

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
RANK, END, NEXT, TRAIL, TAKEN = range(5)
KNOWN, SAID, SETTLED = range(3)
# a rank is one number: less for each word covered, more for each chunk, and the distance
_ONE_WORD, _ONE_CHUNK = 1 << 46, 1 << 32
_START = ((1 << 16) - 1) * _ONE_WORD
_NONE, _INSIDE = -1, -2  # instead of a match: the word has none, or lies in an earlier match
_BITS = 32  # of the match in the number that holds a path and a match
_MASK = (1 << _BITS) - 1


class Space(NamedTuple):
    """Arrays that every alignment uses anew."""

    paths_SBX: Places
    found_BX: Places  # the next step's best so far: rank, and (number of the path before, match) as one number
    trail_SX: Places  # the place before, and a match
    covered_XW: Ints  # matches over each reference word and each candidate word; whether a reference word is settled


@compiled
def room(known: int, said: int) -> Space:
    """Space for captions of so many words."""
    paths_SBX = np.zeros((2, BEAM, TAKEN + 1 + (said >> 6)), np.int64)
    steps = known * BEAM + 1
    return Space(paths_SBX, np.empty((BEAM, 2), np.int64), np.empty((steps, 2), np.int64), np.empty((3, max(known, said) + 1), np.int32))


@compiled
def _clashes(paths_SBX: Places, now: int, path: int, start: int, length: int) -> bool:
    clash = 0
    for place in range(start, start + length):
        clash |= paths_SBX[now, path, TAKEN + (place >> 6)] >> (place & 63)
    return bool(clash & 1)


@compiled
def _take(paths_SBX: Places, now: int, path: int, start: int, length: int) -> None:
    for place in range(start, start + length):
        paths_SBX[now, path, TAKEN + (place >> 6)] |= np.int64(1) << (place & 63)


@compiled
def _offer(found_BX: Places, count: int, rank: int, path: int, match: int) -> int:
    """Puts a path in its place among the best, behind its equals; how many there are then."""
    if count == BEAM:
        if rank >= found_BX[BEAM - 1, 0]:
            return count
        count -= 1
    place = count
    while place > 0 and found_BX[place - 1, 0] > rank:
        found_BX[place, 0], found_BX[place, 1] = found_BX[place - 1, 0], found_BX[place - 1, 1]
        place -= 1
    found_BX[place, 0], found_BX[place, 1] = rank, (path << _BITS) + match + 2
    return count + 1


@compiled
def _step_rank(rows_MX: Ints, row: int, end: int) -> int:
    """What a match adds to a path's rank, but for the distance."""
    there, here = rows_MX[row, 2], rows_MX[row, 3]
    weight = there + here if rows_MX[row, 4] == EXACT else there // 2 + here // 2
    broken = end >= 0 and end != rows_MX[row, 1]
    return int(_ONE_CHUNK * broken - _ONE_WORD * weight)


@compiled
def _cover(rows_MX: Ints, count: int, covered_XW: Ints) -> None:
    """Counts the matches over each word of both sides."""
    for row in range(count):
        for place in range(rows_MX[row, 0], rows_MX[row, 0] + rows_MX[row, 2]):
            covered_XW[KNOWN, place] += 1
        for place in range(rows_MX[row, 1], rows_MX[row, 1] + rows_MX[row, 3]):
            covered_XW[SAID, place] += 1


@compiled
def _settle(rows_MX: Ints, at: Ints, known: int, said: int, space: Space) -> None:
    """Marks reference words whose only match is settled before the search, and takes its words in the first path."""
    covered_XW = space.covered_XW
    for place in range(max(known, said)):
        covered_XW[KNOWN, place] = covered_XW[SAID, place] = 0
    _cover(rows_MX, at[known], covered_XW)
    for place in range(known):
        row = at[place]
        alone = at[place + 1] - row == 1
        if alone:
            for other in range(place, place + rows_MX[row, 2]):
                alone &= covered_XW[KNOWN, other] == 1
            for other in range(rows_MX[row, 1], rows_MX[row, 1] + rows_MX[row, 3]):
                alone &= covered_XW[SAID, other] == 1
        covered_XW[SETTLED, place] = alone
        if alone:
            _take(space.paths_SBX, 0, 0, rows_MX[row, 1], rows_MX[row, 3])


@compiled
def _grow(space: Space, state: tuple[int, int, int], rows_MX: Ints, first: int, last: int) -> int:
    """Offers every path's continuations at a reference word by its matches, from a first row up to a last; how many are kept."""
    now, size, place = state
    paths_SBX, found_BX = space.paths_SBX, space.found_BX
    count = 0
    for path in range(size):
        if paths_SBX[now, path, NEXT] > place:
            count = _offer(found_BX, count, paths_SBX[now, path, RANK], path, _INSIDE)
            continue
        end = paths_SBX[now, path, END]
        for row in range(first, last):
            if not _clashes(paths_SBX, now, path, rows_MX[row, 1], rows_MX[row, 3]):
                count = _offer(found_BX, count, paths_SBX[now, path, RANK] + _step_rank(rows_MX, row, end), path, row)
                # the distance falls on what follows, not on the path that has the match
                paths_SBX[now, path, RANK] += abs(place - rows_MX[row, 1])
        count = _offer(found_BX, count, paths_SBX[now, path, RANK] + _ONE_CHUNK * (end >= 0), path, _NONE)
    return count


@compiled
def _advance(space: Space, state: tuple[int, int, int], rows_MX: Ints, row: int, length: int) -> tuple[int, bool]:
    """Moves all paths over a reference word without a choice: its settled match, or none (row -1).

    Gives the trail's length, and whether the paths are still in order.
    """
    now, size, place = state
    paths_SBX = space.paths_SBX
    ordered = True
    for path in range(size):
        end = paths_SBX[now, path, END]
        if paths_SBX[now, path, NEXT] > place:
            pass
        elif row < 0:
            paths_SBX[now, path, RANK] += _ONE_CHUNK * (end >= 0)
            paths_SBX[now, path, END] = -1
        else:
            start = rows_MX[row, 1]
            paths_SBX[now, path, RANK] += _step_rank(rows_MX, row, end) + abs(place - start)
            paths_SBX[now, path, END], paths_SBX[now, path, NEXT] = start + rows_MX[row, 3], place + rows_MX[row, 2]
            space.trail_SX[length, 0], space.trail_SX[length, 1] = paths_SBX[now, path, TRAIL], row
            paths_SBX[now, path, TRAIL] = length
            length += 1
        ordered &= path == 0 or paths_SBX[now, path - 1, RANK] <= paths_SBX[now, path, RANK]
    return length, ordered


@compiled
def _reordered(space: Space, now: int, size: int) -> int:
    """Offers the paths as they are."""
    count = 0
    for path in range(size):
        count = _offer(space.found_BX, count, space.paths_SBX[now, path, RANK], path, _INSIDE)
    return count


@compiled
def _keep(space: Space, state: tuple[int, int, int], rows_MX: Ints, length: int) -> int:
    """Makes the best found at a reference word into the next step's paths; how long the trail is then."""
    now, count, place = state
    paths_SBX, found_BX, new = space.paths_SBX, space.found_BX, 1 - state[0]
    for number in range(count):
        path, match = found_BX[number, 1] >> _BITS, (found_BX[number, 1] & _MASK) - 2
        for part in range(END, paths_SBX.shape[2]):
            paths_SBX[new, number, part] = paths_SBX[now, path, part]
        paths_SBX[new, number, RANK] = found_BX[number, 0]
        if match == _NONE:
            paths_SBX[new, number, END], paths_SBX[new, number, NEXT] = -1, place + 1
        elif match >= 0:
            start, words = rows_MX[match, 1], rows_MX[match, 3]
            paths_SBX[new, number, END], paths_SBX[new, number, NEXT] = start + words, place + rows_MX[match, 2]
            _take(paths_SBX, new, number, start, words)
            space.trail_SX[length, 0], space.trail_SX[length, 1] = paths_SBX[now, path, TRAIL], match
            paths_SBX[new, number, TRAIL] = length
            length += 1
    return length


@compiled
def _best(paths_SBX: Places, now: int, size: int) -> tuple[int, int]:
    """The best path after its last chunk is closed, and its chunks."""
    best, least = 0, 0
    for path in range(size):
        rank = paths_SBX[now, path, RANK] + _ONE_CHUNK * (paths_SBX[now, path, END] >= 0)
        if path == 0 or rank < least:
            best, least = path, rank
    return best, least % _ONE_WORD // _ONE_CHUNK


@compiled
def align(rows_MX: Ints, at: Ints, known: int, said: int, space: Space) -> tuple[int, int]:
    """The best alignment of `known` reference words and `said` words: where its trail ends, and its chunks.

    Reference word j has the candidate matches `at[j]` up to `at[j + 1]`.
    """
    paths_SBX = space.paths_SBX
    for part in range(paths_SBX.shape[2]):
        paths_SBX[0, 0, part] = 0
    paths_SBX[0, 0, RANK], paths_SBX[0, 0, END], paths_SBX[0, 0, TRAIL] = _START, -1, -1
    _settle(rows_MX, at, known, said, space)
    now, size, length = 0, 1, 0
    for place in range(known):
        first, last = at[place], at[place + 1]
        if first == last or space.covered_XW[SETTLED, place]:
            length, ordered = _advance(space, (now, size, place), rows_MX, first if first < last else -1, length)
            if ordered:
                continue
            count = _reordered(space, now, size)
        else:
            count = _grow(space, (now, size, place), rows_MX, first, last)
        length = _keep(space, (now, count, place), rows_MX, length)
        now, size = 1 - now, count
    best, chunks = _best(paths_SBX, now, size)
    return paths_SBX[now, best, TRAIL], chunks
