"""What belongs together must be nearer than what does not, by a margin."""

# N pictures of this process, M texts of all processes, B rows of a block, K hardest others

from dataclasses import dataclass, field

import torch
from torch import Tensor

from diptych.data.errors import InputError
from diptych.train.gather import Ring
from diptych.train.targets import Target


@dataclass(slots=True, eq=False)
class Apart:
    """Own affinities of this process's rows and of all columns; sums, and the hardest others of rows and columns so far."""

    target: Target
    ring: Ring
    own_N: Tensor
    own_M: Tensor
    sums: list[Tensor] = field(default_factory=list)
    row_active: list[Tensor] = field(default_factory=list)  # others within the margin
    row_last: list[Tensor] = field(default_factory=list)  # affinity of the last of the hardest
    column_active: Tensor | None = None
    columns_KM: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Hinge:
    """max(0, margin - own + other), both ways, over all others of the batch or the `hardest` of each row and column; their mean.

    Merkx and Frank, 2019, arXiv:1903.11393; hardest negatives: Faghri et al., 2018, arXiv:1707.05612. Affinities are cosines, so a
    model trained so wants its scale fixed at 1. The target is the diagonal. Of others that are just as hard as the last of the hardest,
    all are pushed away.
    """

    margin: float = 0.2
    hardest: int | None = None

    def begin(self, target: Target, ring: Ring, own_N: Tensor | None, careful: bool) -> Apart:
        """InputError where the target has more than a diagonal."""
        if own_N is None:
            raise InputError("a hinge needs one text for each picture: take the paired target, or the softmax or sigmoid loss")
        return Apart(target, ring, own_N, ring.all(own_N))

    def look(self, state: Apart, block_BM: Tensor, rows: slice) -> Tensor:
        """Sums where all others count; the hardest of rows and columns where few do."""
        block_BM.diagonal(rows.start + (state.target.diagonal or 0)).fill_(-torch.inf)
        by_row_BM, by_column_BM = self._within(state, block_BM, rows)
        if self.hardest is None:
            state.sums.append(by_row_BM.sum() + by_column_BM.sum())
            state.row_active.append((by_row_BM > 0).sum(1))
            active_M = (by_column_BM > 0).sum(0)
            state.column_active = active_M if state.column_active is None else state.column_active + active_M
            return block_BM
        hard_BK = by_row_BM.topk(self._count(state), 1).values
        state.sums.append(hard_BK.sum())
        state.row_active.append((hard_BK > 0).sum(1))
        state.row_last.append(hard_BK[:, -1])
        state.columns_KM = self._hardest(state, by_column_BM)
        return block_BM

    def trusted(self, state: Apart) -> bool:
        """Always."""
        return True

    def value(self, state: Apart) -> Tensor:
        """The mean over the others that count, both ways added."""
        total = state.ring.total(torch.stack(state.sums).sum())
        state.row_active, state.row_last = [torch.cat(state.row_active)], [torch.cat(state.row_last)] if state.row_last else []
        if state.columns_KM is not None:
            every_KM = state.ring.all(state.columns_KM)
            state.columns_KM = every_KM.topk(min(self._count(state), len(every_KM)), 0).values
            total = total + state.columns_KM.sum()
            state.column_active = (state.columns_KM > 0).sum(0)
        else:
            assert state.column_active is not None
            state.column_active = state.ring.total(state.column_active)
        return total / self._pairs(state)

    def slope(self, state: Apart, block_BM: Tensor, rows: slice, kept: bool) -> Tensor:
        """1 for each other within the margin, minus their number at the own."""
        assert state.column_active is not None
        diagonal = rows.start + (state.target.diagonal or 0)
        block_BM.diagonal(diagonal).fill_(-torch.inf)
        by_row_BM, by_column_BM = self._within(state, block_BM, rows)
        row_BM, column_BM = by_row_BM > 0, by_column_BM > 0
        if state.columns_KM is not None:
            row_BM &= by_row_BM >= state.row_last[0][rows, None]
            column_BM &= by_column_BM >= state.columns_KM[-1]
        found_BM = row_BM.float().add_(column_BM)
        size = found_BM.shape[0]
        active_B = state.row_active[0][rows] + state.column_active[diagonal : diagonal + size]
        found_BM.diagonal(diagonal).copy_(-active_B)
        return found_BM.div_(self._pairs(state))

    def _within(self, state: Apart, block_BM: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        """How far each other trespasses on the row's margin, and on the column's."""
        return (block_BM - state.own_N[rows, None] + self.margin).relu_(), (block_BM - state.own_M + self.margin).relu_()

    def _hardest(self, state: Apart, by_column_BM: Tensor) -> Tensor:
        known = by_column_BM if state.columns_KM is None else torch.cat((state.columns_KM, by_column_BM))
        return known.topk(min(self._count(state), len(known)), 0).values

    def _count(self, state: Apart) -> int:
        others = len(state.own_M) - 1
        return others if self.hardest is None else min(self.hardest, others)

    def _pairs(self, state: Apart) -> int:
        return max(1, len(state.own_M) * self._count(state))
