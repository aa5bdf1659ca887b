"""Counting what a dataset's captions are like: how many, how long, how often the same, with which words."""

import re
from collections import Counter
from dataclasses import dataclass, field
from math import inf

from diptych.data.records import Record

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_LITTLE = frozenset(
    {"the", "and", "with", "are", "for", "his", "her", "its", "from", "into", "onto", "over", "there", "that", "this", "their"}
)
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

    def telling(self) -> Counter[str]:
        """The words that say something: articles, prepositions and the like left out."""
        return Counter({word: n for word, n in self.words.items() if len(word) > 2 and word not in _LITTLE})

    def mean_length(self) -> float:
        """Words in a caption."""
        return sum(n * times for n, times in self.lengths.items()) / max(1, self.captions)


def histogram(values: Counter[int], bins: int = 14) -> list[tuple[float, float, int]]:
    """(from, to, how many) in equal steps of a round number; what lies beyond nearly all (99 %) is counted into a last one without end."""
    if not values:
        return []
    low, top = min(values), _nearly_all(values)
    low = 0 if low < 0.5 * top else low
    step = _round_up((top + 1 - low) / bins)
    low = low // step * step
    found = [0] * ((top - low) // step + 1)
    beyond = 0
    for value, n in values.items():
        place = (value - low) // step
        if place < len(found):
            found[place] += n
        else:
            beyond += n
    columns = [(float(low + step * i), float(low + step * (i + 1)), n) for i, n in enumerate(found)]
    return [*columns, (columns[-1][1], inf, beyond)] if beyond else columns


def _nearly_all(values: Counter[int]) -> int:
    seen = 0
    for value in sorted(values):
        seen += values[value]
        if seen >= 0.99 * values.total():
            return value
    return max(values)


def _round_up(least: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ..."""
    power = 1
    while True:
        for times in (1, 2, 5):
            if power * times >= least:
                return power * times
        power *= 10
