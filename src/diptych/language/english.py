"""Whether a caption is plainly not English: a rule to count by, not to classify languages.

Two signs, both stated where they are counted. Script: more than half of the letters are none of the Latin script. Words: at least two
different function words of German, French, Spanish, Italian, Portuguese or Dutch, one between blanks, and more of them than of English;
words that English has too (a, an, on, in, die, no, me, ...) count for neither. A caption without function words is not told from English.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

Sign = Literal["", "script", "words"]
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH_WORDS = """
the of with and is are to at by for from his her its their they it he she two three this that there some while which who over under near
next front has have wearing standing sitting holding
"""
# a line for each language
_OTHER_WORDS = """
der das dem den des ein eine einer einem einen und mit auf im ist sind von zu zwei neben vor wird nicht
le les du une et dans sur avec qui est sont deux devant aux au pour pas près
el la los las un una del de en con que por para está están sobre junto hay
il lo gli della dello delle nel nella che di è due sono alla
um uma os da das em na com são dois duas ao ele ela
het een van op met aan zijn twee bij naar voor hij zij
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHERS = frozenset(_OTHER_WORDS.split())


def not_english(text: str) -> Sign:
    """The sign that the text is not English, "" where there is none."""
    if not text.isascii() and _foreign_script(text):
        return "script"
    lower = text.lower()
    if _OTHERS.isdisjoint(lower.split()):  # nearly every English caption ends here, and fast
        return ""
    words = set(_WORD.findall(lower))
    foreign = len(words & _OTHERS)
    return "words" if foreign >= 2 and foreign > len(words & _ENGLISH) else ""


def count_not_english(texts: Iterable[str]) -> tuple[int, int]:
    """How many texts are mostly outside the Latin script, and how many others read as another language by their words."""
    signs = [not_english(text) for text in texts]
    return signs.count("script"), signs.count("words")


def _foreign_script(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(not _latin(letter) for letter in letters) > len(letters)


@lru_cache(4096)
def _latin(letter: str) -> bool:
    return letter.isascii() or "LATIN" in unicodedata.name(letter, "")
