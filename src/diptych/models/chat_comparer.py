"""A chat model as comparer of a picture with one painted from a caption of it."""

import json
from dataclasses import dataclass

from diptych.models.abilities import ChatRequest, CompareRequest, Differences, Failed
from diptych.models.chat_role import ChatRole
from diptych.models.prompting import QUOTED, asked, fields, plain

MOST = 5  # differences of one pair
TOKENS = 512
PROMPT = (
    "The second picture was painted from a caption of the first. Say what the first picture shows that the second shows otherwise or not at"
    f" all: things, how many, colours and other attributes, where they are. Each in one short sentence about the first picture alone, the"
    f" most striking first, {MOST} at most; none where the two agree. Leave differences of style aside."
)
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"differences": {"type": "array", "items": {"type": "string"}, "maxItems": MOST}},
        "required": ["differences"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True, slots=True)
class ChatComparer(ChatRole):
    """A Comparer: at most MOST sentences on the first picture."""

    def compare(self, requests: list[CompareRequest]) -> list[Differences | Failed]:
        """The differences of each pair."""
        return asked(self.chat, [_request(one) for one in requests], lambda _, text: _differences(text))


def _request(request: CompareRequest) -> ChatRequest:
    return ChatRequest(PROMPT, (request.picture, request.other), QUOTED, SCHEMA, TOKENS, request.draw, request.temperature, request.record)


def _differences(text: str) -> Differences | Failed:
    found = fields(text)
    if isinstance(found, Failed):
        return found
    hints = found.get("differences")
    if not isinstance(hints, list) or not all(isinstance(one, str) for one in hints):
        return Failed(f"no list of differences: {text[:80]!r}")
    return Differences(tuple(words for one in hints[:MOST] if (words := plain(one))))
