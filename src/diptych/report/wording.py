"""Counting what a dataset's captions are like: how many, how long, how often the same, with which words."""

import re
from collections import Counter
from dataclasses import dataclass, field

from diptych.data.records import Record

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_MOST = 200_000  # distinct texts or words held; later new ones are only counted as captions
_LONGEST = 20_000  # characters of a caption that are counted into words


@dataclass(slots=True)
class Wording:
    """Counts over all captions that stand for their records."""

    captions: int = 0
    empty: int = 0
    without: int = 0  # records with no caption
    per_record: Counter[int] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)  # in words
    texts: Counter[str] = field(default_factory=Counter)  # letter case and spaces aside, cut at 200 characters
    words: Counter[str] = field(default_factory=Counter)
    writers: Counter[str] = field(default_factory=Counter)
    longest: int = 0  # characters
    full: bool = False  # there were more distinct texts or words than are held

    def add(self, record: Record) -> None:
        """Counts one record's captions."""
        self.per_record[len(record.captions)] += 1
        self.without += not record.captions
        for caption in record.captions:
            self.captions += 1
            self.writers[caption.by] += 1
            self.longest = max(self.longest, len(caption.text))
            self._text(caption.text)

    def _text(self, text: str) -> None:
        words = [word.casefold() for word in _WORD.findall(text[:_LONGEST])]
        self.lengths[len(text.split())] += 1
        if not text.strip():
            self.empty += 1
            return
        self._count(self.texts, " ".join(text[:400].casefold().split())[:200])
        for word in words:
            self._count(self.words, word)

    def _count(self, counter: Counter[str], key: str) -> None:
        if key in counter or len(counter) < _MOST:
            counter[key] += 1
        else:
            self.full = True

    @property
    def repeated(self) -> int:
        """How many captions repeat one that was there before."""
        return self.texts.total() - len(self.texts)

    def mean_length(self) -> float:
        """Words in a caption."""
        return sum(n * times for n, times in self.lengths.items()) / max(1, self.captions)


def histogram(values: Counter[int], bins: int = 14) -> list[tuple[float, float, int]]:
    """(from, to, how many) in equal steps of a round number; the longest hundredth is counted into the last."""
    ordered = sorted(values)
    if not ordered:
        return []
    total, seen, top = values.total(), 0, ordered[-1]
    for value in ordered:
        seen += values[value]
        if seen >= 0.99 * total:
            top = value
            break
    low = 0 if ordered[0] < 0.5 * top else ordered[0]
    step = _round_up((top + 1 - low) / bins)
    low = low // step * step
    edges = list(range(low, top + step + 1, step))
    edges = edges[: next(i for i, edge in enumerate(edges) if edge > top) + 1]
    found = [0] * (len(edges) - 1)
    for value, n in values.items():
        found[min(len(found) - 1, (value - low) // step)] += n
    return [(float(a), float(b), n) for a, b, n in zip(edges, edges[1:], found, strict=False)]


def _round_up(least: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ..."""
    power = 1
    while True:
        for times in (1, 2, 5):
            if power * times >= least:
                return power * times
        power *= 10
