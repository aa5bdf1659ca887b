"""Words as METEOR's `-norm` parts them, written from its behaviour: rules in the manner of statistical machine translation's tokenisers.

Punctuation stands alone, hyphens between letters and digits become spaces (in one pass: "a-b-c" gives "a b-c"), an apostrophe opens
what follows it, a final dot stands alone unless an abbreviation, a lower-case word or an inner dot keeps it.
"""

import re
from collections.abc import Mapping

_LETTERS = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017e\u0400-\u0527\u1d00-\u1d7f\ua640-\ua66e\ua67e-\ua697"
_KEPT = f"{_LETTERS}0-9"
_BLANKS = " \t\n\x0b\f\r"
_WIDE_BLANKS = frozenset(
    "\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)  # words that are dropped
_TRIMMED = "".join(map(chr, range(33)))
_QUOTES = (("`", "'"), ("\u2018", "'"), ("\u2019", "'"), ("''", '"'), ("\u201c", '"'), ("\u201d", '"'), ("\u2013", " - "))
_RULES = tuple(  # a text without the first has nothing for the pattern
    (needs, re.compile(pattern), put)
    for needs, pattern, put in (
        ("", rf"([^{_KEPT}{_BLANKS}.'`,\-])", r" \1 "),
        ("..", r"(\.\.+)", r" \1 "),
        (",", r"([^0-9]),([^0-9])", r"\1 , \2"),
        (",", r"([0-9]),([^0-9])", r"\1 , \2"),
        (",", r"([^0-9]),([0-9])", r"\1 , \2"),
        ("--", r"--", r"-"),
        ("-", rf"([{_KEPT}.])-([{_KEPT}])", r"\1 \2"),
        ("'", rf"([^{_LETTERS}])'([^{_LETTERS}])", r"\1 ' \2"),
        ("'", rf"([^{_LETTERS}0-9])'([{_LETTERS}])", r"\1 ' \2"),
        ("'", rf"([{_LETTERS}])'([^{_LETTERS}])", r"\1 ' \2"),
        ("'", rf"([{_LETTERS}])'([{_LETTERS}])", r"\1 '\2"),
        ("'", r"([0-9])'(s)", r"\1 '\2"),
    )
)
_SIMPLE = re.compile(rf"'?[{_KEPT}]+(?:-[{_KEPT}]+)*(?:'[{_KEPT}]+)?").fullmatch
_WORD = re.compile(f"[^{_BLANKS}]+").findall
_LETTER = re.compile(f"[{_LETTERS}]").search
# abbreviations before whose dot no sentence ends, for use without METEOR's own list; True: only before a number
OWN_PREFIXES: Mapping[str, bool] = {
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", False),
    **dict.fromkeys(("Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Sr", "Jr", "Lt", "Col", "Gen", "Capt", "Sgt", "Rev", "vs", "etc"), False),
    "No": True,
    "pp": True,
}

# for use without METEOR's own list: articles, prepositions, conjunctions, pronouns, forms of be, have, do and will, punctuation
OWN_FUNCTION_WORDS = frozenset(
    (
        *("a", "an", "the", "this", "that", "these", "those", "some", "any", "each", "of", "to", "in", "on", "at", "by", "for", "from"),
        *("with", "into", "onto", "over", "under", "up", "down", "out", "off", "and", "or", "but", "as", "than", "while", "it", "its"),
        *("he", "she", "they", "his", "her", "hers", "their", "them", "him", "we", "our", "you", "your", "i", "my", "who", "which"),
        *("is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "do", "does", "did", "will", "would", "can", "could"),
        *("not", "no", "there", ".", ",", "-", "'", '"', "(", ")", ":", ";", "?", "!"),
    )
)


def simple(token: str) -> bool:
    """Whether a token's parts do not hang on its neighbours, if these are simple too."""
    return _SIMPLE(token) is not None


def meteor_words(text: str, prefixes: Mapping[str, bool] = OWN_PREFIXES) -> list[str]:
    """The lower-case words of a text of one line. `prefixes` are the abbreviations that keep their dot."""
    line = f" {text.strip(_TRIMMED)} "
    for old, new in _QUOTES:
        line = line.replace(old, new)
    for needs, pattern, put in _RULES:
        if needs in line:
            line = pattern.sub(put, line)
    words = _WORD(line)
    following = (*words[1:], "")
    return [
        part.lower()
        for word, after in zip(words, following, strict=False)
        for part in _undotted(word, after, prefixes)
        if part not in _WIDE_BLANKS
    ]


def _undotted(word: str, after: str, prefixes: Mapping[str, bool]) -> tuple[str, ...]:
    """A word and its final dot, as one or two."""
    if not word.endswith(".") or not word.strip("."):
        return (word,)
    head = word[:-1]
    if "." in head and _LETTER(head):
        return (head.replace(".", ""),)
    before_number = prefixes.get(head)
    kept = before_number is False or "a" <= after[:1] <= "z" or (before_number and "0" <= after[:1] <= "9")
    return (word,) if kept else (head, ".")
