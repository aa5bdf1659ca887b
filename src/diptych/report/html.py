"""HTML from parts: whatever is not known to be markup is escaped."""

import re
from collections.abc import Iterable
from html import escape as _escape
from typing import TypeAlias

LONGEST = 2_000  # characters of one text that a page shows
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Html(str):
    """Markup that needs no escaping."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
Attribute: TypeAlias = str | int | float | bool | None


def clean(text: str) -> str:
    """The text with what neither HTML nor UTF-8 can hold (control characters, lone surrogates) replaced."""
    return _UNPRINTABLE.sub("\ufffd", text)


def escape(text: str) -> Html:
    """Text made safe as content and as a quoted attribute."""
    return text if isinstance(text, Html) else Html(_escape(clean(text)))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """One element. A trailing underscore in an attribute's name is dropped and others become dashes; None and False leave it out."""
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    return Html(f"<{name}{head}>") if name in _VOID else Html(f"<{name}{head}>{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    """Children one after the other; text among them is escaped."""
    return Html("".join(_child(child) for child in children))


def prose(text: str, longest: int = LONGEST) -> Html:
    """Text from outside, set apart from its surroundings so that its writing direction stays its own, and cut with a note."""
    if len(text) <= longest:
        return tag("bdi", text)
    return join(tag("bdi", text[:longest]), cut(len(text) - longest))


def cut(more: int) -> Html:
    """The note in place of text left out."""
    return tag("span", f" … {more:,} more characters not shown", class_="note")


def _child(child: Child) -> str:
    if child is None:
        return ""
    return escape(child) if isinstance(child, str) else join(*child)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{escape(str(value))}"'
