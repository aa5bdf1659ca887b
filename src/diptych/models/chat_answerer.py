"""A chat model as answerer of questions about pictures."""

import re
from dataclasses import dataclass

from diptych.models.abilities import Answered, AskRequest, ChatRequest, Failed
from diptych.models.chat_role import ChatRole
from diptych.models.prompting import QUOTED, asked, plain, quoted

TOKENS = 64
YES_NO = "Answer yes or no. Answer unknown where the picture does not tell. Reply with that one word."
BRIEF = "Answer in a few words, and with unknown where the picture does not tell. Reply with the answer alone."
_ASKS_YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|isn't|aren't|doesn't|don't)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?]) +")


@dataclass(frozen=True, slots=True)
class ChatAnswerer(ChatRole):
    """An Answerer: yes, no or unknown where the question wants that, a few words otherwise. It gives no confidence."""

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """One answer each."""

        def read(number: int, text: str) -> Answered | Failed:
            words = plain(text)
            return Answered(words) if words else Failed("the answer is empty")

        return asked(self.chat, [_request(one) for one in requests], read)


def prompt(question: str) -> str:
    """What the chat model is told."""
    return f"Look at the picture and answer this question about it: {quoted(question)}\n{YES_NO if yes_or_no(question) else BRIEF}"


def yes_or_no(question: str) -> bool:
    """Whether the last sentence asks for yes or no: one that begins with a verb and offers no choice."""
    last = _SENTENCE.split(question.strip())[-1]
    return bool(_ASKS_YES_NO.match(last)) and " or " not in last


def _request(request: AskRequest) -> ChatRequest:
    return ChatRequest(
        prompt(request.question), (request.picture,), QUOTED, tokens=TOKENS, draw=request.draw, temperature=request.temperature,
        record=request.record,
    )  # fmt: skip
