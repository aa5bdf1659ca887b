"""Scorers that forbid words: outside an automaton, outside what a function allows, or outside a length."""

# R rows, V words known, S states

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from diptych.data.errors import InputError
from diptych.models.decoding_scorers import Scorer

NO = -1
Allowed = Callable[[int, tuple[int, ...]], Sequence[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Automaton:
    """Which word may follow in each state and where it leads: `moves` (S, V) holds the next state, or -1. State 0 is the first."""

    moves: Tensor

    @classmethod
    def of(cls, words: int, moves: Iterable[tuple[int, Iterable[int], int]]) -> "Automaton":
        """From triples of a state, the words that may follow, and the state they lead to."""
        listed = [(state, tuple(said), to) for state, said, to in moves]
        table = torch.full((1 + max(max(state, to) for state, _, to in listed), words), NO)
        for state, said, to in listed:
            table[state, list(said)] = to
        return cls(table)

    @classmethod
    def phrases(cls, words: int, texts: Iterable[Sequence[int]], end: int) -> "Automaton":
        """Accepts exactly these texts, each followed by the ending word."""
        found: dict[tuple[int, ...], int] = {(): 0}
        moves = []
        for text in texts:
            for place, word in enumerate((*text, end)):
                before, after = tuple(text[:place]), (*text[:place], word)
                moves.append((found[before], (word,), found.setdefault(after, len(found))))
        return cls.of(words, moves)


class Constrained:
    """A scorer held to an automaton. A state that nothing may follow ends in the scorer's own words being impossible: give it an end."""

    def __init__(self, scorer: Scorer, automaton: Automaton, state_R: Tensor | None = None):
        self.scorer, self.moves = scorer, automaton.moves
        self.state_R = state_R

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        logits_RV = self.scorer.start()
        self.moves = self.moves.to(logits_RV.device)
        if self.state_R is None:
            self.state_R = torch.zeros(len(logits_RV), dtype=torch.long, device=logits_RV.device)
        return self._held(logits_RV)

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        # a row that broke the rules, or ended, may be asked again: what it says is not read
        self.state_R = self.moves[self.state_R, ids_R].clamp(min=0)
        return self._held(self.scorer.next(ids_R))

    def reorder(self, places_R: Tensor) -> None:
        """States go with their rows."""
        self.scorer.reorder(places_R)
        assert self.state_R is not None
        self.state_R = self.state_R[places_R]

    def _held(self, logits_RV: Tensor) -> Tensor:
        return logits_RV.masked_fill(self.moves[self.state_R] == NO, float("-inf"))


@dataclass(slots=True)
class Permitted:
    """A scorer held to a function: `allowed(row, words so far)` gives the ids that may follow."""

    scorer: Scorer
    allowed: Allowed
    said: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        logits_RV = self.scorer.start()
        self.said = [(row, ()) for row in range(len(logits_RV))]
        return self._held(logits_RV)

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        self.said = [(row, (*said, word)) for (row, said), word in zip(self.said, ids_R.tolist(), strict=True)]
        return self._held(self.scorer.next(ids_R))

    def reorder(self, places_R: Tensor) -> None:
        """What was said goes with its row."""
        self.scorer.reorder(places_R)
        self.said = [self.said[place] for place in places_R.tolist()]

    def _held(self, logits_RV: Tensor) -> Tensor:
        out_RV = torch.ones_like(logits_RV, dtype=torch.bool)
        for row, (first, said) in enumerate(self.said):
            out_RV[row, list(self.allowed(first, said))] = False
        return logits_RV.masked_fill(out_RV, float("-inf"))


class OfLength:
    """Texts of `least_R` to `most_R` words, the ending one not counted: it is forbidden before and alone allowed after."""

    def __init__(self, scorer: Scorer, least_R: Tensor, most_R: Tensor, end: int = 2):
        if bool((least_R > most_R).any()):
            raise InputError("each row's least length must not exceed its most: swap them")
        self.scorer, self.least_R, self.most_R, self.end = scorer, least_R, most_R, end
        self.words = 0

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        return self._held(self.scorer.start())

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        self.words += 1
        return self._held(self.scorer.next(ids_R))

    def reorder(self, places_R: Tensor) -> None:
        """Lengths go with their rows."""
        self.scorer.reorder(places_R)
        self.least_R, self.most_R = self.least_R[places_R], self.most_R[places_R]

    def _held(self, logits_RV: Tensor) -> Tensor:
        ends_V = torch.arange(logits_RV.shape[1], device=logits_RV.device) == self.end
        out_RV = (self.words < self.least_R)[:, None] & ends_V | (self.words >= self.most_R)[:, None] & ~ends_V
        return logits_RV.masked_fill(out_RV, float("-inf"))
