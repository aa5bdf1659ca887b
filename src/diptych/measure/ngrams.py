"""Captions made ready for the n-gram metrics: tokens as integers, once for all of them.

Shapes: N images, C captions (an image's candidate first, then its references, image after image), T words, P pieces.
BLEU and CIDEr part a caption at every white space, as Python's `split()` does; ROUGE parts it at single spaces alone, so that
"1 1/2" with a no-break space is one piece of two words, and an empty caption is one empty piece of no word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.language.ptb import Mode, ptb_tokenise
from diptych.language.ptb_lines import breaking
from diptych.language.ptb_pieces import pays
from diptych.language.token_table import GLUE, TokenTable, token_table
from diptych.measure.inputs import Aligned, Candidates, References, aligned
from diptych.measure.ngram_bags import Bags, plain_bags

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Tokenizer = Literal["ptb", "ptb_each", "none"]
_SAID = {
    "ptb": "PTB tokens, lower case, without punctuation",
    "ptb_each": "PTB tokens of each caption by itself, lower case, without punctuation",
    "none": "tokens as given, parted at spaces",
}
EMPTY = -1  # the piece without a letter
COMPILED_FROM = 500_000  # words; below, starting the compiler takes longer than it saves, and more memory
_AT_ONCE = 4_000  # captions whose tokens are strings at a time


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
    tokens: str  # how they were made
    shifting: int = 0  # captions that hold the end of a line, after which the reference's tokeniser gives each caption another's tokens

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def how(self) -> str:
        """How the tokens were made, and whether some are another caption's."""
        if not self.shifting:
            return self.tokens
        return f"{self.tokens}; {self.shifting} captions hold an end of line and shift all later ones, as in pycocoevalcap: see ptb_each"

    @cached_property
    def bags(self) -> Bags:
        """Each caption's n-grams, counted."""
        if not self.large:
            return plain_bags(self.words.ids_T, self.words.offsets, self.starts)
        from diptych.measure.ngram_kernels import compiled_bags  # noqa: PLC0415 - a small set should not wait for the compiler

        return compiled_bags(self.words.ids_T, self.words.offsets, self.starts)

    @property
    def large(self) -> bool:
        """Whether compiled code pays."""
        return len(self.words.ids_T) >= COMPILED_FROM

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
        return Corpus(self.ids, self.starts, words, self.pieces, tuple(numbers), f"{self.tokens}; {how}", self.shifting)


def prepare(candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb") -> Corpus:
    """Candidates and references as a `Corpus`, which each metric's `..._of` takes.

    `tokenizer` "ptb" is the reference tool's (`diptych.language.ptb`), which reads all candidates as one document and all references as
    another; "ptb_each" the same of each caption by itself; "none" takes texts whose tokens are joined by spaces already.
    Raises InputError for ids that do not match, an image without references, or another tokenizer.
    """
    if tokenizer not in _SAID:
        raise InputError(f"tokenizer must be one of {', '.join(_SAID)}, got {tokenizer!r}")
    found = _in_the_references_order(aligned(candidates, references), references)
    read = _from_given if tokenizer == "none" else partial(_from_captions, mode="each" if tokenizer == "ptb_each" else "wrapper")
    known = list(chain.from_iterable(found.references))
    words, pieces, vocabulary = _joined(read(found.candidates), read(known))
    starts = np.fromiter(accumulate((len(few) + 1 for few in found.references), initial=0), np.int64, len(found.ids) + 1)
    order = _interleaved(starts)
    taken = words.taken(order)
    shifting = breaking(found.candidates) + breaking(known) if tokenizer == "ptb" else 0
    return Corpus(found.ids, starts, taken, taken if pieces is words else pieces.taken(order), vocabulary, _SAID[tokenizer], shifting)


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
    uncut: tuple[str, ...]  # pieces that are not one word


def _from_captions(captions: Sequence[str], mode: Mode) -> _Read:
    if pays(captions):
        return _from_table(token_table(captions, mode=mode))
    return _from_given(ptb_tokenise(captions, mode=mode))


def _from_table(table: TokenTable) -> _Read:
    words = Tokens(table.ids_T, table.offsets)
    if not table.glued_T.any() and bool((words.lengths_C > 0).all()):
        return _Read(words, words, table.words, ())
    last = np.flatnonzero(~table.glued_T)  # the last part of each piece
    first = np.concatenate(([0], last[:-1] + 1))[: len(last)]
    ids = table.ids_T[first]
    uncut: dict[str, int] = {}
    for piece in np.flatnonzero(first < last).tolist():
        parts = [table.words[number] for number in table.ids_T[first[piece] : last[piece] + 1].tolist()]
        ids[piece] = len(table.words) + uncut.setdefault(GLUE.join(parts), len(uncut))
    offsets = np.concatenate(([0], np.cumsum(~table.glued_T)))[table.offsets]
    void = np.flatnonzero(words.lengths_C == 0)
    offsets += np.searchsorted(void, np.arange(len(offsets)))  # each empty caption before takes a place
    return _Read(words, Tokens(np.insert(ids, np.searchsorted(last, table.offsets[void]), EMPTY), offsets), table.words, tuple(uncut))


def _from_given(captions: Sequence[str]) -> _Read:
    """Captions whose tokens are joined by spaces: `split(" ")` for ROUGE, `split()` for the others."""
    numbers: dict[str, int] = {}
    rows = []
    for at in range(0, len(captions), _AT_ONCE):
        tokens = " ".join(captions[at : at + _AT_ONCE]).split(" ")
        for token in dict.fromkeys(tokens):
            numbers.setdefault(token, len(numbers))
        rows.append(np.fromiter(map(numbers.__getitem__, tokens), np.int32, len(tokens)))
    offsets = np.fromiter(accumulate((text.count(" ") + 1 for text in captions), initial=0), np.int64, len(captions) + 1)
    pieces = Tokens(np.concatenate(rows) if rows else np.zeros(0, np.int32), offsets)
    parts = [token.split() for token in numbers]
    if all(len(few) == 1 for few in parts):
        return _Read(pieces, pieces, tuple(numbers), ())
    return _parted(pieces, tuple(numbers), parts)


def _parted(pieces: Tokens, tokens: tuple[str, ...], parts: list[list[str]]) -> _Read:
    """Words of pieces some of which are several words or none."""
    places: dict[str, int] = {}
    word_P = np.array([places.setdefault(word, len(places)) for few in parts for word in few], np.int32)
    words_of = Tokens(word_P, np.fromiter(accumulate(map(len, parts), initial=0), np.int64, len(parts) + 1))
    words = words_of.taken(pieces.ids_T.astype(np.int64))
    uncut = tuple(token for token, few in zip(tokens, parts, strict=True) if token and few != [token])
    numbers = {token: number for number, token in enumerate((*places, *uncut))}
    ids_V = np.array([numbers[token] if token else EMPTY for token in tokens], np.int32)
    return _Read(Tokens(words.ids_T, words.offsets[pieces.offsets]), Tokens(ids_V[pieces.ids_T], pieces.offsets), tuple(places), uncut)


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
