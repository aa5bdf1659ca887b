"""Words, numbers, punctuation and quoted passages of a caption, with their places in it."""

import re
from dataclasses import dataclass

from diptych.language.lists import words

MAX_CHARACTERS = 20_000  # a longer caption is read up to here
MAX_TOKENS = 3_000
_TOKEN = re.compile(
    r"(?P<clitic>['’](?:s|re|ve|ll|d)(?!\w))"
    r"|(?P<word>(?:\d+(?!(?:st|nd|rd|th)\b))?[^\W\d_]+(?:[-'’`][^\W\d_]+)*)"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th|[- ]?(?:inch|foot|year)\b)?)"
    r"|(?P<mark>[^\w\s]|_)"
)
_QUOTED = re.compile(
    r"[\"“”„]([^\"“”„]{1,120})[\"“”]"
    r"|(?<![\w])['‘]([^'‘’\n]{1,120}?)['’](?!\w)"
    r"|«([^»]{1,120})»"
    r"|``([^`']{1,120})''"
)
_SPLIT = re.compile(r"(n['’]t|['’](?:s|re|ve|ll|d|m))$")


@dataclass(slots=True)
class Token:
    """A word in lower case (or a mark, or the words of a quotation) at text[start:end]."""

    word: str
    start: int
    end: int
    tag: str = ""
    lemma: str = ""
    capital: bool = False


def _quotations(text: str) -> dict[int, tuple[int, str]]:
    """Start -> (end, words) of passages that are words seen in the picture rather than the caption's own."""
    found = {}
    for match in _QUOTED.finditer(text):
        inner = next(group for group in match.groups() if group is not None)
        before = text[max(0, match.start() - 60) : match.start()].lower()
        after = text[match.end() : match.end() + 30].lower()
        cued = not words("quoting").isdisjoint([*re.findall(r"[a-z]+", before)[-6:], *re.findall(r"[a-z]+", after)[:1]])
        shown = len(inner.split()) <= 12 and match.end() - match.start() < 0.8 * len(text.strip())
        if inner.strip() and shown and (cued or any(c.isupper() or c.isdigit() for c in inner)):
            found[match.start()] = (match.end(), inner)
    return found


def tokenise(text: str) -> list[Token]:
    """The tokens of the first MAX_CHARACTERS; "isn't" is two ("is", "n't"), "dog's" is two ("dog", "'s")."""
    body = text[:MAX_CHARACTERS]
    quotations = _quotations(body) if any(mark in body for mark in "\"“'‘«`") else {}
    tokens: list[Token] = []
    position = 0
    for match in _TOKEN.finditer(body):
        start, end = match.span()
        if start < position:
            continue
        if start in quotations:
            position, inner = quotations[start]
            words_ = inner.strip()
            first = body.index(words_, start)
            tokens.append(Token(words_, first, first + len(words_), "QUOTE"))
            continue
        _append(tokens, match, start, end)
        if len(tokens) >= MAX_TOKENS:
            break
    return tokens


def _append(tokens: list[Token], match: re.Match[str], start: int, end: int) -> None:
    raw = match.group()
    word = raw.lower()
    if len(word) != len(raw):  # a few capitals have longer lower-case forms
        word = raw
    if match.lastgroup == "clitic":
        tokens.append(Token(word.replace("’", "'"), start, end))
    elif match.lastgroup == "word":
        if "'" in word or "’" in word:
            tail = _SPLIT.search(word)
            if tail and tail.start() > 0:
                middle = start + tail.start()
                tokens.append(Token(word[: tail.start()], start, middle, capital=raw[0].isupper()))
                tokens.append(Token(tail.group().replace("’", "'"), middle, end))
                return
        tokens.append(Token(word, start, end, capital=raw[0].isupper()))
    elif match.lastgroup == "number":
        tokens.append(Token(word, start, end, "Q"))
    elif word in ("'", "’") and tokens and tokens[-1].end == start and tokens[-1].word.endswith("s"):
        tokens.append(Token("'s", start, end))  # "the dogs' bowl"
    else:
        tokens.append(Token(word, start, end, "MARK"))
