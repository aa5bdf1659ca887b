"""Each picture picks its texts among all texts, each text its pictures among all pictures."""

# N pictures of this process, M texts of all processes, B rows of a block

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from diptych.data.errors import InputError
from diptych.train.gather import Ring
from diptych.train.targets import Target

Way = Literal["both", "pictures", "texts"]
_LOST = 57.0  # a column so far below the rows (25 digits) may have lost what float32 cannot hold (38 digits)


@dataclass(slots=True, eq=False)
class Sums:
    """Sum of exp(z - most), with the most: of two parts as exact as of one, where their logarithm would lose a digit."""

    most_N: Tensor
    sum_N: Tensor

    def and_these(self, other: "Sums") -> "Sums":
        """Of both together."""
        most_N = torch.maximum(self.most_N, other.most_N)
        kept_N = [one.sum_N * (one.most_N - most_N).exp() for one in (self, other)]
        return Sums(most_N, kept_N[0] + kept_N[1])

    def log(self) -> Tensor:
        """logsumexp."""
        return self.most_N + self.sum_N.log()


@dataclass(slots=True, eq=False)
class Seen:
    """What the blocks gave: sums of rows (all texts) and of columns (all pictures), and the targets' own affinities."""

    target: Target
    ring: Ring
    careful: bool
    shares: tuple[Tensor, Tensor]  # of each row and column in the mean
    blocks: list[Sums] = field(default_factory=list)
    rows: Sums | None = None
    columns: Sums | None = None
    most: Tensor | None = None  # of all rows' logsumexp
    own: list[Tensor] = field(default_factory=list)
    work: Tensor | None = None  # room for the chances of a block

    def chances(self, block_BM: Tensor) -> Tensor:
        """Softmax of the rows, in the room of the block before."""
        if self.work is None or len(self.work) < len(block_BM):
            self.work = torch.empty_like(block_BM)
        return torch.softmax(block_BM, 1, out=self.work[: len(block_BM)])


@dataclass(frozen=True, slots=True)
class Softmax:
    """Mean cross-entropy of the affinities' softmax against the target, both ways halved (arXiv:2103.00020) or one way alone.

    `smoothing` e makes the target (1 - e) target + e / number of choices (ALIGN: Jia et al., 2021, arXiv:2102.05918). Rows and columns
    to which nothing belongs are left out of the mean; pairs that nobody knows out of the softmax, and then no label can be smoothed.
    """

    smoothing: float = 0.0
    way: Way = "both"

    def begin(self, target: Target, ring: Ring, own_N: Tensor | None, careful: bool) -> Seen:
        """Shares of rows and columns, and what the diagonal gains."""
        some_N, some_M = (target.rows_N > 0).float(), (target.columns_M > 0).float()
        half = {"both": (0.5, 0.5), "pictures": (1.0, 0.0), "texts": (0.0, 1.0)}[self.way]
        shares = some_N * half[0] / ring.total(some_N.sum()).clamp(min=1), some_M * half[1] / some_M.sum().clamp(min=1)
        found = Seen(target, ring, careful or target.partial, shares)
        if own_N is not None:
            place = _place(found, slice(0, len(own_N)))
            found.own.append((1 - self.smoothing) * (own_N * (shares[0] + shares[1][place])).sum())
        return found

    def look(self, state: Seen, block_BM: Tensor, rows: slice) -> Tensor:
        """Sums of the block; gives its rows' chances."""
        own_BM = None if state.target.diagonal is not None else self._known(state, block_BM, rows)
        state.own.append(self._gained(state, block_BM, rows, own_BM))
        chance_BM = None if state.careful else state.chances(block_BM)
        here = _sums(block_BM, 1) if chance_BM is None else Sums(block_BM.amax(1), 1 / chance_BM.amax(1))
        state.blocks.append(here)
        if self.way != "pictures":
            seen = _sums(block_BM, 0) if chance_BM is None else _columns(here, chance_BM)
            state.columns = seen if state.columns is None else state.columns.and_these(seen)
        return block_BM if chance_BM is None else chance_BM

    def trusted(self, state: Seen) -> bool:
        """Whether no column's sum was lost in the rounding of its rows' chances, of which it was made."""
        state.rows = Sums(torch.cat([one.most_N for one in state.blocks]), torch.cat([one.sum_N for one in state.blocks]))
        state.blocks = []
        if state.columns is None:
            return True
        state.columns = _of_all(state.columns, state.ring)
        state.most = state.ring.all(state.rows.log().amax()[None]).amax()
        return state.careful or bool((state.columns.log() > state.most - _LOST).all())

    def value(self, state: Seen) -> Tensor:
        """Mean over all rows, and over all columns."""
        assert state.rows is not None
        found = _weighed(state.shares[0], state.rows.log()) - torch.stack(state.own).sum()
        found = state.ring.total(found)
        return found if state.columns is None else found + _weighed(state.shares[1], state.columns.log())

    def slope(self, state: Seen, block_BM: Tensor, rows: slice, kept: bool) -> Tensor:
        """Chances minus targets."""
        own_BM = None if state.target.diagonal is not None else self._known(state, block_BM, rows)
        if state.careful:
            found = _careful_chances(state, block_BM, rows)
        else:
            found = _chances(state, block_BM if kept else state.chances(block_BM), rows)
        return self._less_target(state, found, rows, own_BM)

    def _known(self, state: Seen, block_BM: Tensor, rows: slice) -> Tensor:
        """The members of the block; what nobody knows is taken out of it."""
        own_BM = state.target.members(rows)
        if not state.target.partial:
            return own_BM
        if self.smoothing and bool((own_BM < 0).any()):
            raise InputError(f"smoothing must be 0 where some pairs are known by nobody, got {self.smoothing}: none of it may go to those")
        block_BM.masked_fill_(own_BM < 0, -torch.inf)
        return own_BM.clamp(min=0)

    def _gained(self, state: Seen, block_BM: Tensor, rows: slice, own_BM: Tensor | None) -> Tensor:
        """Sum over the block of target times affinity, weighed as in the mean; the diagonal's own is known from the start."""
        rows_N, columns_M = state.shares
        gained = block_BM.new_zeros(())
        if own_BM is not None:
            gained = (self._weights(state, own_BM, rows) * block_BM.masked_fill(own_BM == 0, 0)).sum()
        if not self.smoothing:
            return gained
        known_BM = block_BM.masked_fill(block_BM == -torch.inf, 0)
        spread = known_BM.sum(1) @ rows_N[rows] / self._texts(state) + (known_BM @ columns_M).sum() / self._pictures(state)
        return (1 - self.smoothing) * gained + self.smoothing * spread

    def _less_target(self, state: Seen, found_BM: Tensor, rows: slice, own_BM: Tensor | None) -> Tensor:
        rows_N, columns_M = state.shares
        if own_BM is None:
            place = _place(state, rows)
            found_BM.diagonal(place.start).sub_((rows_N[rows] + columns_M[place]) * (1 - self.smoothing))
        else:
            found_BM.sub_(self._weights(state, own_BM, rows), alpha=1 - self.smoothing)
        if self.smoothing:
            found_BM.sub_(rows_N[rows, None] * (self.smoothing / self._texts(state)))
            found_BM.sub_(columns_M * (self.smoothing / self._pictures(state)))
        return found_BM

    def _weights(self, state: Seen, own_BM: Tensor, rows: slice) -> Tensor:
        """The target of rows and of columns, each weighed as in the mean."""
        by_row_B = state.shares[0][rows] / state.target.rows_N[rows].clamp(min=1e-20)
        by_column_M = state.shares[1] / state.target.columns_M.clamp(min=1e-20)
        return own_BM * (by_row_B[:, None] + by_column_M)

    @staticmethod
    def _texts(state: Seen) -> int:
        return len(state.target.columns_M)

    @staticmethod
    def _pictures(state: Seen) -> int:
        return len(state.target.rows_N) * state.ring.ranks


