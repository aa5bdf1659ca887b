"""Words in the order in which they are read: line after line, each from left to right."""

from collections.abc import Iterable

from diptych.data.regions import Box
from diptych.models.abilities import Word

SAME_LINE = 0.5  # share of the lower of two boxes that they have in common, from which they stand on one line


def in_reading_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """From the top down, what stands on one line from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box.top + word.box.bottom, word.box.left)):
        # a line is held to its first word, so that a slanted line does not run into the next
        line = next((line for line in lines if _beside(line[0].box, word.box)), None)
        if line is None:
            lines.append([word])
        else:
            line.append(word)
    return tuple(word for line in lines for word in sorted(line, key=lambda word: word.box.left))


def _beside(a: Box, b: Box) -> bool:
    low = min(a.bottom - a.top, b.bottom - b.top)
    return low > 0 and min(a.bottom, b.bottom) - max(a.top, b.top) >= SAME_LINE * low
