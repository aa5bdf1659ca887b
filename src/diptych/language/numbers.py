"""What a caption's number words and vague quantities say."""

import re

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EXACT = {
    **{word: number for number, word in enumerate(_UNITS)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    "a": 1, "an": 1, "single": 1, "no": 0, "none": 0, "couple": 2, "pair": 2, "both": 2, "duo": 2, "trio": 3, "dozen": 12, "hundred": 100,
    "thousand": 1000,
}  # fmt: skip
# "several" and "a few" are kept at 2: readers do not agree that they mean three
_AT_LEAST = {
    "dozens": 24, "hundreds": 200, "thousands": 2000, "some": 2, "several": 2, "few": 2, "many": 2, "multiple": 2, "various": 2,
    "numerous": 2, "lots": 2, "plenty": 2, "countless": 2, "more": 2, "most": 2,
}  # fmt: skip
LARGEST = 1_000_000


def exact(word: str) -> int | None:
    """The number that a word or numeral states; None when it states none ("1.5" and "3rd" neither)."""
    if word in _EXACT:
        return _EXACT[word]
    if re.fullmatch(r"\d{1,3}(,\d{3})+|\d{1,7}", word, re.ASCII):
        return min(int(word.replace(",", "")), LARGEST)
    head, _, tail = word.partition("-")
    if head in _TENS and tail in _UNITS[1:10]:
        return _EXACT[head] + _EXACT[tail]
    return None


def at_least(word: str) -> int | None:
    """The least that a vague quantity means, 2 for most."""
    return _AT_LEAST.get(word)
