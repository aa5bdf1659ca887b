"""How far a family can be trusted: whether it agrees with the others more on the same picture than on different ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

import pyarrow as pa

from diptych.check.agree import CheckByAgreement, Consensus, Weights, agreement
from diptych.data.draws import uniform
from diptych.data.limits import at_least
from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of, kept_in
from diptych.data.verdicts import family

SHUFFLES = 5


@dataclass(frozen=True, slots=True)
class LiftConsensus:
    """Surveys the captions and scores them by lift-weighted consensus."""

    of: str = "proposed"
    score: str = "match"
    makes: ClassVar[type] = Consensus
    reads: ClassVar[tuple[str, ...]] = ("id", "subject", "captions", "status")

    def look(self, batches: Iterable[pa.RecordBatch]) -> Consensus:
        """A consensus that knows the weights."""
        return Consensus(self.of, self.score, weights(lifts(kept_in(batches), self.of)))


@dataclass(frozen=True, slots=True)
class LiftAgreement:
    """Surveys the captions and checks them by lift-weighted agreement."""

    at_least: float = 2.0
    of: str = "proposed"
    makes: ClassVar[type] = CheckByAgreement
    reads: ClassVar[tuple[str, ...]] = ("id", "subject", "captions", "status")

    def __post_init__(self) -> None:
        at_least("at_least", self.at_least, 0)

    def look(self, batches: Iterable[pa.RecordBatch]) -> CheckByAgreement:
        """A check that knows the weights."""
        return CheckByAgreement(self.at_least, self.of, weights=weights(lifts(kept_in(batches), self.of)))


def lifts(records: Iterable[Record], of: str) -> dict[str, float]:
    """By family: mean agreement with the others' captions of the same record, minus that of records drawn at random."""
    known = list(records)
    rows = [_voices(record, of) for record in known]
    totals: dict[str, list[float]] = {}
    for record, row in zip(known, rows, strict=True):
        for voice, caption in row.items():
            same = [agreement(caption, other) for name, other in row.items() if name != voice]
            picks = [rows[int(uniform("lift", record.id, voice, draw) * len(rows))] for draw in range(SHUFFLES)]
            different = [agreement(caption, o) for pick in picks if pick is not row for n, o in pick.items() if n != voice]
            if same and different:
                totals.setdefault(voice, []).append(sum(same) / len(same) - sum(different) / len(different))
    return {voice: sum(values) / len(values) for voice, values in totals.items()}


def weights(lift: dict[str, float]) -> Weights:
    """A family is a voice when its lift is at least half the median family's; the others see nothing and weigh 0."""
    middle = median(lift.values()) if lift else 0.0
    return tuple((voice, float(middle <= 0 or value >= middle / 2)) for voice, value in sorted(lift.items()))


def _voices(record: Record, of: str) -> dict[str, Caption]:
    voices: dict[str, Caption] = {}
    for caption in captions_of(record, of):
        if caption.graph is not None:
            voices.setdefault(family(caption.by), caption)
    return voices
