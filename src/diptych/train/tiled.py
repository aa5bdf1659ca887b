"""Losses over all pairs of a batch in memory that grows linearly: the matrix of affinities is made a block of rows at a time.

The blocks are made once for the loss and, but for the first few, which are kept, once more for its gradient. Texts of all processes are
gathered; each process makes the rows of its own pictures, so that together they make the matrix once, and the gradient of a text is
summed where the text lives.
"""

# N pictures of this process, M texts of all processes, B rows of a block, D width

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from diptych.train.gather import Ring
from diptych.train.targets import Target

CPU_TILE, GPU_TILE = 1 << 20, 1 << 23  # entries of a block; on a CPU it stays in the cache
CPU_KEPT, GPU_KEPT = 1 << 24, 1 << 26  # entries kept from the value to the gradient: 64 and 256 MB


class Rule(Protocol):
    """A loss over pairs. A run's state is its own; a block, and what `look` gives, may be overwritten when the next comes."""

    def begin(self, target: Target, ring: Ring, own_N: Tensor | None, careful: bool) -> Any:
        """What is kept from block to block. `own_N`: affinities of the diagonal, where the target is one; `careful`: where quick failed."""
        ...

    def look(self, state: Any, block_BM: Tensor, rows: slice) -> Tensor:
        """One block, on the way to the value; gives what `slope` wants of it, where it is kept."""
        ...

    def trusted(self, state: Any) -> bool:
        """Whether the blocks' sums are exact, once all were seen; all processes answer alike. If not, they are made again with care."""
        ...

    def value(self, state: Any) -> Tensor:
        """The loss over all processes' pairs, once all blocks were seen."""
        ...

    def slope(self, state: Any, block_BM: Tensor, rows: slice, kept: bool) -> Tensor:
        """Its derivative by the block's affinities, from them or from what `look` gave."""
        ...


