"""Which process this is, of how many; sums over all of them. One process alone needs no launch."""

import torch
from torch import Tensor
from torch import distributed as processes


def rank() -> int:
    """This process's number."""
    return processes.get_rank() if _several() else 0


def ranks() -> int:
    """How many processes train together."""
    return processes.get_world_size() if _several() else 1


def summed(values: Tensor) -> Tensor:
    """The sum over all processes, entry by entry; no gradient."""
    if ranks() == 1:
        return values
    total = values.detach().clone()
    processes.all_reduce(total)
    return total


def gathered(values: Tensor) -> list[Tensor]:
    """The tensor of every process, all of one shape; no gradient."""
    if ranks() == 1:
        return [values]
    found = [torch.empty_like(values) for _ in range(ranks())]
    processes.all_gather(found, values.contiguous())
    return found


def wait() -> None:
    """Until every process is here."""
    if ranks() > 1:
        processes.barrier()


def _several() -> bool:
    return processes.is_available() and processes.is_initialized()
