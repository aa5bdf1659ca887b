"""Captions made ready for the n-gram metrics: tokens as integers, once for all of them.

Shapes: N images, C captions (an image's candidate first, then its references, image after image), T words, P pieces.
BLEU and CIDEr part a caption at every white space, as Python's `split()` does; ROUGE parts it at single spaces alone, so that
"1 1/2" with a no-break space is one piece of two words, and an empty caption is one empty piece of no word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.language.token_table import TokenTable, token_table
from diptych.measure.inputs import Aligned, Candidates, References, aligned
from diptych.measure.ngram_bags import Bags, bags

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Tokenizer = Literal["ptb", "none"]
_SAID = {"ptb": "PTB tokens, lower case, without punctuation", "none": "tokens as given, parted at spaces"}
EMPTY = -1  # the piece without a letter


@dataclass(frozen=True)
class Tokens:
    """Tokens of captions one after the other: those of caption c are `ids_T[offsets[c] : offsets[c + 1]]`."""

    ids_T: Ints
    offsets: Places

    @property
    def lengths_C(self) -> Places:
        """Tokens of each caption."""
        return np.diff(self.offsets)

    def taken(self, order: Places) -> "Tokens":
        """The captions in another order."""
        lengths = self.lengths_C[order]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        return Tokens(self.ids_T[np.repeat(self.offsets[order] - offsets[:-1], lengths) + np.arange(offsets[-1])], offsets)


@dataclass(frozen=True)
class Corpus:
    """Candidates and references as tokens. Image n's captions are `starts[n]` (its candidate) up to `starts[n + 1]`.

    Images stand in the references' order, in which the reference tool sums. `words` are places in `vocabulary`.
    """

    ids: tuple[str, ...]
    starts: Places
    words: Tokens
    pieces: Tokens
    vocabulary: tuple[str, ...]
    how: str

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def bags(self) -> Bags:
        """Each caption's n-grams, counted."""
        return bags(self.words.ids_T, self.words.offsets, self.starts)

    @property
    def references_N(self) -> Places:
        """References of each image."""
        return np.diff(self.starts) - 1

    @property
    def candidate_C(self) -> NDArray[np.bool_]:
        """True for candidates."""
        mask = np.zeros(self.starts[-1], bool)
        mask[self.starts[:-1]] = True
        return mask

    def rewritten(self, change: Callable[[str], str], how: str) -> "Corpus":
        """The same with each word changed (its stem, say); pieces stay."""
        numbers: dict[str, int] = {}
        place_V = np.array([numbers.setdefault(change(word), len(numbers)) for word in self.vocabulary], np.int32)
        words = Tokens(place_V[self.words.ids_T] if len(place_V) else self.words.ids_T, self.words.offsets)
        return Corpus(self.ids, self.starts, words, self.pieces, tuple(numbers), f"{self.how}; {how}")


