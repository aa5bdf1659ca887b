"""Exponentially averaged weights (Polyak and Juditsky, 1992, doi 10.1137/0330046, with weights that fade)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """Averages by name of the parameters that a stage trains."""

    decay: float
    of: dict[str, nn.Parameter]
    averages: dict[str, Tensor]

    @torch.no_grad()
    def follow(self, update: int) -> None:
        """Takes in the weights after update u, from 0. Early on the decay is less, (1 + u) / (10 + u), so that the start fades."""
        kept = min(self.decay, (1 + update) / (10 + update))
        torch._foreach_lerp_(list(self.averages.values()), [self.of[name].detach() for name in self.averages], 1 - kept)

    @torch.no_grad()
    def settle(self) -> None:
        """The averages take the place of the weights."""
        for name, average in self.averages.items():
            self.of[name].copy_(average)

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Within, the model has the averages for weights."""
        last = {name: self.of[name].detach().clone() for name in self.averages}
        self.settle()
        try:
            yield
        finally:
            with torch.no_grad():
                for name, weight in last.items():
                    self.of[name].copy_(weight)


def averaged(decay: float, chosen: list[tuple[str, nn.Parameter]]) -> Averaged | None:
    """Averages that begin at the weights of now; None for a decay of 0."""
    if not decay:
        return None
    return Averaged(decay, dict(chosen), {name: one.detach().clone() for name, one in chosen})
