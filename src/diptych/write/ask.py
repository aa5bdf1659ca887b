"""Ask questions about the picture and keep the answers with the record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.data.limits import at_least, some
from diptych.data.records import Answer, Question, Record
from diptych.data.selection import questions_of
from diptych.engine.context import Context
from diptych.models.abilities import Answered, Answerer, AskRequest
from diptych.models.calls import ask, calls_to, take

GENERAL = ("What objects are in the image?", "What colour is the largest object?", "How many objects are there?")


@dataclass(frozen=True, slots=True)
class Ask:
    """Puts the same questions to each picture, `draws` times each."""

    answerer: str
    questions: tuple[str, ...] = GENERAL
    draws: int = 1
    temperature: float = 0.0

    def __post_init__(self) -> None:
        some("questions", self.questions)
        at_least("draws", self.draws, 1)
        at_least("temperature", self.temperature, 0)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("answer", self.answerer, times=len(self.questions) * self.draws)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[AskRequest]:
            picture = context.picture(record.subject)
            return [
                AskRequest(picture, text, draw=draw, temperature=self.temperature, record=record.id)
                for text in self.questions
                for draw in range(self.draws)
            ]

        answers = ask(records, requests, context.open(self.answerer, Answerer).answer, context)

        def told(record: Record, given: tuple[Answered, ...]) -> Record:
            texts = iter(given)
            asked = [
                Question(f"{record.id}/{context.place}.q{n}", text, record.id,
                         tuple(Answer(next(texts).text, self.answerer, draw) for draw in range(self.draws)))
                for n, text in enumerate(self.questions)
            ]  # fmt: skip
            return record.add(questions=asked)

        return take(records, answers, ("Ask", self.answerer), told)


@dataclass(frozen=True, slots=True)
class AskOwn:
    """Puts to each picture the questions that its record has no answer to yet, `draws` times each."""

    answerer: str
    draws: int = 1
    temperature: float = 0.0

    def __post_init__(self) -> None:
        at_least("draws", self.draws, 1)
        at_least("temperature", self.temperature, 0)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("answer", self.answerer, times=len(_open(record)) * self.draws)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[AskRequest]:
            picture = context.picture(record.subject)
            return [
                AskRequest(picture, question.text, draw=draw, temperature=self.temperature, record=record.id)
                for question in _open(record)
                for draw in range(self.draws)
            ]

        answers = ask(records, requests, context.open(self.answerer, Answerer).answer, context)

        def told(record: Record, given: tuple[Answered, ...]) -> Record:
            texts = iter(given)
            new = {
                question.id: replace(question, answers=tuple(Answer(next(texts).text, self.answerer, draw) for draw in range(self.draws)))
                for question in _open(record)
            }
            return replace(record, questions=tuple(new.get(question.id, question) for question in record.questions))

        return take(records, answers, ("AskOwn", self.answerer), told)


def _open(record: Record) -> tuple[Question, ...]:
    return tuple(question for question in questions_of(record) if not question.answers)
