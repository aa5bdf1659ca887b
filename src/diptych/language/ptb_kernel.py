"""The tokeniser compiled: what the automaton takes from a text, each different piece of text once, as integers.

numba is called here rather than through `arrays.compiled`, which lies beside this package and not below it; these functions call only
each other, so that numba's own cache, which looks at this file, is enough.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np


def _within(function: Callable[..., Any]) -> Callable[..., Any]:
    return numba.njit(inline="always")(function)  # type: ignore[no-any-return]


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # numba found no folder it may write to
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]


@_within
def match(points, start, rules):  # type: ignore[no-untyped-def]
    """The rule that takes the longest match from here, and where its token ends."""
    class_P, moves_SC, rule_S, cut_R, _, accepting = rules
    size, at, accepted, end = np.uintp(len(points)), np.uintp(start), np.uintp(0), start + 1
    state, last = np.uintp(1), np.uintp(len(class_P) - 1)  # unsigned, so that no index is checked for a minus sign
    while at < size:
        state = np.uintp(moves_SC[state, np.uintp(class_P[min(np.uintp(points[at]), last)])])
        if state == 0:
            break
        at += np.uintp(1)
        if state >= accepting:
            accepted, end = state, np.intp(at)
    rule = np.intp(rule_S[accepted])
    cut = cut_R[rule]
    if cut > 0:
        return rule, start + cut
    return rule, end + cut


@_within
def place(points, rule, pieces, count):  # type: ignore[no-untyped-def]
    """The number of a rule's piece of text, which is `count` when it is new and now kept.

    Pieces lie in a hash table: `slots` holds numbers plus one (0 is free); the letters of piece v are letters[heads[v] : heads[v + 1]].
    """
    slots, letters, heads, rule_V = pieces
    mask = np.uint64(len(slots) - 1)
    key = np.uint64(rule + 1)
    for i in range(len(points)):
        key = (key ^ np.uint64(points[i])) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    slot = key & mask
    while slots[slot] > 0:
        piece = slots[slot] - 1
        head = heads[piece]
        if rule_V[piece] == rule and heads[piece + 1] - head == len(points):
            i = 0
            while i < len(points) and letters[head + i] == points[i]:
                i += 1
            if i == len(points):
                return piece
        slot = (slot + np.uint64(1)) & mask
    slots[slot] = count + 1
    rule_V[count] = rule
    head = heads[count]
    for i in range(len(points)):
        letters[head + i] = points[i]
    heads[count + 1] = head + len(points)
    return count


@_compiled
def scan(points, stop, rules, pieces, found):  # type: ignore[no-untyped-def]
    """Takes all pieces of points[:stop]; how many were taken, how many lines ended, and how many different pieces are known now.

    `found` is an array for the pieces' numbers, one for the number of pieces taken when a line ends, and how many are known already.
    """
    kind_R = rules[4]
    out, ends, count = found
    start, taken, lines = 0, 0, 0
    while start < stop:
        if points[start] == 32 and (start + 1 == len(points) or points[start + 1] < 128):  # half of all pieces, and no token
            start += 1
            continue
        rule, end = match(points, start, rules)
        kind = kind_R[rule]
        if kind == 2:
            ends[lines] = taken
            lines += 1
        elif kind == 0:
            piece = place(points[start:end], rule, pieces, count)
            out[taken] = piece
            taken += 1
            if piece == count:
                count += 1
        start = end
    return taken, lines, count


@_compiled
def replace(pieces, count):  # type: ignore[no-untyped-def]
    """Fills a new, larger table of slots with the pieces that are known."""
    slots, letters, heads, rule_V = pieces
    mask = np.uint64(len(slots) - 1)
    for v in range(count):
        key = np.uint64(rule_V[v] + 1)
        for i in range(heads[v], heads[v + 1]):
            key = (key ^ np.uint64(letters[i])) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(29)
        slot = key & mask
        while slots[slot] > 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = v + 1
