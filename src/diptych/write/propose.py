"""Ask several captioners for captions."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.limits import at_least, some
from diptych.data.records import Caption, Record
from diptych.engine.context import Context
from diptych.models.abilities import Captioner, CaptionRequest, Described
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class Propose:
    """One caption from each captioner and draw; a record that a captioner cannot answer fails."""

    captioners: tuple[str, ...]
    style: str = "short"
    draws: int = 1
    temperature: float = 0.0

    def __post_init__(self) -> None:
        some("captioners", self.captioners)
        at_least("draws", self.draws, 1)
        at_least("temperature", self.temperature, 0)

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
            return [
                CaptionRequest(picture, self.style, draw=draw, temperature=self.temperature, record=record.id) for draw in range(self.draws)
            ]

        answers = ask(records, requests, context.open(address, Captioner).caption, context)

        def told(record: Record, given: tuple[Described, ...]) -> Record:
            id = f"{record.id}/{context.place}.{number}"
            return record.add(captions=[Caption(f"{id}.{draw}", answer.text, address, self.style) for draw, answer in enumerate(given)])

        return take(records, answers, ("Propose", address), told)
