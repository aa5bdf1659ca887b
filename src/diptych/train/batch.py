"""What a batch is made of, before pictures are decoded and texts become tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
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

    def taking(self, places: "slice | Sequence[int]") -> "Batch":
        """The entries at these places, which may repeat."""
        at = range(len(self))[places] if isinstance(places, slice) else places
        chosen = np.asarray(at, np.int64)
        texts = {name: [said[place] for place in at] for name, said in self.texts.items()}
        return Batch(self.rows[chosen], texts, {name: array[chosen] for name, array in self.arrays.items()}, self.local)

    def part(self, rank: int, ranks: int) -> "Batch":
        """The entries of process `rank` of `ranks`."""
        return self if self.local or ranks == 1 else replace(self.taking(slice(rank, None, ranks)), local=True)

    def digest(self) -> bytes:
        """16 bytes that change with any entry."""
        found = blake2b(np.ascontiguousarray(self.rows).tobytes(), digest_size=16)
        for name, said in self.texts.items():
            found.update("\x1f".join((name, *said)).encode("utf-8", "surrogatepass"))
        for name, array in self.arrays.items():
            found.update(name.encode())
            found.update(np.ascontiguousarray(array).tobytes())
        return found.digest()
