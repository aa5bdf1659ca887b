"""What a server said: a reply, a refusal or nonsense, and whether JSON is what the schema allows."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema

_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"\s*<think>.*?(</think>\s*|\Z)", re.DOTALL)
THOUGHT = "its tokens were used up before it said anything; name a model that does not think first"
SHOWN = 200  # characters of a server's or model's words in an error


class Garbled(ValueError):
    """A body that is no chat completion."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The words of a model. `kind`: answer, cut (at the limit of tokens), refusal or empty; tokens are 0 where the server told none."""

    kind: str
    text: str
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


def read_reply(data: bytes) -> Reply:
    """A chat completion; Garbled says what is wrong with it."""
    try:
        found = json.loads(data)
        choice = found["choices"][0]
        message = choice["message"]
        end = choice.get("finish_reason") or ""
        usage = found.get("usage") or {}
        text, refusal = _text(message.get("content")), message.get("refusal")
        tokens = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        model = shown(str(found.get("model") or ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Garbled(f"no chat completion came back but {shown(data)!r}") from error
    if refusal or end == "content_filter":
        return Reply("refusal", shown(refusal or text), model, *tokens)
    text = _THOUGHT.sub("", text, count=1) if text.lstrip().startswith("<think>") else text
    if not text.strip():
        return Reply("empty", THOUGHT if end == "length" else "", model, *tokens)
    return Reply("cut" if end == "length" else "answer", text, model, *tokens)


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content)
    if not isinstance(content, str):
        raise TypeError(content)
    return content.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate can be neither printed nor kept


def _count(said: Any) -> int:
    return said if type(said) is int and 0 <= said < 1 << 31 else 0


def shown(said: bytes | str, most: int = SHOWN) -> str:
    """The beginning of what somebody else said, on one line and without control characters."""
    text = said[: 4 * most].decode("utf-8", "replace") if isinstance(said, bytes) else str(said)[: 4 * most]
    return "".join(c for c in " ".join(text.split())[:most] if c.isprintable())


def error_of(data: bytes) -> tuple[str, str]:
    """Code and words of an error's body, 1000 characters at most."""
    try:
        found = json.loads(data)
        inner = found.get("error", found.get("detail", found)) if isinstance(found, dict) else found
        inner = "; ".join(map(_field, inner)) if isinstance(inner, list) and inner else inner
    except (ValueError, RecursionError):
        return "", shown(data, 1000)
    if not isinstance(inner, dict):
        return "", shown(inner if isinstance(inner, str) else data, 1000)
    words = " ".join(str(inner[name]) for name in ("message", "param") if inner.get(name))
    return str(inner.get("code") or inner.get("type") or ""), shown(words or data, 1000)


def _field(wrong: Any) -> str:
    # pydantic repeats what was sent as `input`: words of ours or of a caption, which say nothing of what the server takes
    if not isinstance(wrong, dict) or "msg" not in wrong:
        return json.dumps(wrong)
    place = wrong.get("loc")
    return f"{wrong['msg']} {'.'.join(map(str, place)) if isinstance(place, list) else ''}".rstrip()


def allowed(text: str, schema: str) -> tuple[str, str]:
    """The JSON of a reply, without a fence around it, and what the schema has against it (empty: nothing)."""
    fenced = _FENCE.search(text)
    said = (fenced[1] if fenced else text).strip()
    try:
        value = json.loads(said, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return said, f"it is no JSON ({shown(str(error))})"
    try:
        wrong = jsonschema.exceptions.best_match(_validator(schema).iter_errors(value))
    except RecursionError:
        return said, "it is nested too deeply"
    return said, f"at {wrong.json_path[:80]}: {shown(wrong.message)}" if wrong is not None else ""


def schema_trouble(schema: str) -> str:
    """Why a text is no JSON schema; empty if it is one, or empty itself."""
    try:
        if schema:
            _validator(schema)
    except (ValueError, RecursionError, jsonschema.SchemaError) as error:
        return f"what the request gives as schema is no JSON schema ({shown(str(error))})"
    return ""


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    wanted = json.loads(schema)
    jsonschema.Draft202012Validator.check_schema(wanted)
    return jsonschema.Draft202012Validator(wanted)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
