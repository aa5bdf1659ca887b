"""What decoding asks of a model: scores of the first word, of the next, and rows put in another order."""

# R rows, V words known, B pictures, M places of the memory, C their width, P prefixes, W width, T words

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from diptych.models.kv_cache import Cache

BOS = 1
PICTURE = "picture"  # the condition that is the picture itself


class Scorer(Protocol):
    """One decoding of a batch. Logits need not be normalised."""

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""

    def reorder(self, places_R: Tensor) -> None:
        """Row r goes on as what row `places[r]` was; rows may become more or fewer. Rows of one picture stay together."""


class ModelScorer:
    """Our captioner or language model; `cached=False` reads the whole text again for every word."""

    def __init__(
        self, model: Any, rows: int, memory: Tensor | None = None, prefixes: Tensor | None = None, *, begin: int = BOS, cached: bool = True
    ):  # fmt: skip
        self.model, self.rows, self.begin = model, rows, begin
        self.given = {name: value for name, value in (("memory", memory), ("prefixes", prefixes)) if value is not None}
        self.cache = Cache(model.config.blocks) if cached else None
        self.ids_RT = torch.empty(rows, 0, dtype=torch.long, device=model.device)

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        return self.next(torch.full((self.rows,), self.begin, device=self.ids_RT.device))

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        if self.cache is not None:
            given = {} if self.cache.length else self.given
            return self.model(ids_R[:, None], cache=self.cache, **given)[:, -1]
        self.ids_RT = torch.cat([self.ids_RT, ids_R[:, None]], 1)
        return self.model(self.ids_RT, **self.given)[:, -1]

    def reorder(self, places_R: Tensor) -> None:
        """Puts the rows in another order."""
        if self.cache is not None:
            self.cache.reorder(places_R)
            return
        self.ids_RT = self.ids_RT[places_R]
        self.given = {name: value[places_R] for name, value in self.given.items()}


def scorer_of(model: Any, tensors: Mapping[str, Tensor], rows: int, *, without: Collection[str] = (), cached: bool = True) -> ModelScorer:
    """A captioner or language model on a batch's `tokens` or `pixel_values` and those conditions that it knows.

    `without` names conditions to be null, "picture" being the picture itself: what guidance calls the unconditional model.
    """
    known: tuple[str, ...] = getattr(model, "known", ())
    memory = model.tokens(tensors) if hasattr(model, "tokens") and PICTURE not in without else None
    values = {name: tensors[name] for name in known if name in tensors and name not in without}
    return ModelScorer(model, rows, memory, model.prefixes(values, rows) if known else None, cached=cached)
