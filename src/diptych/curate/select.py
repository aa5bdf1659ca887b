"""Select: choose among a record's captions, or keep and drop records, by scores. Nothing is deleted. A score that is NaN is none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.limits import at_least
from diptych.data.records import Caption, Record
from diptych.data.selection import captions_about, captions_of, questions_of
from diptych.engine.context import Context


@dataclass(frozen=True, slots=True)
class Best:
    """Chooses the `keep` captions that score highest under `by`; ties keep the earlier. Records without a scored caption are dropped."""

    keep: int = 1
    by: str = "match"
    of: str = "proposed"

    def __post_init__(self) -> None:
        at_least("keep", self.keep, 1)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._best(record) for record in records]

    def _best(self, record: Record) -> Record:
        scored = [caption for caption in captions_of(record, self.of) if _known(caption.scores, self.by)]
        if not scored:
            return record.drop("Best", f"no caption has a score {self.by}")
        ranked = sorted(scored, key=lambda caption: -caption.scores[self.by])
        return record.choose(*(caption.id for caption in ranked[: self.keep]))


@dataclass(frozen=True, slots=True)
class Choose:
    """Lets these captions stand for the record; records that have none are dropped."""

    of: str = "proposed"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        chosen = [(record, captions_of(record, self.of)) for record in records]
        return [
            record.choose(*(caption.id for caption in captions)) if captions else record.drop("Choose", self._why())
            for record, captions in chosen
        ]

    def _why(self) -> str:
        return f"no caption is {self.of}" + (": the source must bring one to start from" if self.of in ("chosen", "alt") else "")


@dataclass(frozen=True, slots=True)
class ByLot:
    """Chooses one of the captions by lot, the same one in every run of the seed; records that have none are dropped."""

    of: str = "proposed"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._one(record, context) for record in records]

    def _one(self, record: Record, context: Context) -> Record:
        captions = captions_of(record, self.of)
        if not captions:
            return record.drop("ByLot", f"no caption is {self.of}")
        return record.choose(captions[int(context.rng(record.id).integers(len(captions)))].id)


@dataclass(frozen=True, slots=True)
class BestFor:
    """Chooses for each of the record's questions the caption, of those it is asked of, that scores highest under `by`, at least
    `at_least`; the first of them where `by` is empty. Ties keep the earlier. Records without such a caption are dropped.
    """

    by: str = "answer_soft"
    at_least: float = 0.0

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._best(record) for record in records]

    def _best(self, record: Record) -> Record:
        found = [best for question in questions_of(record) if (best := self._for(captions_about(record, question)))]
        return record.choose(*dict.fromkeys(found)) if found else record.drop("BestFor", "no caption answers a question")

    def _for(self, captions: tuple[Caption, ...]) -> str | None:
        if not self.by:
            return captions[0].id if captions else None
        scored = [caption for caption in captions if _known(caption.scores, self.by) and caption.scores[self.by] >= self.at_least]
        return max(scored, key=lambda caption: caption.scores[self.by]).id if scored else None


@dataclass(frozen=True, slots=True)
class Keep:
    """Keeps a record when the mean score of these captions, or else its own score, is at least `at_least`."""

    by: str
    at_least: float
    of: str = "chosen"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._kept(record) for record in records]

    def _kept(self, record: Record) -> Record:
        score = score_of(record, self.by, self.of)
        if score is None:
            return record.drop("Keep", f"no score {self.by}")
        return record if score >= self.at_least else record.drop("Keep", f"{self.by} below {self.at_least:.6g}")


@dataclass(frozen=True, slots=True)
class KeepSaying:
    """Keeps a record whose chosen captions make at least `at_least` statements."""

    at_least: int = 1

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [
            record if _says(record.standing()) >= self.at_least else record.drop("KeepSaying", f"fewer than {self.at_least} statements")
            for record in records
        ]


def _says(captions: tuple[Caption, ...]) -> int:
    return sum(len(caption.graph.statements()) for caption in captions if caption.graph is not None)


def score_of(record: Record, by: str, of: str = "chosen") -> float | None:
    """The mean score of these captions as far as they have it, else the record's own, else None."""
    scores = [caption.scores[by] for caption in captions_of(record, of) if _known(caption.scores, by)]
    if scores:
        return sum(scores) / len(scores)
    return record.scores[by] if _known(record.scores, by) else None


def _known(scores: Mapping[str, float], by: str) -> bool:
    return by in scores and not math.isnan(scores[by])
