"""Pairs of rows counted by how two columns order them, in O(n log n), and the statistics of agreement that are made of such counts.

Shapes: N rows, G distinct values of x, L distinct values of y, B resamples; a table holds how often each (x, y) is drawn, (B, G, L).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Unordered pairs of rows. `tied_x` and `tied_y` both hold the pairs tied in both; `levels` is the smaller number of distinct values.

    Each field is one number or one for each resample.
    """

    n: Any
    concordant: Any
    discordant: Any
    tied_x: Any
    tied_y: Any
    tied_both: Any
    levels: Any

    @property
    def total(self) -> Any:
        """All pairs."""
        return self.n * (self.n - 1) / 2


def count_pairs(x_N: NDArray[Any], y_N: NDArray[Any]) -> PairCounts:
    """Counts for two columns without missing values (Knight, 1966: discordant pairs are inversions once rows are sorted)."""
    x, y = (np.unique(values, return_inverse=True)[1].astype(np.int64) for values in (x_N, y_N))
    n = len(x)
    levels = int(y.max()) + 1 if n else 0
    cell = x * levels + y
    order = np.argsort(cell, kind="stable")  # by x, ties of x by y: none of these is an inversion
    discordant = inversions(y[order])
    tied_x, tied_y, tied_both = (_tied(codes) for codes in (x, y, cell))
    concordant = n * (n - 1) // 2 - discordant - tied_x - tied_y + tied_both
    return PairCounts(n, concordant, discordant, tied_x, tied_y, tied_both, min(int(x.max()) + 1 if n else 0, levels))


def inversions(codes_N: Ints) -> int:
    """Pairs i < j with codes_i > codes_j, for whole numbers >= 0: one stable partition for each bit, highest first."""
    codes = codes_N
    total = 0
    for bit in reversed(range(int(codes.max()).bit_length() if len(codes) else 0)):
        one = (codes >> bit) & 1
        higher = codes >> (bit + 1)  # rows that share it stand together, in their first order
        start = np.flatnonzero(np.r_[True, higher[1:] != higher[:-1]])
        size = np.diff(np.r_[start, len(codes)])
        seen = np.cumsum(one) - one
        within = seen - np.repeat(seen[start], size)
        total += int(within[one == 0].sum())
        first = np.repeat(start, size)
        zeros = np.repeat(size - np.add.reduceat(one, start), size)
        place = np.where(one == 1, first + zeros + within, np.arange(len(codes)) - within)
        moved = np.empty_like(codes)
        moved[place] = codes
        codes = moved
    return total


def count_tables(table_BGL: Floats) -> PairCounts:
    """Counts for tables of how often each (x, y) is drawn; a row drawn twice is tied with itself."""
    of_x, of_y = table_BGL.sum(2), table_BGL.sum(1)
    n = of_y.sum(1)
    flat = table_BGL.reshape(len(table_BGL), -1)
    tied_x, tied_y, tied_both = ((np.einsum("bi,bi->b", m, m) - n) / 2 for m in (of_x, of_y, flat))
    smaller_x = np.cumsum(table_BGL, 1) - table_BGL
    up_to = np.cumsum(smaller_x, 2)  # smaller x, y no larger
    signed = 2 * up_to - smaller_x - up_to[:, :, -1:]  # rows smaller in both, less those smaller in x and larger in y
    net = np.einsum("bi,bi->b", flat, signed.reshape(flat.shape))
    untied = n * (n - 1) / 2 - tied_x - tied_y + tied_both
    levels = np.minimum((of_x > 0).sum(1), (of_y > 0).sum(1))
    return PairCounts(n, (untied + net) / 2, (untied - net) / 2, tied_x, tied_y, tied_both, levels)


def tau_b(counts: PairCounts) -> Any:
    """Concordant minus discordant over the geometric mean of the pairs untied in x and in y (Kendall, 1945); nan where one is constant."""
    bottom = np.sqrt((counts.total - counts.tied_x) * 1.0) * np.sqrt((counts.total - counts.tied_y) * 1.0)
    return _over(counts.concordant - counts.discordant, bottom)


def tau_c(counts: PairCounts) -> Any:
    """2 (concordant - discordant) m / (n^2 (m - 1)), m the smaller number of distinct values (Stuart, 1953); nan where one is constant."""
    m = counts.levels
    return _over(2.0 * m * (counts.concordant - counts.discordant), 1.0 * counts.n**2 * (m - 1))


def accuracy(counts: PairCounts, ties: str) -> Any:
    """Share of pairs ordered alike; `ties` as in `agreement.pairwise_accuracy`."""
    if ties == "right":
        return _over(counts.concordant + counts.tied_both, counts.total)
    ordered = counts.total - counts.tied_y
    return _over(counts.concordant + 0.5 * (counts.tied_x - counts.tied_both), ordered)


def _tied(codes_N: Ints) -> int:
    sizes = np.unique(codes_N, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def _over(top: Any, bottom: Any) -> Any:
    top, bottom = np.asarray(top, float), np.asarray(bottom, float)
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)
