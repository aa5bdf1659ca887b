"""Adjectives as attribute values, with the words that belong to them: "light blue", "brightly colored"."""

from diptych.data.graphs import Span
from diptych.language.lists import words
from diptych.language.tokens import Token


def describe(tokens: list[Token], index: int, values: list[tuple[str, Span]]) -> None:
    """Add the adjective at `index`, with the word before it where that belongs to it ("light blue", "brightly colored")."""
    token = tokens[index]
    if token.word in words("empty adjectives") or not token.lemma or (token.word == "looking" and values):
        return
    start, value = token.start, token.lemma
    before = tokens[index - 1] if index else None
    if before is not None and value in (
        "colored",
        "coloured",
        "lit",
        "decorated",
        "dressed",
        "furnished",
        "shaped",
        "sized",
        "covered",
        "skinned",
        "haired",
        "sleeved",
        "faced",
        "legged",
        "eyed",
    ):
        if values and values[-1][1][1] == before.end and before.tag == "J":
            earlier, span = values.pop()
            start, value = span[0], earlier if earlier in words("colours") else f"{earlier} {value}"
        elif before.tag == "R" and before.word.endswith("ly"):
            start, value = before.start, f"{before.word} {value}"
        elif value in ("colored", "coloured", "sized", "shaped"):
            return
    elif values and before is not None and before.word in words("shades") and value in words("colours") and values[-1][1][1] == before.end:
        earlier, span = values.pop()
        start, value = span[0], f"{earlier} {value}"
    elif value.endswith(("-colored", "-coloured")):
        value = value.rpartition("-")[0]
    values.append((value, (start, token.end)))