def _place(state: Seen, rows: slice) -> slice:
    """The columns of the rows' own texts."""
    assert state.target.diagonal is not None
    return slice(rows.start + state.target.diagonal, rows.stop + state.target.diagonal)


def _chances(state: Seen, chance_BM: Tensor, rows: slice) -> Tensor:
    """Of texts for each picture and of pictures for each text, weighed and added: the second are the first times exp(row - column)."""
    assert state.rows is not None
    share_B1 = state.shares[0][rows, None]
    if state.columns is None:
        return chance_BM.mul_(share_B1)
    assert state.most is not None
    row_B = (state.rows.log()[rows] - state.most).exp()
    column_M = (state.most - state.columns.log()).exp() * state.shares[1]
    return chance_BM.mul_(torch.addr(share_B1, row_B, column_M))


def _careful_chances(state: Seen, block_BM: Tensor, rows: slice) -> Tensor:
    assert state.rows is not None
    share_B = (state.shares[0] / state.rows.sum_N.clamp(min=1e-38))[rows]
    found = (block_BM - state.rows.most_N[rows, None]).exp_().mul_(share_B[:, None])
    if state.columns is None:
        return found
    share_M = state.shares[1] / state.columns.sum_N.clamp(min=1e-38)
    return found.addcmul_(block_BM.sub_(state.columns.most_N).exp_(), share_M)


def _columns(rows: Sums, chance_BM: Tensor) -> Sums:
    """Of columns from the chances in rows, in one pass."""
    log_B = rows.log()
    most = log_B.amax()
    return Sums(most.expand(chance_BM.shape[1]), (log_B - most).exp() @ chance_BM)


def _sums(block_BM: Tensor, over: int) -> Sums:
    # a row of which nothing is known has no most but -inf, which would make nan of itself
    most = block_BM.amax(over, keepdim=True).clamp(min=-1e30)
    return Sums(most.squeeze(over), (block_BM - most).exp_().sum(over))


def _of_all(columns: Sums, ring: Ring) -> Sums:
    if ring.ranks == 1:
        return columns
    most_RM, sum_RM = ring.all(columns.most_N[None]), ring.all(columns.sum_N[None])
    most_M = most_RM.amax(0)
    return Sums(most_M, (sum_RM * (most_RM - most_M).exp()).sum(0))


def _weighed(share_N: Tensor, value_N: Tensor) -> Tensor:
    # a row without anything known has share 0
    return (share_N * value_N.masked_fill(share_N == 0, 0)).sum()
