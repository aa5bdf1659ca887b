"""Judges of mentions: is a thing in the image, going by the caption that the image was made from?"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from diptych.data.graphs import Statement
from diptych.language.entail import Index
from diptych.language.parse import parse
from diptych.language.sentence import sentence
from diptych.measure.asking import ask_all
from diptych.models.abilities import ChatModel, ChatRequest, Entailed, Entailer, EntailRequest, Replied

Answer = Literal["yes", "no", "unsure", "failed"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A noun of a caption, and the caption that the image was made from."""

    noun: str
    truth: str


class Judge(Protocol):
    """Mentions to answers, one each; `how` says by what rule. "failed" is no answer, or one that is neither yes, no nor unsure."""

    @property
    def how(self) -> str:
        """The rule and its settings."""

    def __call__(self, mentions: Sequence[Mention]) -> Sequence[Answer]:
        """Answers in order."""


@dataclass(frozen=True, slots=True)
class GraphJudge:
    """By rules on the truth's scene graph: yes where it has such a thing; what it lacks is no, or unsure when the truth is `open`."""

    open: bool = False

    @property
    def how(self) -> str:
        """The rule and its settings."""
        return f"rules on scene graphs, what the truth lacks is {'unsure' if self.open else 'no'}"

    def __call__(self, mentions: Sequence[Mention]) -> list[Answer]:
        """Answers in order."""
        indices = {truth: Index(parse(truth)) for truth in {m.truth for m in mentions}}
        answers: dict[str, Answer] = {"supported": "yes", "contradicted": "no", "unknown": "unsure"}
        return [answers[indices[m.truth].holds(Statement(0, "exists", m.noun), closed=not self.open)] for m in mentions]


@dataclass(frozen=True, slots=True)
class EntailJudge:
    """By an entailer, truth to "There is a dog.": entailed is yes, contradicted no, neutral what `neutral` says."""

    entailer: Entailer
    neutral: Literal["no", "unsure"] = "unsure"

    @property
    def how(self) -> str:
        """The rule and its settings."""
        return f"{type(self.entailer).__name__} as entailer, neutral is {self.neutral}"

    def __call__(self, mentions: Sequence[Mention]) -> list[Answer]:
        """Answers in order."""
        asked = [EntailRequest(m.truth, sentence(Statement(0, "exists", m.noun))) for m in mentions]
        labels: dict[str, Answer] = {"entailed": "yes", "contradicted": "no", "neutral": self.neutral}
        given = ask_all(self.entailer.entail, asked)
        return [labels.get(one.label, "failed") if isinstance(one, Entailed) else "failed" for one in given]


PROMPT = """An image was made from this caption, given as data between the marks:
<<<
{truth}
>>>
Does the image contain this thing, given as data between the marks?
<<<
{noun}
>>>
Answer with one word: yes, no or unsure."""


@dataclass(frozen=True, slots=True)
class ChatJudge:
    """By a chat model. The reply must be yes, no or unsure, whatever its case, blanks and final point; any other fails."""

    chat: ChatModel

    @property
    def how(self) -> str:
        """The rule and its settings."""
        return f"{type(self.chat).__name__} as chat model, one word"

    def __call__(self, mentions: Sequence[Mention]) -> list[Answer]:
        """Answers in order."""
        given = ask_all(self.chat.chat, [ChatRequest(PROMPT.format(truth=quoted(m.truth), noun=quoted(m.noun))) for m in mentions])
        return [read_answer(one.text) if isinstance(one, Replied) else "failed" for one in given]


@dataclass(frozen=True, slots=True)
class FunctionJudge:
    """By any function of (noun, truth)."""

    answer: Callable[[str, str], Answer]
    how: str = "a function"

    def __call__(self, mentions: Sequence[Mention]) -> list[Answer]:
        """Answers in order."""
        return [self.answer(m.noun, m.truth) for m in mentions]


def quoted(text: str) -> str:
    """Text that cannot end the quotation it stands in."""
    return re.sub("<{3,}|>{3,}", lambda marks: " ".join(marks.group()), text)


def read_answer(reply: str) -> Answer:
    """The reply as an answer; "failed" for more or other words."""
    word = reply.strip().strip("\"'*").rstrip(".!").strip("\"'*").strip().lower()
    known: dict[str, Answer] = {"yes": "yes", "no": "no", "unsure": "unsure"}
    return known.get(word, "failed")
