"""Near duplicates by perceptual hash: of pictures that look alike the first stays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import pyarrow as pa

from diptych.arrays.hashes import BITS
from diptych.data.errors import InputError
from diptych.data.records import Record
from diptych.data.selection import kept_in
from diptych.engine.context import Context

BANDS = 4  # hashes that differ in n bits differ in at most n / 4 of them in one of four bands
BAND = BITS // BANDS
MOST = 3 * BANDS - 1  # bits: from 12 on the look-ups are too many, and pictures that differ so much are not the same


@dataclass(frozen=True, slots=True)
class DropTwins:
    """Drops the records of `twins`: (id, id of the one that stays)."""

    twins: tuple[tuple[str, str], ...]

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        known = dict(self.twins)
        return [record.drop("DropTwins", f"looks like {known[record.id]}") if record.id in known else record for record in records]


@dataclass(frozen=True, slots=True)
class Twins:
    """Finds records whose hash, the label `by`, differs in at most `within` of 64 bits from that of an earlier one that stays.

    Records without the label stay. After `HashPictures(by)`.
    """

    by: str = "phash"
    within: int = 6
    makes: ClassVar[type] = DropTwins
    reads: ClassVar[tuple[str, ...]] = ("id", "subject", "labels", "status")

    def __post_init__(self) -> None:
        if not 0 <= self.within <= MOST:
            raise InputError(f"within must be from 0 to {MOST} bits of {BITS}, got {self.within}")

    def look(self, batches: Iterable[pa.RecordBatch]) -> DropTwins:
        """Which records to drop, in the order of the rows."""
        stay: dict[tuple[int, int], list[tuple[int, str]]] = {}  # (band, its bits) -> hashes and ids
        twins: list[tuple[str, str]] = []
        flips = [sum(1 << bit for bit in chosen) for n in range(self.within // BANDS + 1) for chosen in combinations(range(BAND), n)]
        for record in kept_in(batches):
            code = _code(record.labels.get(self.by, ""))
            if code is None:
                continue
            near = (one for band, bits in _bands(code) for flip in flips for one in stay.get((band, bits ^ flip), ()))
            twin = next((id for known, id in near if (known ^ code).bit_count() <= self.within), None)
            if twin is not None:
                twins.append((record.id, twin))
                continue
            for place in _bands(code):
                stay.setdefault(place, []).append((code, record.id))
        return DropTwins(tuple(twins))


def _bands(code: int) -> Iterator[tuple[int, int]]:
    return ((band, code >> band * BAND & (1 << BAND) - 1) for band in range(BANDS))


def _code(said: str) -> int | None:
    try:
        return int(said, 16) if len(said) == BITS // 4 else None
    except ValueError:
        return None
