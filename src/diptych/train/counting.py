"""Counting: batches with captions that spell a number, and the loss that sets each against itself with another number.

Paiss et al., 2023, arXiv:2302.12066, equations 1 and 2.
"""

# B entries of a batch, K of them counting, D width

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize, softplus

from diptych.data.errors import InputError
from diptych.models.dual import picture_vectors, scale_of, text_vectors
from diptych.train.batch import Batch
from diptych.train.data import PIXELS, Data
from diptych.train.order import captions_drawn, key_of, shuffled
from diptych.train.plan import Count, Counting, Objective, Term

NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Swap:
    """Puts another word in the place of the first of these in a text: numbers for the method, nouns for a control."""

    words: tuple[str, ...] = NUMBERS

    def __post_init__(self) -> None:
        if len(set(self.words)) < 2:
            raise InputError(f"a word is swapped for another of at least two, got {self.words}")

    def found(self, text: str) -> str | None:
        """The first of the words in a text."""
        match = self._pattern.search(text)
        return match.group().lower() if match else None

    def __call__(self, text: str, draw: float) -> str:
        """The text with another word, picked by a draw in [0, 1); as it is where it has none of them."""
        said = self.found(text)
        if said is None:
            return text
        others = [word for word in self.words if word != said]
        return self._pattern.sub(others[int(draw * len(others))], text, count=1)

    @property
    def _pattern(self) -> "re.Pattern[str]":
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, self.words))})\b", re.IGNORECASE)  # kept by re


@dataclass(frozen=True, slots=True)
class WithCounts:
    """Random batches, a `share` of each being rows with a caption that spells one of `numbers`, every number as often as any other.

    The texts `swapped` are the counting rows' captions changed by `swap` (the others' unchanged), the array `counting` says which they are.
    """

    size: int = 128
    share: float = 1 / 32
    swap: Swap = Swap()
    numbers: tuple[str, ...] = NUMBERS

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        several = round(self.size * self.share)
        order, saying, drawing = shuffled(data, key_of(rng)), key_of(rng), key_of(rng)
        counted = self._counted(data, shuffled(data, drawing)) if several else iter(())
        rest = self.size - several
        for start in range(0, len(order) - self.size + 1, max(1, rest)):
            some = [next(counted) for _ in range(several)]
            taken = {row for row, _ in some}
            plain = [row for row in order[start : start + self.size].tolist() if row not in taken][:rest]
            rows = np.array([row for row, _ in some] + plain, np.int64)
            said = [text for _, text in some] + captions_drawn(data, rows[several:], saying)
            swapped = [self.swap(text, float(draw)) for text, draw in zip(said[:several], rng.random(several), strict=True)]
            yield Batch(rows, {"text": said, "swapped": swapped + said[several:]}, {"counting": np.arange(self.size) < several})

    def _counted(self, data: Data, order: np.ndarray) -> Iterator[tuple[int, str]]:
        """Rows with their number's caption, the numbers taking turns; a number's rows come again when all have been had."""
        spelled = Swap(self.numbers)
        by_number: dict[str, list[tuple[int, str]]] = {}
        for row in order.tolist():
            for text in data.texts(row):
                number = spelled.found(text)
                if number is not None:
                    by_number.setdefault(number, []).append((row, text))
        if not by_number:
            raise InputError(f"no caption spells a number from {self.numbers[0]} to {self.numbers[-1]}: share=0 trains without counting")
        endless = [cycle(by_number[number]) for number in self.numbers if number in by_number]
        while True:
            yield from (next(rows) for rows in endless)


@dataclass(frozen=True, slots=True)
class CountLoss:
    """The terms of another objective, and `count`: each counting row's caption against its swapped one, a softmax of two."""

    base: Objective
    most: float = 100.0

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Term]:
        """Mean over the counting rows of -log(e^(s v.t) / (e^(s v.t) + e^(s v.t'))), t' the swapped text."""
        some = tensors["counting"].bool()
        terms = dict(self.base(model, tensors, update))
        if not bool(some.any()):
            return terms | {"count": (scale_of(model, self.most) * 0, 0.0)}
        shown = {name: tensors[name][some] for name in ("tokens", PIXELS) if name in tensors}
        image_KD = normalize(picture_vectors(model, shown), dim=-1)
        both = [
            normalize(text_vectors(model, tensors[f"{name}_ids"][some], tensors[f"{name}_mask"][some]), dim=-1)
            for name in ("text", "swapped")
        ]
        margin_K = scale_of(model, self.most) * (image_KD * (both[0] - both[1])).sum(dim=-1)
        return terms | {"count": (softplus(-margin_K).sum(), some.sum().to(torch.float32))}

    def counts(self, tensors: Mapping[str, Tensor]) -> dict[str, Count]:
        """How many rows count, so that batches can be accumulated in parts; and the counts of the other objective."""
        others: Mapping[str, Count] = self.base.counts(tensors) if isinstance(self.base, Counting) else {}
        return {**others, "count": tensors["counting"].sum()}
