"""Surveys over all rows: thresholds from quantiles, information from counts."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from diptych.curate.select import Keep, score_of
from diptych.data.errors import InputError
from diptych.data.records import Record
from diptych.data.selection import kept_in
from diptych.engine.context import Context


@dataclass(frozen=True, slots=True)
class KeepShare:
    """Keeps the best `share` of the records that have a score `by`: ties at the edge stay."""

    by: str
    share: float
    of: str = "chosen"
    makes: ClassVar[type] = Keep
    reads: ClassVar[tuple[str, ...]] = ("id", "subject", "captions", "chosen", "scores", "status")

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InputError(f"share must lie in (0, 1], got {self.share}: it is the part of the records to keep")

    def look(self, batches: Iterable[pa.RecordBatch]) -> Keep:
        """The threshold that keeps the share."""
        scores = [score for record in kept_in(batches) if (score := score_of(record, self.by, self.of)) is not None]
        if not scores:
            return Keep(self.by, -math.inf, self.of)
        rank = max(1, math.ceil(self.share * len(scores)))
        return Keep(self.by, float(np.sort(np.asarray(scores))[-rank]), self.of)


@dataclass(frozen=True, slots=True)
class ScoreRarity:
    """Scores a record by the mean information of the nouns its chosen captions state: -log2 of the share of records with the noun."""

    bits: tuple[tuple[str, float], ...]
    score: str = "rarity"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        known = dict(self.bits)
        return [record.add(scores={self.score: _mean([known.get(n, 0.0) for n in nouns(record)])}) for record in records]


@dataclass(frozen=True, slots=True)
class Rarity:
    """Counts in how many records each noun is stated."""

    score: str = "rarity"
    makes: ClassVar[type] = ScoreRarity
    reads: ClassVar[tuple[str, ...]] = ("id", "subject", "captions", "chosen", "status")

    def look(self, batches: Iterable[pa.RecordBatch]) -> ScoreRarity:
        """The information of each noun."""
        counts: Counter[str] = Counter()
        total = 0
        for record in kept_in(batches):
            counts.update(nouns(record))
            total += 1
        return ScoreRarity(tuple((noun, math.log2(total / n)) for noun, n in sorted(counts.items())), self.score)


def nouns(record: Record) -> list[str]:
    """The distinct nouns that the chosen captions state, in order of mention."""
    graphs = (caption.graph for caption in record.standing() if caption.graph is not None)
    return list(dict.fromkeys(entity.noun for graph in graphs for entity in graph.entities if not entity.negated))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
