"""What a caption's reward is held against, so that only what is better than expected is learnt."""

# B pictures, K captions of each

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError

Baseline = Literal["greedy", "running", "group", "none"]
Normalise = Literal["none", "batch", "group"]
Floats = NDArray[np.float64]
_LEAST = 1e-6  # a spread below this is none: rewards that are all alike teach nothing


@dataclass(slots=True)
class Running:
    """The mean of all rewards so far."""

    total: float = 0.0
    count: int = 0

    @property
    def mean(self) -> float:
        """0 before the first reward."""
        return self.total / self.count if self.count else 0.0

    def add(self, rewards_BK: Floats) -> None:
        """Counts a batch's rewards in."""
        self.total += float(rewards_BK.sum())
        self.count += rewards_BK.size


def baseline(kind: Baseline, rewards_BK: Floats, greedy_B: Floats | None, past: Running) -> Floats:
    """(B, 1) or (B, K): "greedy" the reward of the likeliest caption (Rennie et al., 2017, arXiv:1612.00563), "running" the mean of all
    batches before (of this one at first), "group" the mean of the picture's other captions, which unlike the mean of all K leaves the
    gradient unbiased (Kool et al., 2019), "none" 0.

    Raises InputError for a group of one caption.
    """  # fmt: skip
    if kind == "greedy":
        assert greedy_B is not None
        return greedy_B[:, None]
    if kind == "running":
        return np.full((len(rewards_BK), 1), past.mean if past.count else rewards_BK.mean())
    if kind == "none":
        return np.zeros((len(rewards_BK), 1))
    draws = rewards_BK.shape[1]
    if draws < 2:
        raise InputError(f"baseline='group' needs 2 captions a picture or more, got draws={draws}: draw more or take another baseline")
    others_BK: Floats = (rewards_BK.sum(1, keepdims=True) - rewards_BK) / (draws - 1)
    return others_BK


def normalised(advantage_BK: Floats, how: Normalise) -> Floats:
    """"batch" subtracts the batch's mean and divides by its standard deviation, "group" divides by each picture's own after its mean.

    A batch or picture whose rewards are all alike gets zeros. Decisive where rewards are raw cosines, whose spread is small.
    """  # fmt: skip
    if how == "none":
        return advantage_BK
    axis = None if how == "batch" else 1
    apart_BK = advantage_BK - advantage_BK.mean(axis, keepdims=True)
    spread = apart_BK.std(axis, keepdims=True)
    found: Floats = np.where(spread > _LEAST, apart_BK / np.maximum(spread, _LEAST), 0.0)
    return found
