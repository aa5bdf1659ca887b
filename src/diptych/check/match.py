"""Score captions against the picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.models.abilities import Matched, Matcher, MatchRequest
from diptych.models.calls import ask, calls_to, take

EXPECTED = 2  # captions of a record that has none yet


@dataclass(frozen=True, slots=True)
class Match:
    """Writes the matcher's score into each caption's `scores`, under `score`."""

    matcher: str
    of: str = "all"
    score: str = "match"

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("match", self.matcher, times=len(captions_of(record, self.of)) or EXPECTED)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[MatchRequest]:
            captions = captions_of(record, self.of)
            if not captions:
                return []
            picture = context.picture(record.subject)
            return [MatchRequest(picture, caption.text, record.id) for caption in captions]

        answers = ask(records, requests, context.open(self.matcher, Matcher).match, context)

        def told(record: Record, given: tuple[Matched, ...]) -> Record:
            return scored(record, self.score, {c.id: m.score for c, m in zip(captions_of(record, self.of), given, strict=True)})

        return take(records, answers, ("Match", self.matcher), told)


def scored(record: Record, name: str, scores: dict[str, float]) -> Record:
    """The record with a score added to these captions, by caption id."""

    def with_score(caption: Caption) -> Caption:
        return replace(caption, scores={**caption.scores, name: scores[caption.id]}) if caption.id in scores else caption

    return replace(record, captions=tuple(with_score(caption) for caption in record.captions))
