"""What captions are like as text: words per caption, distinct n-grams, vocabulary, lengths."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from diptych import __version__
from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import mean

WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
WORDS_ARE = "words: runs of letters and digits, joined by inner apostrophes, hyphens and dots, lower case"


def words_of(text: str) -> list[str]:
    """The words of a text in lower case ("a well-lit room's 2.5 m" has five)."""
    return WORD.findall(text.casefold())


def words_per_caption(texts: Iterable[str]) -> Result:
    """Mean number of words of a caption; an empty caption counts as 0 words."""
    return mean([len(words_of(text)) for text in texts], name="words_per_caption", better="none", how=WORDS_ARE)


def distinct(texts: Iterable[str], n: int = 2) -> Result:
    """Different n-grams over all n-grams of the captions together (Li et al., 2016, arXiv:1510.03055).

    The ratio falls as more captions are counted: compare sets of one size. It has no interval, since rows drawn twice would lower it.
    """
    if n < 1:
        raise InputError(f"n of distinct-n must be at least 1, got {n}")
    seen: set[tuple[str, ...]] = set()
    total = rows = 0
    for text in texts:
        words = words_of(text)
        grams = list(zip(*(words[i:] for i in range(n)), strict=False))
        seen.update(grams)
        total += len(grams)
        rows += 1
    nan = float("nan")
    why = "no interval: depends on the number of captions" if total else f"undefined: no {n}-gram"
    return Result(
        f"distinct_{n}", len(seen) / total if total else nan, nan, nan, rows, "higher", f"{WORDS_ARE}; {why}; diptych {__version__}"
    )


def vocabulary(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs; its length is the size of the vocabulary."""
    return Counter(word for text in texts for word in words_of(text))


@dataclass(frozen=True, slots=True)
class Lengths:
    """A histogram of words per caption: `counts[i]` captions have at least `edges[i]` and fewer than `edges[i + 1]` words."""

    edges: tuple[int, ...]
    counts: tuple[int, ...]
    median: float
    shortest: int
    longest: int


def lengths(texts: Iterable[str], *, bins: int = 20) -> Lengths:
    """The histogram of words per caption in at most `bins` equal bins of whole words; no captions give no bins."""
    found = [len(words_of(text)) for text in texts]
    if not found:
        return Lengths((), (), float("nan"), 0, 0)
    first, last = min(found), max(found)
    width = -(-(last - first + 1) // bins)
    edges = range(first, last + width + 1, width)
    counts, _ = np.histogram(found, edges)
    return Lengths(tuple(edges), tuple(int(n) for n in counts), float(np.median(found)), first, last)


def repeated(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Captions said of more than one row, with the rows' ids, the commonest first; case and spacing do not tell them apart."""
    rows: dict[str, list[str]] = {}
    for id, text in texts.items():
        rows.setdefault(" ".join(text.casefold().split()), []).append(id)
    several = [(text, tuple(ids)) for text, ids in rows.items() if len(ids) > 1]
    return dict(sorted(several, key=lambda row: (-len(row[1]), row[0])))
