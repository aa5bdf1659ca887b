"""Prompts: instructions of ours with texts from outside as quoted data."""

import json
from collections.abc import Sequence

LONGEST = 8000  # characters of one quoted text


def quoted(text: str) -> str:
    """The text as a JSON string of one line, cut at LONGEST characters: what it says cannot end the quotation."""
    return json.dumps(text[:LONGEST], ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def listed(texts: Sequence[str]) -> str:
    """Texts as numbered, quoted lines, from 1."""
    return "\n".join(f"{number}. {quoted(text)}" for number, text in enumerate(texts, start=1))
