"""Where truth meets questions: what a reader that never errs finds in the captions about them, held against the true answers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from diptych.data.records import Record
from diptych.measure.answerability import GoldQuestion, first_words, hard_score, plain
from diptych.measure.answerability_readers import rules_reader
from diptych.world.questions import Quiz
from diptych.world.source import World

BUDGETS = (5, 10)  # words of a caption that are read
READ = "read by rules from the caption about the question, or else the one that stands for the row; sums over questions"


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """One row's questions.

    Of those that the picture answers: how many, to how many the caption gives an answer, how many rightly, and within each of BUDGETS.
    Of those that it does not answer: how many, and to how many the caption gives none either.
    """

    asked: int = 0
    answered: int = 0
    right: int = 0
    early: tuple[int, ...] = (0,) * len(BUDGETS)
    unseen: int = 0
    withheld: int = 0


ANSWER_METRICS: Mapping[str, Callable[[AnswerCount], tuple[int, int]]] = {
    "answer_accuracy": lambda row: (row.right, row.asked),
    f"answer_accuracy_first_{BUDGETS[0]}_words": lambda row: (row.early[0], row.asked),
    f"answer_accuracy_first_{BUDGETS[1]}_words": lambda row: (row.early[1], row.asked),
    "answer_share": lambda row: (row.answered, row.asked),
    "answer_precision": lambda row: (row.right, row.answered),
    "answer_withheld": lambda row: (row.withheld, row.unseen),
}


def answers(records: Iterable[Record], world: World) -> list[AnswerCount]:
    """One count a row, in the rows' order; a dropped or failed row answers nothing."""
    return [_row(record, world.quizzes(int(record.subject.member)), world) for record in records]


def text_about(record: Record, question: str) -> str:
    """The chosen caption that this question is about; else the first chosen one that no question is about; else nothing."""
    standing = record.standing() if record.status.kind == "kept" else ()
    about = {(asked.about, asked.text) for asked in record.questions}
    mine = [caption.text for caption in standing if (caption.id, question) in about]
    free = [caption.text for caption in standing if caption.id not in {id for id, _ in about}]
    return next(iter(mine or free), "")


def _row(record: Record, asked: tuple[Quiz, ...], world: World) -> AnswerCount:
    kinds = world.truth(int(record.subject.member)).kinds
    read = rules_reader(kinds=kinds)
    count = AnswerCount()
    for quiz in asked:
        text = text_about(record, quiz.text)
        gold = GoldQuestion(quiz.text, (quiz.answer,), quiz.statement)
        given = [str(answer) for answer in read([(part, gold) for part in (text, *(first_words(text, words) for words in BUDGETS))])]
        count = _with(count, quiz.answer, given)
    return count


def _with(row: AnswerCount, answer: str, given: list[str]) -> AnswerCount:
    if not answer:
        silent = not plain(given[0])
        return AnswerCount(row.asked, row.answered, row.right, row.early, row.unseen + 1, row.withheld + silent)
    right, *early = (hard_score(one, (answer,)) == 1 for one in given)
    sums = tuple(old + new for old, new in zip(row.early, early, strict=True))
    return AnswerCount(row.asked + 1, row.answered + bool(plain(given[0])), row.right + right, sums, row.unseen, row.withheld)
