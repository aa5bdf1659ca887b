"""Caption a picture again with hints on the caption that stands for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.limits import at_least
from diptych.data.records import Caption, Record, Text
from diptych.engine.context import Context
from diptych.language.hints import agreed, comparison, saying
from diptych.models.abilities import Captioner, CaptionRequest, Described
from diptych.models.calls import ask, take
from diptych.write.fuse import append


@dataclass(frozen=True, slots=True)
class CaptionAgain:
    """Adds the first `hints` new hints of the last comparison to those given before, and asks for a caption that heeds them all.

    A hint is used that at least `votes` paintings gave. Each becomes a text of kind `hint`, so that the record keeps the trace; the new
    caption stands for the record from now on, the old one is its parent. Without a new hint the record stays as it is. `always` are hints
    that need no comparison ("Be more detailed."), given once.
    """

    captioner: str
    style: str = "dense"
    hints: int = 5
    votes: int = 1
    always: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        at_least("hints", self.hints, 1)
        at_least("votes", self.votes, 1)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {f"caption calls to {self.captioner}": 1}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        fresh = {record.id: self._fresh(record) for record in records}

        def requests(record: Record) -> list[CaptionRequest]:
            if not fresh[record.id]:
                return []
            hints = (*given(record), *(text.words for text in fresh[record.id]))
            return [CaptionRequest(context.picture(record.subject), self.style, hints=hints, record=record.id)]

        answers = ask(records, requests, context.open(self.captioner, Captioner).caption, context)

        def told(record: Record, described: tuple[Described, ...]) -> Record:
            if not described:
                return record
            caption = Caption(f"{record.id}/{context.place}", described[0].text, self.captioner, self.style)
            return append(record.add(texts=fresh[record.id]), caption, record.standing()[:1])

        return take(records, answers, ("CaptionAgain", self.captioner), told)

    def _fresh(self, record: Record) -> tuple[Text, ...]:
        said = {saying(hint) for hint in given(record)}
        found = [Text("hint", hint, "rules:") for hint in self.always if saying(hint) not in said]
        asked = comparison(record, record.chosen[0]) if record.chosen else None
        if asked is not None:
            hints = agreed(((answer.draw, answer.text) for answer in asked.answers), self.votes)
            new = [hint for hint in hints if saying(hint) not in said][: self.hints]
            found += [Text("hint", hint, asked.answers[0].by) for hint in new]
        return tuple(found)


def given(record: Record) -> tuple[str, ...]:
    """The hints that the captioner was given so far."""
    return tuple(text.words for text in record.texts if text.kind == "hint")


@dataclass(frozen=True, slots=True)
class Settled:
    """Releases a record whose caption was compared and stands all the same: there was no new hint."""

    def __call__(self, record: Record) -> bool:
        return not record.chosen or comparison(record, record.chosen[0]) is not None
