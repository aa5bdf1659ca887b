"""Vectors of all processes in one matrix: what each process gives and gets back."""

# R processes, n rows of one of them, N of all, D width

from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Ring:
    """Process `rank` of `ranks`, each with as many rows as the others; they stand one process after another."""

    rank: int = 0
    ranks: int = 1

    def all(self, one_nD: Tensor) -> Tensor:
        """(N, ...) of all processes, without gradient."""
        if self.ranks == 1:
            return one_nD
        found = [torch.empty_like(one_nD) for _ in range(self.ranks)]
        dist.all_gather(found, one_nD.contiguous())
        return torch.cat(found)

    def total(self, value: Tensor) -> Tensor:
        """The sum over processes."""
        if self.ranks == 1:
            return value
        value = value.clone()
        dist.all_reduce(value)
        return value

    def own(self, sum_ND: Tensor) -> Tensor:
        """This process's rows of the sum over processes."""
        return self.total(sum_ND).chunk(self.ranks)[self.rank]

    def whole(self, place_N: Tensor) -> Tensor:
        """Row of the whole batch at each place, where process r holds rows r, r + R, ..."""
        size = len(place_N) // self.ranks
        return place_N % size * self.ranks + torch.div(place_N, size, rounding_mode="floor")


def ring() -> Ring:
    """The processes of this run; one where nothing was launched."""
    if not (dist.is_available() and dist.is_initialized()):
        return Ring()
    return Ring(dist.get_rank(), dist.get_world_size())
