"""Ask of every region found whether it shows what it was found for."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.check.questions import question
from diptych.data.graphs import Statement
from diptych.data.nodes import things
from diptych.data.opening import crop
from diptych.data.records import Answer, Question, Record
from diptych.data.regions import Region
from diptych.engine.context import Context
from diptych.models import abilities
from diptych.models.abilities import Answerer, AskRequest
from diptych.models.calls import ask, take

EXPECTED = 5  # regions of a record that has none yet


@dataclass(frozen=True, slots=True)
class ConfirmNodes:
    """Asks of each thing of the graph of regions that was not asked about before whether its crop shows it; a no takes it out of the graph.

    The question and its answer stay with the record.
    """

    answerer: str

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {f"answer calls to {self.answerer}": len(_unasked(record)) or EXPECTED}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[AskRequest]:
            wanted = [(node, Statement(0, "exists", node.label)) for node in _unasked(record)]
            picture = context.picture(record.subject) if wanted else None
            return [AskRequest(crop(picture, n.box), question(s), s, record=record.id) for n, s in wanted if picture is not None]

        answers = ask(records, requests, context.open(self.answerer, Answerer).answer, context)

        def told(record: Record, given: tuple[abilities.Answered, ...]) -> Record:
            asked = [
                Question(f"{record.id}/{context.place}.{number}", question(Statement(0, "exists", node.label)), node.id,
                         (Answer(one.text, self.answerer),))
                for number, (node, one) in enumerate(zip(_unasked(record), given, strict=True))
            ]  # fmt: skip
            return record.add(questions=asked)

        return take(records, answers, ("ConfirmNodes", self.answerer), told)


def _unasked(record: Record) -> list[Region]:
    asked = {question.about for question in record.questions}
    return [node for node in things(record) if node.id not in asked]
