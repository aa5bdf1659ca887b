"""From what a rule of the tokeniser takes to the token it stands for.

Actions: "drop" and "line" make no token; "=x" makes the token x; "word" takes soft hyphens out; "as_is"; "halves" parts cannot, gonna;
"upright" straightens apostrophes; "quotes" spells curly quotes in ASCII; "brackets" and "round" name brackets; "glued" keeps spaces as
no-break spaces, "phone" does both; "and" spells &amp; out.
"""

import re

REMOVED = frozenset(["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"])
_QUOTES = str.maketrans(
    dict.fromkeys("\x91‘‛‹", "`") | dict.fromkeys("\x92’›", "'") | dict.fromkeys("\x93“«", "``") | dict.fromkeys("\x94”»", "''")
)
_AND = re.compile("&amp;", re.IGNORECASE)
_ROUND = str.maketrans({"(": "-LRB-", ")": "-RRB-"})
_BRACKETS = str.maketrans({"(": "-LRB-", ")": "-RRB-", "[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-"})
_GLUED = {ord(" "): "\xa0"}


def finished(action: str, text: str) -> str:
    """The token, or several with spaces between them, or "" where the list of punctuation removes it.

    The reference removes punctuation after lower-casing, so that its names of brackets ("-lrb-") stay.
    """
    made = _made(action, text).lower()
    return "" if made in REMOVED else made


def _made(action: str, text: str) -> str:
    if action.startswith("="):
        return action[1:]
    if action == "word":
        return text.replace("\xad", "")
    if action == "halves":
        return f"{text[:3]} {text[3:]}"
    if action == "upright":
        return text.replace("&apos;", "'").translate(_QUOTES)
    if action == "and":
        return _AND.sub("&", text)
    tables = {"quotes": _QUOTES, "brackets": _BRACKETS, "round": _ROUND, "glued": _GLUED, "phone": _ROUND | _GLUED}
    return text.translate(tables[action]) if action in tables else text
