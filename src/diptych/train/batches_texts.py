"""Random batches with more than one text a row: sentences of long captions, captions with one thing made false."""

# B rows of a batch

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.language.cuts import sentences
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.counterfactual import Editor
from diptych.train.data import Data
from diptych.train.order import key_of


@dataclass(frozen=True, slots=True)
class SubCaptions:
    """`count` texts a row, drawn alike likely and without return from the sentences of all its captions (DreamLIP: Zheng et al., 2024,
    arXiv:2403.17007, which found that gains end at about 8); where there are fewer they come again.

    The texts are "text", "text1", "text2", ..., as `names` tells an objective. `whole` also puts whole captions of more than one sentence
    among the sentences.
    """

    size: int = 128
    count: int = 4
    whole: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The texts' names."""
        return ("text", *(f"text{number}" for number in range(1, self.count)))

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        """InputError for fewer than one text."""
        if self.count < 1:
            raise InputError(f"count must be at least 1, got {self.count}")
        key = key_of(rng)
        for batch in Random(self.size)(model, data, rng, episode):
            said = [self._of_row(data, int(row), key) for row in batch.rows]
            yield Batch(batch.rows, {name: [each[k] for each in said] for k, name in enumerate(self.names)})

    def _of_row(self, data: Data, row: int, key: int) -> list[str]:
        pool = parts(data.texts(row), self.whole)
        if not pool:
            raise InputError(f"row {data.rows[row].id!r} has no caption of {data.captions!r}: leave such rows out")
        order = generator(key, data.rows[row].id).permutation(len(pool))
        return [pool[order[k % len(pool)]] for k in range(self.count)]


def parts(texts: tuple[str, ...], whole: bool = False) -> list[str]:
    """Sentences of the texts, each once, in order of mention; with `whole` also texts of several sentences."""
    found: dict[str, None] = {}
    for text in texts:
        pieces = [text[start:end].strip() for start, end in sentences(text)]
        split = [piece for piece in pieces if any(letter.isalnum() for letter in piece)]
        found |= dict.fromkeys(split)
        if whole and len(split) > 1:
            found[text.strip()] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Random batches with the texts `swapped`: each row's caption with one thing made false by the editor.

    The array `counting` says which rows have one (the others' `swapped` is their caption), as the two-way loss of `counting.CountLoss`
    wants it (Paiss et al., 2023, arXiv:2302.12066, for numbers).
    """

    size: int = 128
    editor: Editor = field(default_factory=Editor)

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        """As `Random`, and more texts."""
        key = key_of(rng)
        for batch in Random(self.size)(model, data, rng, episode):
            said = batch.texts["text"]
            edited = [self.editor(text, generator(key, data.rows[row].id)) for row, text in zip(batch.rows.tolist(), said, strict=True)]
            swapped = [text if one is None else one.text for text, one in zip(said, edited, strict=True)]
            yield Batch(batch.rows, {"text": said, "swapped": swapped}, {"counting": np.array([one is not None for one in edited])})
