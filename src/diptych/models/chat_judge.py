"""A chat model as judge of captions."""

import json
from dataclasses import dataclass

from diptych.models.abilities import ChatRequest, Failed, Judged, JudgeRequest
from diptych.models.chat_role import ChatRole
from diptych.models.prompting import MOST, QUOTED, asked, fields, listed

LOWEST, HIGHEST = 1, 6
RUBRIC = (
    "Judge each caption of the picture by itself with a whole number from 1 to 6. 6: all it says is true of the picture and it says what"
    " matters. 4: true, but it leaves out something that matters. 2: part of it is wrong. 1: it is about something else."
)


@dataclass(frozen=True, slots=True)
class ChatJudge(ChatRole):
    """A Judge: one whole number from 1 to 6 for each caption."""

    def judge(self, requests: list[JudgeRequest]) -> list[Judged | Failed]:
        """All captions of a picture in one question."""
        return asked(self.chat, [_request(one) for one in requests], lambda number, text: _judged(text, len(requests[number].captions)))


def prompt(request: JudgeRequest) -> str:
    """What the chat model is told of one request."""
    lines = [RUBRIC, f"The captions:\n{listed(request.captions)}"]
    if request.texts:
        lines.append(f"This is said of the picture elsewhere:\n{listed(request.texts)}")
    return "\n".join([*lines, f"Reply with the {len(request.captions)} scores in the captions' order."])


def schema(captions: int) -> str:
    """The JSON schema of a reply."""
    score = {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST}
    scores = {"type": "array", "items": score, "minItems": captions, "maxItems": captions}
    return json.dumps({"type": "object", "properties": {"scores": scores}, "required": ["scores"], "additionalProperties": False})


def _request(request: JudgeRequest) -> ChatRequest | Failed:
    number = len(request.captions)
    if not 1 <= number <= MOST:
        return Failed(f"a chat model judges 1 to {MOST} captions at once, got {number}")
    return ChatRequest(
        prompt(request), (request.picture,), QUOTED, schema(number), 64 + 16 * number, request.draw, request.temperature, request.record
    )


def _judged(text: str, captions: int) -> Judged | Failed:
    found = fields(text)
    if isinstance(found, Failed):
        return found
    scores = found.get("scores")
    good = (
        isinstance(scores, list)
        and len(scores) == captions
        and all(type(one) in (int, float) and LOWEST <= one <= HIGHEST for one in scores)
    )
    return Judged(tuple(map(float, scores))) if good and scores else Failed(f"not {captions} scores from 1 to 6: {text[:80]!r}")
