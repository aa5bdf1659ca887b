"""Scorers made of scorers: classifier-free guidance and products with a language model."""

# R rows, V words known

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

from diptych.data.errors import InputError
from diptych.models.decoding_scorers import Scorer


@dataclass(frozen=True, slots=True)
class Guided:
    """log p(y) + gamma (log p(y|x) - log p(y)), renormalised at each word (Kornblith et al., 2023, arXiv:2307.16686, equation 3).

    `given` scores under the condition, `free` without it. Of the words only those with p(y|x) >= `plausible` max p(y|x) stay (Li et
    al., 2023, arXiv:2210.15097, equation 2): without it a large gamma prefers words that are impossible under p(y). gamma 1 with
    `plausible` 0 is `given` itself.
    """

    given: Scorer
    free: Scorer
    gamma: float = 2.0
    plausible: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.plausible <= 1:
            raise InputError(f"plausible must lie in [0, 1], got {self.plausible}")

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        return guided(self.given.start(), self.free.start(), self.gamma, self.plausible)

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        return guided(self.given.next(ids_R), self.free.next(ids_R), self.gamma, self.plausible)

    def reorder(self, places_R: Tensor) -> None:
        """Both alike."""
        self.given.reorder(places_R)
        self.free.reorder(places_R)


@dataclass(frozen=True, slots=True)
class Prior:
    """`alpha` log q(y) + `beta` (log p(y|x) - log p(y)), renormalised at each word: q, another language model, says what reads well.

    Kornblith et al., 2023, arXiv:2307.16686, section 3.2; `plausible` as in `Guided`.
    """

    prior: Scorer
    given: Scorer
    free: Scorer
    alpha: float = 1.0
    beta: float = 1.0
    plausible: float = 0.0

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        return self._of(self.prior.start(), self.given.start(), self.free.start())

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        return self._of(self.prior.next(ids_R), self.given.next(ids_R), self.free.next(ids_R))

    def reorder(self, places_R: Tensor) -> None:
        """All three alike."""
        for one in (self.prior, self.given, self.free):
            one.reorder(places_R)

    def _of(self, prior_RV: Tensor, given_RV: Tensor, free_RV: Tensor) -> Tensor:
        q_RV, given_RV, free_RV = (one.float().log_softmax(-1) for one in (prior_RV, given_RV, free_RV))
        return plausible(self.alpha * q_RV + self.beta * (given_RV - free_RV), given_RV, self.plausible).log_softmax(-1)


@dataclass(frozen=True, slots=True)
class Product:
    """Sum of weighted log probabilities, renormalised at each word: a product of experts."""

    scorers: tuple[Scorer, ...]
    weights: tuple[float, ...]

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        return self._of([one.start() for one in self.scorers])

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        return self._of([one.next(ids_R) for one in self.scorers])

    def reorder(self, places_R: Tensor) -> None:
        """All alike."""
        for one in self.scorers:
            one.reorder(places_R)

    def _of(self, logits: list[Tensor]) -> Tensor:
        parts = [weight * one.float().log_softmax(-1) for weight, one in zip(self.weights, logits, strict=True)]
        return torch.stack(parts).sum(0).log_softmax(-1)


def guided(given_RV: Tensor, free_RV: Tensor, gamma: float, least: float = 0.0) -> Tensor:
    """Log probabilities of the guided distribution."""
    given_RV, free_RV = given_RV.float().log_softmax(-1), free_RV.float().log_softmax(-1)
    return plausible(free_RV + gamma * (given_RV - free_RV), given_RV, least).log_softmax(-1)


def plausible(logits_RV: Tensor, given_RV: Tensor, least: float) -> Tensor:
    """Logits with -inf where the probability falls under `least` times that of the likeliest word."""
    if not least:
        return logits_RV
    return logits_RV.masked_fill(given_RV < given_RV.max(-1, keepdim=True).values + log(least), float("-inf"))
