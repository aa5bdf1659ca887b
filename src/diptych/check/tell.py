"""Questions asked of captions: what a reader that sees no picture answers, and whether that is what the record holds for right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from diptych.check.match import scored
from diptych.data.records import Answer, Question, Record
from diptych.data.selection import questions_of
from diptych.engine.context import Context
from diptych.measure.answerability import GoldQuestion, Reading, hard_score, plain, soft_score
from diptych.measure.answerability_readers import chat_reader, known_answer, rules_reader
from diptych.models.abilities import ChatModel, Failed
from diptych.models.calls import ask, calls_to, take

RULES = "rules:"


@dataclass(frozen=True, slots=True)
class AnswerFromCaptions:
    """Has each question that is asked of a caption answered from that caption alone; "" where it does not tell.

    The reader is a chat model, shown no picture, or `rules:` on the caption's scene graph (numbers, colours, surfaces, places).
    """

    reader: str

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {} if self.reader == RULES else calls_to("chat", self.reader, times=max(1, len(asked_of_captions(record))))

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        read = rules_reader() if self.reader == RULES else chat_reader(context.open(self.reader, ChatModel))

        def chat(readings: list[Reading]) -> list[str | Failed]:
            return list(read(readings))

        def readings(record: Record) -> Sequence[Reading]:
            return [(record.caption(one.about).text, GoldQuestion(one.text, ())) for one in asked_of_captions(record)]

        answers = ask(records, readings, chat, context)

        def told(record: Record, given: tuple[str, ...]) -> Record:
            new = {
                question.id: replace(question, answers=(*question.answers, Answer(answer, self.reader)))
                for question, answer in zip(asked_of_captions(record), given, strict=True)
            }
            return replace(record, questions=tuple(new.get(question.id, question) for question in record.questions))

        return take(records, answers, ("AnswerFromCaptions", self.reader), told)


@dataclass(frozen=True, slots=True)
class ScoreAnswers:
    """Scores each caption by the last answer read from it against the record's own answers to the question: `answer_soft`, by
    characters, and `answer_hard`, by matches (Hu et al., 2022, arXiv:2211.09699). No score where the record has no answer but "unknown".
    """

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [_answers_scored(record) for record in records]


def asked_of_captions(record: Record) -> tuple[Question, ...]:
    """The questions that are asked of one of the record's captions."""
    own = {question.id for question in questions_of(record)}
    return tuple(question for question in record.questions if question.id not in own)


def _answers_scored(record: Record) -> Record:
    gold = {question.text: [one.text for one in question.answers if plain(known_answer(one.text))] for question in questions_of(record)}
    read = {one.about: (one.answers[-1].text, gold.get(one.text)) for one in asked_of_captions(record) if one.answers}
    for name, score in (("answer_soft", soft_score), ("answer_hard", hard_score)):
        record = scored(record, name, {id: score(answer, known) for id, (answer, known) in read.items() if known})
    return record
