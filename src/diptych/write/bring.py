"""Bring what is known of pictures in a file beside them into the records: texts that speak of them, questions with answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from diptych.data.errors import SourceError
from diptych.data.listings import read_phrases, read_questions
from diptych.data.records import Answer, Question, Record, Text
from diptych.engine.context import Context
from diptych.models.files import names_of

BY = "source"
KINDS: tuple[str, ...] = get_args(get_type_hints(Text)["kind"])


@dataclass(frozen=True, slots=True)
class BringTexts:
    """Adds texts from JSON, `{id: {"paragraph": [texts], "mention": [texts]}}`; the id is a record's, or its picture's file name.

    SourceError for a file that is missing, of another shape, or of other kinds.
    """

    path: str

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        known = _texts(self.path)
        return [record.add(texts=_of(record, known) or ()) for record in records]


@dataclass(frozen=True, slots=True)
class BringQuestions:
    """Adds questions with their answers from JSON, `{id: [{"question": text, "answers": [texts]}]}`, or a row a question in JSON lines."""

    path: str

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        known = _questions(self.path)
        return [self._asked(record, _of(record, known) or (), context.place) for record in records]

    def _asked(self, record: Record, listed: tuple[tuple[str, tuple[str, ...]], ...], place: str) -> Record:
        return record.add(
            questions=[
                Question(f"{record.id}/{place}.q{n}", text, record.id, tuple(Answer(one, BY, draw) for draw, one in enumerate(answers)))
                for n, (text, answers) in enumerate(listed)
            ]
        )


def _of(record: Record, known: Mapping[str, Any]) -> Any:
    names = (record.id, *names_of(record.id), *names_of(record.subject.path))
    return next((known[name] for name in names if name and name in known), None)


@lru_cache(4)  # read once, not for every batch
def _texts(path: str) -> dict[str, tuple[Text, ...]]:
    found: dict[str, tuple[Text, ...]] = {}
    for id, kinds in read_phrases(path).items():
        if strange := next((kind for kind in kinds if kind not in KINDS), None):
            raise SourceError(f"{path} gives {id!r} texts of the kind {strange!r}: a kind is one of {', '.join(KINDS)}")
        found[id] = tuple(Text(kind, words, BY) for kind, listed in kinds.items() for words in listed)  # type: ignore[arg-type]
    return found


@lru_cache(4)
def _questions(path: str) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    return {id: tuple(listed) for id, listed in read_questions(path).items()}
