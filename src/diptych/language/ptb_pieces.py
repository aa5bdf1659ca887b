"""Captions tokenised by compiled code, for large sets: numbers of pieces of text, and the token that each piece stands for."""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.language.ptb_finish import finished
from diptych.language.ptb_lines import APART, document
from diptych.language.ptb_tables import automaton

CHUNK = 1 << 18  # characters at a time, which bounds the memory that a text of any length needs
SHARE = 2  # chunks worth a thread
# characters from which compiled code pays: before numba is loaded, after, and once this code is
COLD, STARTED, WARM = 3_000_000, 500_000, 100_000

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of caption n: numbers_T[offsets[n] : offsets[n + 1]]; what a piece stands for is its token, or several, or "" """

    numbers_T: NDArray[np.int32]
    offsets: NDArray[np.int64]  # N + 1 of them
    tokens: list[str]  # in the order in which the pieces were first met; a piece may stand twice, met by two threads


def pays(captions: Sequence[str]) -> bool:
    """Whether there is enough text to load compiled code for. Raises InputError for what is no list of texts."""
    if isinstance(captions, str):
        raise InputError(f"captions must be a list of texts, got the text {captions[:40]!r}: put it in a list")
    if not all(issubclass(kind, str) for kind in set(map(type, captions))):
        wrong = next(n for n, caption in enumerate(captions) if not isinstance(caption, str))
        raise InputError(f"every caption must be a text, but number {wrong} is {captions[wrong]!r}: leave it out or write it as text")
    started = STARTED if "numba" in sys.modules else COLD
    return sum(map(len, captions)) >= (WARM if "diptych.language.ptb_kernel" in sys.modules else started)


class _Table:
    """Different pieces so far; grows between chunks."""

    def __init__(self) -> None:
        self.count = 0
        self.heads = np.zeros(1, np.int64)
        self.letters = np.zeros(0, np.uint32)
        self.rule_V = np.zeros(0, np.int16)
        self.slots = np.zeros(0, np.int32)

    def room(self, more: int) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.int64], NDArray[np.int16]]:
        """The arrays, with room for so many more pieces and letters."""
        from diptych.language.ptb_kernel import replace  # noqa: PLC0415 -- numba takes half a second to load

        used = int(self.heads[self.count])
        if used + more > len(self.letters):
            self.letters = _longer(self.letters, 2 * (used + more))
        if self.count + more + 1 > len(self.heads):
            self.heads = _longer(self.heads, 2 * (self.count + more) + 1)
            self.rule_V = _longer(self.rule_V, 2 * (self.count + more))
        arrays = (self.slots, self.letters, self.heads, self.rule_V)
        if 2 * (self.count + more) > len(self.slots):
            self.slots = np.zeros(1 << (2 * (self.count + more)).bit_length(), np.int32)
            arrays = (self.slots, self.letters, self.heads, self.rule_V)
            replace(arrays, self.count)
        return arrays

    def tokens(self) -> list[str]:
        """The token of each piece."""
        actions = automaton().action_R
        text = self.letters[: self.heads[self.count]].tobytes().decode("utf-32-le", "surrogatepass")
        heads = self.heads[: self.count + 1].tolist()
        return [finished(actions[rule], text[heads[v] : heads[v + 1]]) for v, rule in enumerate(self.rule_V[: self.count].tolist())]


def _longer(array: NDArray[Kind], size: int) -> NDArray[Kind]:
    made = np.empty(size, array.dtype)
    made[: len(array)] = array
    return made


def pieces(captions: Sequence[str], *, each: bool) -> Pieces:
    """What the rules take from the captions. Many chunks are shared among threads."""
    rules = automaton()
    arrays = (rules.class_P, rules.moves_SC, rules.rule_S, rules.cut_R, rules.kind_R, np.uintp(rules.accepting))
    begins = _begins(captions)
    threads = max(1, min(os.cpu_count() or 1, (len(begins) - 1) // SHARE))
    edges = [(len(begins) - 1) * part // threads for part in range(threads + 1)]
    shares = [begins[one : other + 1] for one, other in pairwise(edges)]
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda share: _share(captions, share, each, arrays), shares))
    tokens: list[str] = []
    numbers, ends = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    total = 0
    for part in found:
        numbers.append((part.numbers_T + len(tokens)).astype(np.int32, copy=False))
        ends.append(part.offsets + total)
        tokens += part.tokens
        total += len(part.numbers_T)
    offsets = np.concatenate(ends)[: len(captions) + 1]
    return Pieces(np.concatenate(numbers)[: offsets[-1]], offsets, tokens)


def _share(captions: Sequence[str], begins: Sequence[int], each: bool, rules: tuple[Any, ...]) -> Pieces:
    """Pieces of consecutive chunks; here an offset is where a line ends."""
    from diptych.language.ptb_kernel import scan  # noqa: PLC0415 -- numba takes half a second to load

    table = _Table()
    numbers, ends = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    total = 0
    for begin, end in pairwise(begins):
        text, stop = _chunk(captions, begin, end, each)
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        out, line_ends = np.empty(stop, np.int32), np.empty(stop + 1, np.int64)
        taken, lines, table.count = scan(points, stop, rules, table.room(stop), (out, line_ends, table.count))
        if end == len(captions) and not each:  # the last line has no end of its own
            line_ends[lines] = taken
            lines += 1
        numbers.append(out[:taken].copy())
        ends.append(line_ends[: lines : 2 if each else 1] + total)
        total += taken
    return Pieces(np.concatenate(numbers), np.concatenate(ends), table.tokens())


def _begins(captions: Sequence[str]) -> list[int]:
    """Which caption each chunk begins with, and the number of captions."""
    before = np.cumsum([0, *map(len, captions)]) + len(APART) * np.arange(len(captions) + 1)
    begins = [0]
    while begins[-1] < len(captions):
        begins.append(int(np.searchsorted(before, before[begins[-1]] + CHUNK)))
        begins[-1] = min(begins[-1], len(captions))
    return begins


def _chunk(captions: Sequence[str], begin: int, end: int, each: bool) -> tuple[str, int]:
    """A text and where to stop in it; what follows the stop is there for look-ahead."""
    text = document(captions[begin:end], each=each)
    if each or end == len(captions):
        return text, len(text)
    seen = next((n for n in range(end, len(captions)) if captions[n].strip()), len(captions) - 1) + 1
    after = document(captions[end:seen], each=False) + ("\n" if seen < len(captions) else "")
    return f"{text}\n{after}", len(text) + 1
