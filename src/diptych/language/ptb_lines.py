"""Captions tokenised in plain Python: for small sets, where compiled code would cost more to load than it saves."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from diptych.language.ptb_finish import finished
from diptych.language.ptb_tables import automaton

APART = "\n.\n"  # between captions that must not see each other: the line of a full stop has no token and ends every look-ahead
_SHIFTING = "\r\v\f\u2028\u2029"  # what the reference takes for the end of a line, beside \n, which its wrapper makes a space
_BREAK = re.compile(f"[\n{_SHIFTING}]")
_PLAIN = re.compile(r"[A-Za-z ,]*\.? *")
_TO_SPACE = str.maketrans(",.", "  ")
_PARTED = frozenset(["cannot", "gonna", "gotta", "lemme", "gimme", "wanna"])


def breaking(captions: Sequence[str]) -> int:
    r"""How many captions hold an end of line other than \n, which shifts all later ones in mode "wrapper"."""
    text = " ".join(captions)
    if not any(end in text for end in _SHIFTING):  # much the fastest, and nearly always so
        return 0
    return sum(any(end in caption for end in _SHIFTING) for caption in captions)


def document(captions: Sequence[str], *, each: bool) -> str:
    """The captions as one text, a line each; with `each`, lines that can't see each other."""
    if each:
        return APART.join(_BREAK.sub(" ", caption) for caption in captions) + "\n"
    return "\n".join(caption.replace("\n", " ") for caption in captions)


def lines(captions: Sequence[str], *, each: bool) -> list[str]:
    """The captions' tokens, joined by single spaces."""
    text = document(captions, each=each)
    if not each and breaking(captions):
        return _shifted(text)[: len(captions)]
    families = b""
    found = []
    start = 0
    for caption in captions:
        tokens = plain(caption)
        if tokens is None:
            families = families or automaton().families(text)
            tokens = _joined(lexemes(text, families, start, start + len(caption)))
        found.append(tokens)
        start += len(caption) + (len(APART) if each else 1)
    return found


def _shifted(text: str) -> list[str]:
    taken = [*lexemes(text, automaton().families(text), 0, len(text))]
    ends = [-1, *(place for place, (action, _) in enumerate(taken) if action == "line"), len(taken)]
    return [_joined(taken[before + 1 : end]) for before, end in pairwise(ends)]


def _joined(taken: Sequence[tuple[str, str]] | Iterator[tuple[str, str]]) -> str:
    return " ".join(token for action, text in taken if action != "drop" and (token := finished(action, text))).rstrip()


def plain(caption: str) -> str | None:
    """The tokens of a caption of letters, commas and one last full stop, where no rule but the simplest applies; else None."""
    if not _PLAIN.fullmatch(caption):
        return None
    words = caption.translate(_TO_SPACE).lower().split()
    if not _PARTED.isdisjoint(words):
        return None
    if words and caption.rstrip(" ")[-2:].lower() == words[-1][-1] + "." and _keeps_stop(words[-1]):
        return None
    return " ".join(words)


@lru_cache(1 << 16)
def _keeps_stop(word: str) -> bool:
    for form in {word, word.capitalize(), word.upper()}:
        text = f"{form}.\n5"
        if len(word) == 1 or any("." in token[1:] for _, token in lexemes(text, automaton().families(text), 0, len(word) + 1)):
            return True
    return False


def lexemes(text: str, families: bytes, start: int, stop: int) -> Iterator[tuple[str, str]]:
    """What the rules take from text[start:stop], each with its rule's action; they may look at what follows."""
    table = automaton()
    rows, rules, cuts, size = table.rows, table.rules, table.cuts, len(text)
    while start < stop:
        state, at, rule, end = 1, start, -1, start + 1
        while at < size and (state := rows[state][families[at]]):
            at += 1
            if rules[state] >= 0:
                rule, end = rules[state], at
        if cut := cuts[rule]:
            end = start + cut if cut > 0 else end + cut
        yield table.action_R[rule], text[start:end]
        start = end
