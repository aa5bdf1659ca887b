"""What a decoder remembers of the words so far, so that each new word costs one place and not the whole text."""

# N layers, R rows, H heads, C places there is room for, D width of a head, B pictures, M places of the memory

from collections.abc import Sequence
from itertools import groupby
from math import gcd

import torch
from torch import Tensor

ROOM = 32  # places at first; twice as many each time they are used up


class Cache:
    """Keys and values of all layers: of the places so far, and of the memory, which stay as they are.

    `length` counts places, `words` those of them that are words and not prefixes. Rows of one picture stand together, equally many
    of each, so that the memory is kept once a picture and not once a row.
    """

    def __init__(self, layers: int):
        self.layers = layers
        self.length = 0
        self.words = 0
        self.kept: Tensor | None = None  # (N, 2, R, H, C, D)
        self.memory: list[Tensor] = []  # of each layer (2, B, H, M, D)

    def put(self, layer: int, new: Tensor) -> tuple[Tensor, Tensor]:
        """Enters (2, R, H, T, D) and gives the keys and values (R, H, length + T, D) of all places."""
        end = self.length + new.shape[3]
        kept = self._roomy(end, new)
        kept[layer, :, :, :, self.length : end] = new
        return kept[layer, 0, :, :, :end], kept[layer, 1, :, :, :end]

    def advance(self, words: int, prefixes: int = 0) -> None:
        """What was put counts from now on."""
        self.words += words
        self.length += words + prefixes

    def reorder(self, places: Tensor) -> None:
        """Row r becomes what row `places[r]` was; there may be more rows than before, or fewer.

        Where rows only take the place of others, which are lost, those alone are copied: keep rows where they are if you can.
        """
        if self.kept is None:
            return
        listed, rows = places.tolist(), self.kept.shape[2]
        if self.memory:
            self._reorder_memory(listed, rows)
        moved = [row for row, place in enumerate(listed) if row != place]
        if len(listed) == rows and all(listed[listed[row]] == listed[row] for row in moved):
            if moved:
                onto, of = (torch.tensor(one, device=places.device) for one in (moved, [listed[row] for row in moved]))
                self.kept[:, :, onto, :, : self.length] = self.kept[:, :, of, :, : self.length]
            return
        before, shape = self.kept, list(self.kept.shape)
        shape[2] = len(listed)
        self.kept = before.new_empty(shape)
        self.kept[..., : self.length, :] = before[:, :, places, :, : self.length]

    def _reorder_memory(self, places: Sequence[int], rows: int) -> None:
        each = rows // self.memory[0].shape[1]
        pictures = [place // each for place in places]
        together = gcd(*(len(list(run)) for _, run in groupby(pictures)))
        wanted = pictures[::together]
        if wanted != list(range(self.memory[0].shape[1])):
            chosen = torch.tensor(wanted, device=self.memory[0].device)
            self.memory = [one.index_select(1, chosen) for one in self.memory]

    def _roomy(self, end: int, new: Tensor) -> Tensor:
        """The kept, with room for `end` places."""
        if self.kept is None or end > self.kept.shape[4]:
            _, rows, heads, _, width = new.shape
            before = self.kept
            self.kept = new.new_empty(self.layers, 2, rows, heads, max(ROOM, 2 * end), width)
            if before is not None:
                self.kept[..., : self.length, :] = before[..., : self.length, :]
        return self.kept
