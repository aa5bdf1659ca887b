"""Which texts belong to which pictures: target matrices, given a block of rows at a time.

A target's `members(rows)` are (B, M) in [0, 1], 1 where text j belongs to picture i; below 0 where nobody knows. Losses that need rows or
columns which sum to 1 divide by `rows_N` and `columns_M`.
"""

# N pictures of this process, M texts of all processes, B rows of a block, E width of a teacher's vectors

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Target(Protocol):
    """A target matrix."""

    @property
    def diagonal(self) -> int | None:
        """The offset of the only ones, where there are no others."""
        ...

    @property
    def partial(self) -> bool:
        """Whether some members are known by nobody."""
        ...

    @property
    def rows_N(self) -> Tensor:
        """Sums of rows."""
        ...

    @property
    def columns_M(self) -> Tensor:
        """Sums of columns, over the pictures of all processes."""
        ...

    def members(self, rows: slice) -> Tensor:
        """The block of these rows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Picture i with text i alone (Radford et al., 2021, arXiv:2103.00020); `diagonal` texts of other processes stand before."""

    rows_N: Tensor
    columns_M: Tensor
    diagonal: int | None = 0
    partial: bool = False

    def members(self, rows: slice) -> Tensor:
        """Ones on the diagonal."""
        assert self.diagonal is not None
        texts_M = torch.arange(len(self.columns_M), device=self.rows_N.device)
        return (texts_M[rows.start + self.diagonal : rows.stop + self.diagonal, None] == texts_M).to(self.rows_N.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Every picture with every text of its label (UniCL: Yang et al., 2022, arXiv:2204.03610, eq. 3).

    With one label a picture and several texts of it, multi-positive; with a text's own key as label, equal texts count as right.
    """

    image_N: Tensor
    text_M: Tensor
    rows_N: Tensor
    columns_M: Tensor
    diagonal: int | None = None
    partial: bool = False

    def members(self, rows: slice) -> Tensor:
        """Ones where the labels are equal."""
        return (self.image_N[rows, None] == self.text_M).to(self.rows_N.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A matrix (N, M) made outside: what is true of what, or how much; below 0 where nobody knows."""

    matrix_NM: Tensor
    rows_N: Tensor
    columns_M: Tensor
    diagonal: int | None = None
    partial: bool = False

    def members(self, rows: slice) -> Tensor:
        """Its rows."""
        return self.matrix_NM[rows].to(self.rows_N.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Soft:
    """By a teacher: softmax over j of <teacher of i, teacher of j> / temperature.

    With prototypes for texts, similar clusters share the mass (ProtoCLIP: Chen et al., 2022, arXiv:2206.10996).
    """

    image_NE: Tensor
    text_ME: Tensor
    temperature: float
    rows_N: Tensor
    columns_M: Tensor
    diagonal: int | None = None
    partial: bool = False

    def members(self, rows: slice) -> Tensor:
        """Rows that sum to 1."""
        return _soft(self.image_NE[rows], self.text_ME, self.temperature)


def paired(count: int, texts: int | None = None, diagonal: int = 0, like: Tensor | None = None) -> Paired:
    """Picture i with text `diagonal` + i, of `texts` in all."""
    device = None if like is None else like.device
    return Paired(torch.ones(count, device=device), torch.ones(count if texts is None else texts, device=device), diagonal)


def labelled(image_N: Tensor, text_M: Tensor, image_all: Tensor | None = None) -> Labelled:
    """By labels; `image_all` are those of the pictures of all processes."""
    everyone = image_N if image_all is None else image_all
    return Labelled(image_N, text_M, _counts(image_N, text_M), _counts(text_M, everyone))


def given(matrix_NM: Tensor, columns_M: Tensor | None = None) -> Given:
    """By a matrix; `columns_M` are its columns' sums over all processes."""
    known = matrix_NM.clamp(min=0).float()
    return Given(matrix_NM, known.sum(1), known.sum(0) if columns_M is None else columns_M, partial=True)


def soft(image_NE: Tensor, text_ME: Tensor, temperature: float = 0.01) -> Soft:
    """By a teacher's vectors of pictures and of texts or prototypes."""
    columns = torch.zeros(len(text_ME), device=text_ME.device)
    for start in range(0, len(image_NE), 1024):
        columns += _soft(image_NE[start : start + 1024], text_ME, temperature).sum(0)
    return Soft(image_NE, text_ME, temperature, torch.ones(len(image_NE), device=text_ME.device), columns)


def text_keys(ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
    """A label for each text, int64, equal where the tokens are equal whatever the padding (a polynomial in 64 bits)."""
    powers_T = (torch.arange(1, ids_BT.shape[1] + 1, device=ids_BT.device) * 0x9E3779B97F4A7C1 + 0x632BE59BD9B4E019 % 2**62) | 1
    mixed_BT = (ids_BT + 1) * mask_BT * powers_T
    return (mixed_BT ^ (mixed_BT >> 29)).mul(0x94D049BB133111E).sum(1)


def _counts(of_N: Tensor, among_M: Tensor) -> Tensor:
    known, inverse, counts = torch.unique(among_M, return_inverse=True, return_counts=True)
    del inverse
    at_N = torch.searchsorted(known, of_N).clamp(max=len(known) - 1)
    return torch.where(known[at_N] == of_N, counts[at_N], torch.zeros_like(counts[at_N])).float()


def _soft(image_BE: Tensor, text_ME: Tensor, temperature: float) -> Tensor:
    return torch.softmax(image_BE.float() @ text_ME.float().T / temperature, 1)
