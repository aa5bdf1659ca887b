"""A chat model as reader of what one text says of another."""

import json
from dataclasses import dataclass
from typing import Literal

from diptych.models.abilities import ChatRequest, Entailed, EntailRequest, Failed
from diptych.models.chat_role import ChatRole
from diptych.models.prompting import QUOTED, asked, fields, quoted

Label = Literal["entailed", "contradicted", "neutral"]
LABELS: tuple[Label, ...] = ("entailed", "contradicted", "neutral")
TOKENS = 128
PROMPT = """Does the first text say that the second holds?
entailed: if the first is true, the second is. contradicted: if the first is true, the second is not. neutral: the first leaves it open.
The first text: {premise}
The second text: {hypothesis}
Reply with the label and how sure you are of it, from 0 to 100."""
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"label": {"enum": list(LABELS)}, "sure": {"type": "integer", "minimum": 0, "maximum": 100}},
        "required": ["label", "sure"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True, slots=True)
class ChatEntailer(ChatRole):
    """An Entailer. Its score is how sure the model says it is, which models overstate."""

    def entail(self, requests: list[EntailRequest]) -> list[Entailed | Failed]:
        """A label each."""
        return asked(self.chat, [_request(one) for one in requests], lambda _, text: _entailed(text))


def _request(request: EntailRequest) -> ChatRequest:
    told = PROMPT.format(premise=quoted(request.premise), hypothesis=quoted(request.hypothesis))
    return ChatRequest(told, system=QUOTED, schema=SCHEMA, tokens=TOKENS)


def _entailed(text: str) -> Entailed | Failed:
    found = fields(text)
    if isinstance(found, Failed):
        return found
    label = next((one for one in LABELS if one == found.get("label")), None)
    sure = found.get("sure")
    if label is None or not isinstance(sure, int | float) or not 0 <= sure <= 100:
        return Failed(f"no label with how sure it is: {text[:80]!r}")
    return Entailed(label, sure / 100)
