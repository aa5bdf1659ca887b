"""What a batch is made of, before pictures are decoded and texts become tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of the data with what is drawn for them. All parts have B entries, in the order of `rows`.

    `texts` by name, each tokenised to NAME_ids and NAME_mask; the usual one is "text". `arrays` travel as they are. A maker that
    already drew this process's part only (rollouts) says `local`; every other batch is the whole one, and process r of R takes
    entries r, r + R, ...
    """

    rows: NDArray[np.int64]
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    local: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, rank: int, ranks: int) -> "Batch":
        """The entries of process `rank` of `ranks`."""
        if self.local or ranks == 1:
            return self
        own = slice(rank, None, ranks)
        texts = {name: list(said)[own] for name, said in self.texts.items()}
        return Batch(self.rows[own], texts, {name: array[own] for name, array in self.arrays.items()}, True)
