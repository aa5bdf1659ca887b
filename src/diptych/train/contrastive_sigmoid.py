"""Every pair is judged alone: do these two belong together?"""

# N pictures of this process, M texts of all processes, B rows of a block

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from diptych.train.gather import Ring
from diptych.train.targets import Target


@dataclass(slots=True, eq=False)
class Judged:
    """The blocks' sums; `pictures` of all processes divide them."""

    target: Target
    ring: Ring
    sums: list[Tensor] = field(default_factory=list)

    @property
    def pictures(self) -> int:
        """How many pictures all processes hold."""
        return len(self.target.rows_N) * self.ring.ranks


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Binary cross-entropy of each pair, summed over texts, mean over pictures (SigLIP: Zhai et al., 2023, arXiv:2303.15343, alg. 1).

    Weights: `positive` of pairs that belong together, `negative` of those that do not (Detic: Zhou et al., 2022, arXiv:2201.02605), and
    `unknown` of pairs that nobody knows, taken for negatives (OvarNet: Chen et al., 2023, arXiv:2301.09506).
    """

    positive: float = 1.0
    negative: float = 1.0
    unknown: float = 0.0

    def begin(self, target: Target, ring: Ring, own_N: Tensor | None, careful: bool) -> Judged:
        """Nothing yet."""
        return Judged(target, ring)

    def look(self, state: Judged, block_BM: Tensor, rows: slice) -> Tensor:
        """softplus(z) where they do not belong together, softplus(-z) where they do."""
        if state.target.diagonal is not None:
            own_B = block_BM.diagonal(rows.start + state.target.diagonal)
            fixed = self.positive * F.softplus(-own_B) - self.negative * F.softplus(own_B)
            state.sums.append(self.negative * F.softplus(block_BM).sum() + fixed.sum())
            return block_BM
        own_BM = state.target.members(rows)
        weight_BM, own_BM = self._weights(own_BM), own_BM.clamp(min=0)
        state.sums.append((weight_BM * (F.softplus(block_BM) - own_BM * block_BM)).sum())
        return block_BM

    def trusted(self, state: Judged) -> bool:
        """Always."""
        return True

    def value(self, state: Judged) -> Tensor:
        """The mean."""
        return state.ring.total(torch.stack(state.sums).sum()) / state.pictures

    def slope(self, state: Judged, block_BM: Tensor, rows: slice, kept: bool) -> Tensor:
        """sigmoid(z) minus the target, weighed."""
        found_BM = block_BM.sigmoid_()
        if state.target.diagonal is not None:
            own_B = found_BM.diagonal(rows.start + state.target.diagonal)
            right_B = (own_B - 1) * (self.positive / state.pictures)
            found_BM.mul_(self.negative / state.pictures)
            own_B.copy_(right_B)
            return found_BM
        own_BM = state.target.members(rows)
        return found_BM.sub_(own_BM.clamp(min=0)).mul_(self._weights(own_BM) / state.pictures)

    def _weights(self, own_BM: Tensor) -> Tensor:
        known_BM = self.negative + (self.positive - self.negative) * own_BM
        return torch.where(own_BM < 0, torch.full_like(own_BM, self.unknown), known_BM)
