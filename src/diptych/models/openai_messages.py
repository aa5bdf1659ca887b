"""A chat request as the body of an HTTP request, in the dialect that a server has shown to understand."""

import json
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diptych.data.draws import digest
from diptych.models.abilities import ChatRequest
from diptych.models.openai_address import BASE, Hosted

AGAIN = "That reply is not what was asked for: {why}. Reply with JSON alone that this JSON schema allows:\n{schema}"
IN_PROMPT = "Reply with JSON alone that this JSON schema allows:\n{schema}"
_UNKNOWN = re.compile(
    r"unsupported|not support|unexpected|unknown|unrecogni[sz]ed|extra|not permitted|not allowed|unavailable", re.IGNORECASE
)
_OLD, _NEW = "max_tokens", "max_completion_tokens"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server takes: found out from its refusals, so that each costs one request and not one for each row."""

    limit: str = _OLD  # what it calls the most tokens of a reply
    left_out: frozenset[str] = frozenset()  # of response_format, temperature, seed
    schema_in_prompt: bool = False

    def after(self, words: str, sent: Container[str]) -> tuple["Dialect", str]:
        """What to say from now on, after a refusal in these words, and how that differs; empty if they name nothing that may change."""
        if not _UNKNOWN.search(words):
            return self, ""
        if _NEW in words and self.limit in sent:
            other = _NEW if self.limit == _OLD else _OLD
            return replace(self, limit=other), f"{other} in the place of {self.limit}"
        for name in ("response_format", "temperature", "seed"):
            if name in sent and (name in words or (name == "response_format" and "json_schema" in words)):
                in_prompt = self.schema_in_prompt or name == "response_format"
                return replace(self, left_out=self.left_out | {name}, schema_in_prompt=in_prompt), f"no {name}"
        return self, ""


def dialect_of(hosted: Hosted) -> Dialect:
    """The dialect to begin with."""
    return Dialect(_NEW if hosted.base == BASE else _OLD)


def body_of(model: str, request: ChatRequest, urls: Sequence[str], dialect: Dialect, more: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The body: the pictures' data URLs before the prompt, and `more` messages behind it."""
    prompt = request.prompt
    if request.schema and dialect.schema_in_prompt:
        prompt = f"{prompt}\n{IN_PROMPT.format(schema=request.schema)}"
    content: Any = prompt
    if urls:
        content = [*({"type": "image_url", "image_url": {"url": url}} for url in urls), {"type": "text", "text": prompt}]
    messages = [{"role": "system", "content": request.system}] if request.system else []
    body = {
        "model": model,
        "messages": [*messages, {"role": "user", "content": content}, *more],
        dialect.limit: request.tokens,
        "temperature": request.temperature,
    }
    if request.temperature > 0:
        body["seed"] = int.from_bytes(digest("openai", request.draw)[:4], "little") >> 1
    if request.schema:
        schema = json.loads(request.schema)
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema, "strict": _strict(schema)}}
    return {name: value for name, value in body.items() if name not in dialect.left_out}


def once_more(request: ChatRequest, reply: str, why: str) -> list[dict[str, Any]]:
    """The reply that the schema does not allow, and what is wrong with it."""
    return [{"role": "assistant", "content": reply}, {"role": "user", "content": AGAIN.format(why=why, schema=request.schema)}]


def _strict(schema: Any) -> bool:
    """Whether every object of the schema is closed and requires all it has: only then may a server be asked to hold to it strictly."""
    if isinstance(schema, list):
        return all(map(_strict, schema))
    if not isinstance(schema, dict):
        return True
    if "properties" in schema or schema.get("type") == "object":
        names = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(names):
            return False
    return all(map(_strict, schema.values()))
