"""A chat model in other roles: captioner, answerer, writer, judge, comparer, entailer. Each role's prompt stands in its own file."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from diptych.models.abilities import Answerer, Captioner, ChatModel, Comparer, Entailer, Judge, Writer

_ROLES: Mapping[type, tuple[str, str]] = {
    Captioner: ("chat_captioner", "ChatCaptioner"),
    Answerer: ("chat_answerer", "ChatAnswerer"),
    Writer: ("chat_writer", "ChatWriter"),
    Judge: ("chat_judge", "ChatJudge"),
    Comparer: ("chat_comparer", "ChatComparer"),
    Entailer: ("chat_entailer", "ChatEntailer"),
}


def chat_as(chat: ChatModel, ability: type) -> Any:
    """The chat model itself as ChatModel, or in the role asked for; None where it has no such role."""
    if ability is ChatModel:
        return chat
    if ability not in _ROLES:
        return None
    module, name = _ROLES[ability]
    return getattr(import_module(f"diptych.models.{module}"), name)(chat)
