"""Have captions judged against the picture and what is said of it elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.check.match import scored
from diptych.check.statements import refuse_own
from diptych.data.draws import uniform
from diptych.data.limits import at_least, in_unit
from diptych.data.records import Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.models.abilities import Judge, Judged, JudgeRequest
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class JudgeCaptions:
    """Writes the judge's score, 1 (worst) to 6, into each caption's `scores`, under `score`: the mean of `draws` judgements.

    All captions of a record are shown at once, with the record's texts. A judge of the family that wrote one of them likes its own too
    well, and is refused unless `self_check` is set. With `share` under 1 so many of the records are judged, drawn by lot.
    """

    judge: str
    of: str = "proposed"
    score: str = "judged"
    draws: int = 1
    temperature: float = 0.0
    share: float = 1.0
    self_check: bool = False

    def __post_init__(self) -> None:
        at_least("draws", self.draws, 1)
        at_least("temperature", self.temperature, 0)
        in_unit("share", self.share)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("judge", self.judge, times=self.draws)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[JudgeRequest]:
            captions = captions_of(record, self.of)
            # by id and seed alone, so that several of these steps judge the same records
            if not captions or uniform("judged", context.seed, record.id) >= self.share:
                return []
            refuse_own(record, captions, self.judge, self.self_check)
            picture, texts = context.picture(record.subject), tuple(text.words for text in record.texts)
            said = tuple(caption.text for caption in captions)
            return [JudgeRequest(picture, said, texts, draw, self.temperature, record.id) for draw in range(self.draws)]

        answers = ask(records, requests, context.open(self.judge, Judge).judge, context)
        return take(records, answers, ("JudgeCaptions", self.judge), self._scored)

    def _scored(self, record: Record, given: tuple[Judged, ...]) -> Record:
        captions = captions_of(record, self.of)
        if not given:
            return record
        if wrong := [len(one.scores) for one in given if len(one.scores) != len(captions)]:
            return record.fail("JudgeCaptions", f"{self.judge}: {wrong[0]} scores for {len(captions)} captions")
        means = [sum(column) / len(given) for column in zip(*(one.scores for one in given), strict=True)]
        return scored(record, self.score, {caption.id: mean for caption, mean in zip(captions, means, strict=True)})
