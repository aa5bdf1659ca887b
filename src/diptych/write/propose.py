"""Ask several captioners for captions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from diptych.data.limits import at_least, some
from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of, kept_in
from diptych.engine.context import Context
from diptych.models.abilities import Captioner, CaptionRequest, Described
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class Propose:
    """One caption from each captioner and draw; a record that a captioner cannot answer fails.

    With `texts` the captioners are shown the record's texts beside the picture, with `examples` captions whose manner to follow;
    `words` is the most that a caption may have, 0 for as many as it takes.
    """

    captioners: tuple[str, ...]
    style: str = "short"
    draws: int = 1
    temperature: float = 0.0
    texts: bool = False
    examples: tuple[str, ...] = ()
    words: int = 0

    def __post_init__(self) -> None:
        some("captioners", self.captioners)
        at_least("draws", self.draws, 1)
        at_least("temperature", self.temperature, 0)
        at_least("words", self.words, 0)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("caption", *self.captioners, times=self.draws)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        for number, address in enumerate(self.captioners):
            records = self._propose(records, number, address, context)
        return records

    def _propose(self, records: list[Record], number: int, address: str, context: Context) -> list[Record]:
        def requests(record: Record) -> list[CaptionRequest]:
            if record.status.kind != "kept":  # an earlier captioner failed on it
                return []
            picture = context.picture(record.subject)
            texts = tuple(text.words for text in record.texts) if self.texts else ()
            own = {caption.text for caption in record.captions}
            examples = tuple(text for text in self.examples if text not in own)
            return [
                CaptionRequest(picture, self.style, texts=texts, examples=examples, words=self.words, draw=draw,
                               temperature=self.temperature, record=record.id)
                for draw in range(self.draws)
            ]  # fmt: skip

        answers = ask(records, requests, context.open(address, Captioner).caption, context)

        def told(record: Record, given: tuple[Described, ...]) -> Record:
            id = f"{record.id}/{context.place}.{number}"
            return record.add(captions=[Caption(f"{id}.{draw}", answer.text, address, self.style) for draw, answer in enumerate(given)])

        return take(records, answers, ("Propose", address), told)


@dataclass(frozen=True, slots=True)
class ProposeLike:
    """Surveys the captions `of` and has the `most` that score highest under `by`, `at_least` so high, followed as examples.

    One caption a record, the earlier record where they tie, so that examples are of different pictures. The other fields are
    those of `Propose`.
    """

    captioners: tuple[str, ...]
    style: str = "short"
    draws: int = 1
    temperature: float = 0.0
    texts: bool = False
    words: int = 0
    by: str = "quality"
    at_least: float = 5.0
    most: int = 3
    of: str = "alt"
    makes: ClassVar[type] = Propose
    reads: ClassVar[tuple[str, ...]] = ("id", "subject", "captions", "status")

    def __post_init__(self) -> None:
        at_least("most", self.most, 1)
        self._step(())  # refuses what it would refuse

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks of the captioners then, for a dry run."""
        return self._step(()).calls(record)

    def look(self, batches: Iterable[pa.RecordBatch]) -> Propose:
        """A proposal that knows the examples."""
        best: list[tuple[float, str, str]] = []
        for record in kept_in(batches):
            own = [caption for caption in captions_of(record, self.of) if caption.scores.get(self.by, -1.0) >= self.at_least]
            if own:
                first = max(own, key=lambda caption: caption.scores[self.by])
                best = sorted([*best, (-first.scores[self.by], record.id, first.text)])[: self.most]
        return self._step(tuple(text for _, _, text in best))

    def _step(self, examples: tuple[str, ...]) -> Propose:
        return Propose(self.captioners, self.style, self.draws, self.temperature, self.texts, examples, self.words)