def prepare(candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb") -> Corpus:
    """Candidates and references as a `Corpus`, which each metric's `..._of` takes.

    `tokenizer` "ptb" is the reference tool's (`diptych.language.ptb`); "none" takes texts whose tokens are joined by spaces already.
    Raises InputError for ids that do not match, an image without references, or another tokenizer.
    """
    if tokenizer not in _SAID:
        raise InputError(f"tokenizer must be one of {', '.join(_SAID)}, got {tokenizer!r}")
    found = _in_the_references_order(aligned(candidates, references), references)
    read = _from_table if tokenizer == "ptb" else _from_given
    known = list(chain.from_iterable(found.references))
    words, pieces, vocabulary = _joined(read(found.candidates), read(known))
    starts = np.fromiter(accumulate((len(few) + 1 for few in found.references), initial=0), np.int64, len(found.ids) + 1)
    order = _interleaved(starts)
    taken = words.taken(order)
    return Corpus(found.ids, starts, taken, taken if pieces is words else pieces.taken(order), vocabulary, _SAID[tokenizer])


def _in_the_references_order(found: Aligned, references: References) -> Aligned:
    if not isinstance(references, Mapping):
        return found
    place = {id: number for number, id in enumerate(found.ids)}
    order = [place[str(id)] for id in references]
    if order == list(range(len(order))):
        return found
    return Aligned(
        tuple(found.ids[n] for n in order), tuple(found.candidates[n] for n in order), tuple(found.references[n] for n in order)
    )  # fmt: skip


def _interleaved(starts: Places) -> Places:
    """Places among (all candidates, then all references) of the captions image by image."""
    count = len(starts) - 1
    order = np.arange(starts[-1]) - np.repeat(np.arange(1, count + 1), np.diff(starts)) + count
    order[starts[:-1]] = np.arange(count)
    return order


@dataclass(frozen=True)
class _Read:
    """One side's captions; `pieces` beyond the vocabulary are what `split()` would part."""

    words: Tokens
    pieces: Tokens
    vocabulary: tuple[str, ...]
    uncut: tuple[str, ...]  # pieces of several words


def _from_table(captions: Sequence[str]) -> _Read:
    table: TokenTable = token_table(captions)
    words = Tokens(table.ids_T, table.offsets)
    if not table.glued_T.any() and bool((words.lengths_C > 0).all()):
        return _Read(words, words, table.words, ())
    uncut: dict[str, int] = {}
    ids: list[int] = []
    offsets = [0]
    listed, glued = table.ids_T.tolist(), table.glued_T.tolist()
    for start, stop in pairwise(table.offsets.tolist()):
        first = start
        for place in range(start, stop):
            if not glued[place]:
                ids.append(_piece(listed[first : place + 1], table.words, uncut))
                first = place + 1
        if start == stop:
            ids.append(EMPTY)
        offsets.append(len(ids))
    return _Read(words, Tokens(np.array(ids, np.int32), np.array(offsets, np.int64)), table.words, tuple(uncut))


def _piece(parts: list[int], words: tuple[str, ...], uncut: dict[str, int]) -> int:
    if len(parts) == 1:
        return parts[0]
    return len(words) + uncut.setdefault("\N{NO-BREAK SPACE}".join(words[id] for id in parts), len(uncut))


def _from_given(captions: Sequence[str]) -> _Read:
    """Captions of which each token is one already: `split(" ")` for ROUGE, `split()` for the others."""
    split = [caption.split(" ") for caption in captions]
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(token, len(numbers)) for tokens in split for token in tokens], np.int32)
    pieces = Tokens(ids, np.fromiter(accumulate(map(len, split), initial=0), np.int64, len(split) + 1))
    parts = [token.split() for token in numbers]
    if all(len(few) == 1 for few in parts):
        return _Read(pieces, pieces, tuple(numbers), ())
    places: dict[str, int] = {}
    ids_W = np.array([places.setdefault(word, len(places)) for few in parts for word in few], np.int32)
    uncut = {token: number for number, token in enumerate(token for token, few in zip(numbers, parts, strict=True) if len(few) > 1)}
    ids_V = np.array([EMPTY if not t else places[t] if t in places else len(places) + uncut[t] for t in numbers], np.int32)
    made = Tokens(ids_W, np.fromiter(accumulate(map(len, parts), initial=0), np.int64, len(parts) + 1)).taken(ids.astype(np.int64))
    offsets = np.concatenate(([0], np.cumsum(made.lengths_C)))[pieces.offsets]
    return _Read(Tokens(made.ids_T, offsets), Tokens(ids_V[ids], pieces.offsets), tuple(places), tuple(uncut))


def _joined(one: _Read, other: _Read) -> tuple[Tokens, Tokens, tuple[str, ...]]:
    """Both sides' captions with one vocabulary."""
    numbers = {word: number for number, word in enumerate(one.vocabulary)}
    place_V = np.array([numbers.setdefault(word, len(numbers)) for word in other.vocabulary], np.int32)
    words = _after(one.words, Tokens(place_V[other.words.ids_T] if len(place_V) else other.words.ids_T, other.words.offsets))
    if one.pieces is one.words and other.pieces is other.words:
        return words, words, tuple(numbers)
    uncut = {token: number for number, token in enumerate(dict.fromkeys(one.uncut + other.uncut), len(numbers))}
    mapped = [Tokens(_table(side, numbers, uncut)[side.pieces.ids_T], side.pieces.offsets) for side in (one, other)]
    return words, _after(*mapped), tuple(numbers)


def _table(side: _Read, numbers: Mapping[str, int], uncut: Mapping[str, int]) -> Ints:
    """New numbers of one side's pieces; the last place, which -1 picks, is the empty piece."""
    return np.array([numbers[word] for word in side.vocabulary] + [uncut[token] for token in side.uncut] + [EMPTY], np.int32)


def _after(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(np.concatenate((one.ids_T, other.ids_T)), np.concatenate((one.offsets, other.offsets[1:] + one.offsets[-1])))
