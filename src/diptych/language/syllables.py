"""Syllables of an English word by its spelling, and whether a text is English at all."""

import re
from functools import lru_cache

from diptych.language.context import FUNCTION
from diptych.language.lexicon import readings

_RUN = re.compile(r"[aeiouy]+")
_APART = re.compile(r"(?<![tscgxqh])i(?:a|o|u)|iet|eo$|[aeiouy](?=ing$)|[ao](?=yers?$)|(?<=[aeiouy][^aeiouy])ea$|ism$|cre(?=at)")
_SILENT = (
    re.compile(r"[^aeiouy]e$"),
    re.compile(r"(?:[^aeiouysxzcgh]|th)es$"),
    re.compile(r"[^aeiouytd]ed$"),
)
# a final e that is heard: "table", "tables", "sparkled", "hundred"
_HEARD = re.compile(r"[^aeiouylr]l(?:e|es|ed)$|[^aeiouyr]red$")
RULE = "syllables by spelling: runs of vowel letters, less a silent final e, es or ed, plus io, ia, iu apart; a digit is one"


@lru_cache(1 << 16)
def syllables(word: str) -> int:
    """Syllables of a word, at least 1; parts joined by marks are counted apart, a possessive "'s" is none, a digit is one."""
    return max(1, sum(_part(part) for part in re.findall(r"[^\W\d_]+|\d", re.sub(r"['’]\w{1,2}$", "", word.lower()))))


def _part(word: str) -> int:
    if word.isdigit():
        return 1
    count = len(_RUN.findall(word)) + len(_APART.findall(word))
    if count > 1 and not _HEARD.search(word) and any(silent.search(word) for silent in _SILENT):
        count -= 1
    return max(1, count)


@lru_cache(1 << 16)
def is_english(word: str) -> bool:
    """Whether the lexicon knows the lower-case word, or it is a function word or a number."""
    plain = re.sub(r"['’]\w{1,2}$", "", word)
    return not plain or plain in FUNCTION or plain[0].isdigit() or any(reading.weight > 0 for reading in readings(plain).values())
