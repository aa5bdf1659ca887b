"""Look-ups in METEOR's compiled tables: words, base forms and synonym sets, and a tree of the phrases that have paraphrases.

A word is a number; a phrase is a node of the tree, a single word's node is its number. Children of a node follow each other, by word.
"""

from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from zlib import crc32

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
ENDINGS = (
    ("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y"), ("es", "e"),
    ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""), ("er", ""), ("est", ""), ("er", "e"), ("est", "e"),
)  # fmt: skip
"""WordNet's rules of detachment (Fellbaum, 1998) for nouns, verbs and adjectives, in the order in which they are tried."""


class Tables:
    """Compiled tables. Arrays: `text`, `spelt` (words), `slots` (by checksum), `children`, `last` (tree), `near_at`, `near` (paraphrases),
    `sets_at`, `sets`, `forms_at`, `forms` (WordNet), `function`, `prefixes`.
    """

    def __init__(self, arrays: Arrays) -> None:
        """Takes what `meteor_build.build` gives."""
        self.arrays = arrays
        self._text = self.view("text")
        self._spelt, self._slots = self.view("spelt"), self.view("slots")

    def view(self, name: str) -> memoryview:
        """An array as a view whose items are plain numbers: faster one by one."""
        return memoryview(self.arrays[name])  # type: ignore[arg-type]

    def number(self, word: str) -> int:
        """The word's number, or -1."""
        data = word.encode("utf-8", "surrogatepass")
        mask = len(self._slots) - 1
        slot = crc32(data) & mask
        while (known := self._slots[slot]) >= 0:
            if self._text[self._spelt[known] : self._spelt[known + 1]] == data:
                return int(known)
            slot = (slot + 1) & mask
        return -1

    @cached_property
    def function(self) -> frozenset[str]:
        """Function words."""
        return frozenset(self.arrays["function"].tobytes().decode().split("\n"))

    @cached_property
    def prefixes(self) -> dict[str, bool]:
        """Abbreviations that keep their dot -> whether only before a number."""
        pairs = [line.split(" ") for line in self.arrays["prefixes"].tobytes().decode().split("\n")]
        return {word: only == "1" for word, only in pairs}

    def synonym_sets(self, word: str) -> list[int]:
        """Numbers of the synonym sets of a word and of its base forms."""
        number = self.number(word)
        own = [number, *self._slice("forms", number)]
        if len(own) == 1:
            own.append(self._base(word))
        return [one for known in own for one in self._slice("sets", known)]

    def _base(self, word: str) -> int:
        """The number of the base form by the first ending whose base has synonym sets; -1 without."""
        if len(word) < 3 or word.endswith("ss"):
            return -1
        for ending, put in ENDINGS:
            if word.endswith(ending):
                number = self.number(word[: -len(ending)] + put)
                if self._slice("sets", number):
                    return number
        return -1

    def _slice(self, name: str, number: int) -> list[int]:
        at = self.arrays[f"{name}_at"]
        if not 0 <= number < len(at) - 1:
            return []
        found: list[int] = self.arrays[name][at[number] : at[number + 1]].tolist()
        return found

    def paraphrases(self, node: int) -> list[int]:
        """Nodes of the phrases that a phrase may be said as."""
        return self._slice("near", node)

    @cached_property
    def _tree(self) -> tuple[memoryview, memoryview]:
        return self.view("children"), self.view("last")

    def child(self, node: int, word: int) -> int:
        """The node of a node's phrase and one more word, or -1."""
        children, last = self._tree
        end = children[node + 1]
        place = bisect_left(last, word, children[node], end)
        return place if place < end and last[place] == word else -1