def over_pairs(
    image_ND: Tensor, text_ND: Tensor, rule: Rule, target: Target, *, scale: Tensor, bias: Tensor | None = None, ring: Ring | None = None
) -> Tensor:
    """The loss of affinities scale * <image, text> + bias, a scalar, equal in all processes.

    In several processes each gives its own pictures and texts; the gradient is then of their number times the loss, for
    DistributedDataParallel takes the mean. Inputs of bfloat16 are summed in float32.
    """
    return Tiled.apply(Job(rule, target, ring or Ring()), image_ND, text_ND, scale, bias)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What is done with the affinities."""

    rule: Rule
    target: Target
    ring: Ring


class Tiled(torch.autograd.Function):
    """Value and gradient, block by block."""

    @staticmethod
    def forward(ctx: Any, job: Job, *given: Tensor | None) -> Tensor:
        """The value."""
        image_ND, text_ND, scale, bias = given
        assert image_ND is not None and text_ND is not None and scale is not None
        with torch.autocast(image_ND.device.type, enabled=False):
            text_MD = job.ring.all(text_ND)
            offset = job.target.diagonal
            own_N = None if offset is None else diagonal(image_ND, text_MD[offset : offset + len(image_ND)], scale, bias)
            room = kept_rows(image_ND, text_MD) if any(ctx.needs_input_grad) else 0
            for careful in (False, True):
                state, kept = job.rule.begin(job.target, job.ring, own_N, careful), []
                for rows, block_BM in blocks(image_ND, text_MD, scale, bias):
                    looked_BM = job.rule.look(state, block_BM, rows)
                    kept += [looked_BM.clone()] if rows.stop <= room else []
                if job.rule.trusted(state):
                    break
            value = job.rule.value(state)
        ctx.save_for_backward(image_ND, text_MD, scale, bias)
        ctx.rest = job, state, kept
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        """By pictures, texts, scale and bias."""
        image_ND, text_MD, scale, bias = ctx.saved_tensors
        job, state, kept = ctx.rest
        by_image, by_text = torch.empty(image_ND.shape, device=image_ND.device), torch.zeros(text_MD.shape, device=image_ND.device)
        by_scale, by_bias = torch.zeros_like(upstream), torch.zeros_like(upstream)
        with torch.autocast(image_ND.device.type, enabled=False):
            for rows, block_BM, known in again(image_ND, text_MD, scale, bias, kept):
                slope_BM = job.rule.slope(state, block_BM, rows, known)
                if bias is not None:
                    by_bias += slope_BM.sum()
                slope_BM = slope_BM.to(image_ND.dtype)
                by_image[rows] = product(slope_BM, text_MD)
                by_scale += (by_image[rows] * image_ND[rows]).sum()
                add_product(by_text, slope_BM.T, image_ND[rows])
            times = upstream * job.ring.ranks
            by_text = job.ring.own(by_text)
        found = (by_image * (scale * times)).to(image_ND.dtype), (by_text * (scale * times)).to(text_MD.dtype)
        return None, *found, by_scale * times, None if bias is None else by_bias * times


def block_rows(image_ND: Tensor, text_MD: Tensor) -> int:
    """Rows of a block."""
    return max(1, (GPU_TILE if image_ND.is_cuda else CPU_TILE) // len(text_MD))


def kept_rows(image_ND: Tensor, text_MD: Tensor) -> int:
    """So many rows are kept."""
    return (GPU_KEPT if image_ND.is_cuda else CPU_KEPT) // len(text_MD)


def again(
    image_ND: Tensor, text_MD: Tensor, scale: Tensor, bias: Tensor | None, kept: list[Tensor]
) -> Iterator[tuple[slice, Tensor, bool]]:
    """Rows, their block, and whether it was kept; the kept ones first, each let go as it is given."""
    start = 0
    kept.reverse()
    while kept:
        block_BM = kept.pop()
        yield slice(start, start + len(block_BM)), block_BM, True
        start += len(block_BM)
        del block_BM
    for rows, block_BM in blocks(image_ND, text_MD, scale, bias, start):
        yield rows, block_BM, False


def blocks(image_ND: Tensor, text_MD: Tensor, scale: Tensor, bias: Tensor | None, first: int = 0) -> Iterator[tuple[slice, Tensor]]:
    """Rows from `first` on and their affinities in float32, each block in the room of the one before."""
    size = block_rows(image_ND, text_MD)
    # the C library's memory is torn to pieces by blocks that come and go among what stays: once in four times it grew as the matrix does
    work_BM = image_ND.new_empty((min(size, len(image_ND)), len(text_MD)), dtype=torch.float32)
    for start in range(first, len(image_ND), size):
        rows = slice(start, min(start + size, len(image_ND)))
        block_BM = work_BM[: rows.stop - start]
        if image_ND.dtype == torch.float32:
            torch.mm(image_ND[rows] * scale, text_MD.T, out=block_BM)
        else:
            block_BM.copy_(product(image_ND[rows], text_MD.T)).mul_(scale)
        yield rows, block_BM if bias is None else block_BM.add_(bias)


def diagonal(image_ND: Tensor, text_ND: Tensor, scale: Tensor, bias: Tensor | None) -> Tensor:
    """Affinities of picture i with text i, in float32."""
    found_N = torch.linalg.vecdot(image_ND.float(), text_ND.float()) * scale
    return found_N if bias is None else found_N + bias


def product(a: Tensor, b: Tensor) -> Tensor:
    """a @ b summed and given in float32."""
    if a.dtype == torch.float32:
        return a @ b
    if a.is_cuda:
        return torch.mm(a, b, out_dtype=torch.float32)
    return a.float() @ b.float()


def add_product(total: Tensor, a: Tensor, b: Tensor) -> None:
    """total += a @ b, in float32."""
    if a.dtype == torch.float32:
        total.addmm_(a, b)
    else:
        total += product(a, b)
