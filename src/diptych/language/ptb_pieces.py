"""Captions tokenised by compiled code, for large sets: numbers of pieces of text, and the token that each piece stands for."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.language.ptb_finish import finished
from diptych.language.ptb_lines import APART, document
from diptych.language.ptb_tables import automaton

CHUNK = 1 << 18  # characters at a time, which bounds the memory that a text of any length needs
COLD, WARM = 3_000_000, 100_000  # characters from which compiled code pays, before and after numba is loaded


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of caption n: numbers_T[offsets[n] : offsets[n + 1]]; what a piece stands for is its token, or several, or "" """

    numbers_T: NDArray[np.int32]
    offsets: NDArray[np.int64]  # N + 1 of them
    tokens: list[str]  # in the order in which the pieces were first met


def pays(captions: Sequence[str]) -> bool:
    """Whether there is enough text to load compiled code for. Raises InputError for what is no list of texts."""
    if isinstance(captions, str):
        raise InputError(f"captions must be a list of texts, got the text {captions[:40]!r}: put it in a list")
    if (wrong := next((n for n, caption in enumerate(captions) if not isinstance(caption, str)), None)) is not None:
        raise InputError(f"every caption must be a text, but number {wrong} is {captions[wrong]!r}: leave it out or write it as text")
    return sum(map(len, captions)) >= (WARM if "diptych.language.ptb_kernel" in sys.modules else COLD)


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
            self.letters = np.resize(self.letters, 2 * (used + more))
        if self.count + more + 1 > len(self.heads):
            self.heads = np.resize(self.heads, 2 * (self.count + more) + 1)
            self.rule_V = np.resize(self.rule_V, 2 * (self.count + more))
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


def pieces(captions: Sequence[str], *, each: bool) -> Pieces:
    """What the rules take from the captions."""
    from diptych.language.ptb_kernel import scan  # noqa: PLC0415 -- numba takes half a second to load

    rules = automaton()
    arrays = (rules.class_P, rules.moves_SC, rules.rule_S, rules.cut_R, rules.kind_R, np.uintp(rules.accepting))
    table = _Table()
    numbers, ends = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    total = 0
    for text, stop, last in _chunks(captions, each=each):
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        out, line_ends = np.empty(stop, np.int32), np.empty(stop + 1, np.int64)
        taken, lines, table.count = scan(points, stop, arrays, table.room(stop), (out, line_ends, table.count))
        if last and not each:  # the last line has no end of its own
            line_ends[lines] = taken
            lines += 1
        numbers.append(out[:taken].copy())
        ends.append(line_ends[: lines : 2 if each else 1] + total)
        total += taken
    offsets = np.concatenate(ends)[: len(captions) + 1]
    return Pieces(np.concatenate(numbers)[: offsets[-1]], offsets, table.tokens())


def _chunks(captions: Sequence[str], *, each: bool) -> Iterator[tuple[str, int, bool]]:
    # texts, where to stop in each, and whether it is the last; what follows the stop is there for look-ahead
    begin, count = 0, len(captions)
    while begin < count:
        end, size = begin, 0
        while end < count and size < CHUNK:
            size += len(captions[end]) + len(APART)
            end += 1
        text = document(captions[begin:end], each=each)
        if each or end == count:
            yield text, len(text), end == count
        else:
            seen = next((n for n in range(end, count) if captions[n].strip()), count - 1) + 1
            after = document(captions[end:seen], each=False) + ("\n" if seen < count else "")
            yield f"{text}\n{after}", len(text) + 1, False
        begin = end
