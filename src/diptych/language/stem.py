"""The English stemmer that METEOR 1.5 was tuned with: Porter's second algorithm as described in 2010.

M. F. Porter, "The English (Porter2) stemming algorithm", snowballstem.org; later revisions stem some thirty common words otherwise.
R1 and R2 are the regions after the first, and after the next, non-vowel that follows a vowel.
"""

from functools import lru_cache

_VOWELS = frozenset("aeiouy")
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_BEFORE_LI = frozenset("cdeghkmnrt")
_WHOLE = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl", "ugly": "ugli",
    "early": "earli", "only": "onli", "singly": "singl",
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
}  # fmt: skip
_DONE_EARLY = frozenset(("inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"))
_PREFIXES = ("gener", "commun", "arsen")
# longest ending first: only the longest that fits is looked at
_STEP_2 = tuple(sorted({
    "tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize", "ization": "ize", "ational": "ate",
    "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al", "fulness": "ful", "ousli": "ous", "ousness": "ous",
    "iveness": "ive", "iviti": "ive", "biliti": "ble", "bli": "ble", "ogi": "og", "fulli": "ful", "lessli": "less", "li": "",
}.items(), key=lambda rule: -len(rule[0])))  # fmt: skip
_STEP_3 = tuple(sorted({
    "tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic", "ful": "", "ness": "", "ative": "",
}.items(), key=lambda rule: -len(rule[0])))  # fmt: skip
_STEP_4 = ("ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic")


@lru_cache(1 << 17)
def stem(word: str) -> str:
    """The stem of a lower-case word; words of one or two letters are their own."""
    if len(word) < 3:
        return word
    if word in _WHOLE:
        return _WHOLE[word]
    word = _consonant_y(word.removeprefix("'"))
    r1 = _region_1(word)
    r2 = _region(word, r1)
    word = _plural(_genitive(word))
    if word in _DONE_EARLY:
        return word
    word = _final_y(_participle(word, r1))
    word = _derived(word, r1, r2)
    return _last_letter(word, r1, r2).replace("Y", "y")


def _consonant_y(word: str) -> str:
    """Marks by a capital each y that is a consonant: the first letter, or after a vowel."""
    if "y" not in word:
        return word
    letters = list(word)
    for place, letter in enumerate(letters):
        if letter == "y" and (place == 0 or letters[place - 1] in _VOWELS):
            letters[place] = "Y"
    return "".join(letters)


def _region_1(word: str) -> int:
    for prefix in _PREFIXES:
        if word.startswith(prefix):
            return len(prefix)
    return _region(word, 0)


def _region(word: str, start: int) -> int:
    """Where the region begins after the first non-vowel that follows a vowel, from `start` on."""
    for place in range(start + 1, len(word)):
        if word[place] not in _VOWELS and word[place - 1] in _VOWELS:
            return place + 1
    return len(word)


def _has_vowel(part: str) -> bool:
    return not _VOWELS.isdisjoint(part)


def _short_end(word: str) -> bool:
    """Whether the word ends in a short syllable."""
    if len(word) == 2:
        return word[0] in _VOWELS and word[1] not in _VOWELS
    return len(word) > 2 and word[-3] not in _VOWELS and word[-2] in _VOWELS and word[-1] not in _VOWELS and word[-1] not in "wxY"


def _genitive(word: str) -> str:
    for ending in ("'s'", "'s", "'"):
        if word.endswith(ending):
            return word[: -len(ending)]
    return word


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith(("us", "ss")):
        return word
    return word[:-1] if word.endswith("s") and _has_vowel(word[:-2]) else word


def _participle(word: str, r1: int) -> str:
    for ending in ("eedly", "eed"):
        if word.endswith(ending):
            return word[: -len(ending)] + "ee" if len(word) - len(ending) >= r1 else word
    for ending in ("ingly", "edly", "ing", "ed"):
        if word.endswith(ending):
            rest = word[: -len(ending)]
            return _mended(rest, r1) if _has_vowel(rest) else word
    return word


def _mended(word: str, r1: int) -> str:
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if word.endswith(_DOUBLES):
        return word[:-1]
    return word + "e" if r1 >= len(word) and _short_end(word) else word


def _final_y(word: str) -> str:
    return word[:-1] + "i" if len(word) > 2 and word[-1] in "yY" and word[-2] not in _VOWELS else word


def _derived(word: str, r1: int, r2: int) -> str:
    """Steps 2 to 4: endings of derived words."""
    for ending, other in _STEP_2:
        if word.endswith(ending):
            start = len(word) - len(ending)
            before = word[start - 1 : start]
            fits = before == "l" if ending == "ogi" else before in _BEFORE_LI if ending == "li" else True
            word = word[:start] + other if start >= r1 and fits else word
            break
    for ending, other in _STEP_3:
        if word.endswith(ending):
            start = len(word) - len(ending)
            word = word[:start] + other if start >= (max(r1, r2) if ending == "ative" else r1) else word
            break
    for ending in _STEP_4:
        if word.endswith(ending):
            start = len(word) - len(ending)
            fits = word[start - 1 : start] in ("s", "t") if ending == "ion" else True
            return word[:start] if start >= r2 and fits else word
    return word


def _last_letter(word: str, r1: int, r2: int) -> str:
    start = len(word) - 1
    if word.endswith("e"):
        return word[:-1] if start >= r2 or (start >= r1 and not _short_end(word[:-1])) else word
    return word[:-1] if word.endswith("ll") and start >= r2 else word
