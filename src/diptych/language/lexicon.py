"""What a single English word can be: its possible tags, each with a lemma and a weight, from the table data/lexicon.txt.gz.

Open-class tags: N noun, NS plural noun, V base verb, VZ third person, VD past, VN past participle, VG -ing form, J adjective,
R adverb. Function words have one tag of their own (words.txt, "function words") and are never looked up here.
"""

import gzip
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from diptych.language.lists import mapping, words
from diptych.language.wordnet import is_noun, singular

VOWELS = frozenset("aeiou")
_KIND = {"n": "N", "v": "V", "a": "J", "r": "R"}
_FORM = {"S": "NS", "D": "VD", "N": "VN", "G": "VG", "Z": "VZ", "C": "J", "T": "J"}


class Reading(NamedTuple):
    """One thing a word can be."""

    lemma: str
    weight: int  # 0 rare or unattested .. 9 very frequent, a logarithm


@lru_cache(1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    data = (files("diptych.language") / "data" / "lexicon.txt.gz").read_bytes()
    regular, _, irregular = gzip.decompress(data).decode("ascii").partition("\n\n")
    first = dict(line.split(" ", 1) for line in regular.split("\n"))
    return first, dict(line.split(" ", 1) for line in irregular.split("\n") if line)


def _codes(lemma: str) -> dict[str, int]:
    """Letter -> weight for a base form; empty when the table does not have it."""
    code = _tables()[0].get(lemma, "")
    found: dict[str, int] = {}
    for position, letter in enumerate(code):
        if letter.isalpha():
            digit = code[position + 1 : position + 2]
            found[letter] = int(digit) if digit.isdigit() else 0
    return found


def is_verb(lemma: str) -> bool:
    """Whether the table has the base form as a verb."""
    return "v" in _codes(lemma)


def _stems(word: str, ending: str) -> list[str]:
    stem = word[: -len(ending)]
    found = [stem, stem + "e"]
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "aeiou":
        found.insert(0 if stem[-1] not in "ls" else 1, stem[:-1])
    if stem.endswith("i"):
        found.append(stem[:-1] + "y")
    return found


def _best(stems: list[str], letter: str) -> tuple[str, int] | None:
    ranked = [(_codes(stem)[letter], -place, stem) for place, stem in enumerate(stems) if len(stem) > 1 and letter in _codes(stem)]
    if not ranked:
        return None
    weight, _, stem = max(ranked)
    return stem, weight


@lru_cache(1 << 16)
def readings(word: str) -> dict[str, Reading]:
    """Tag -> reading of a lower-case word; an unknown word gets a guess from its ending, never an empty answer."""
    irregular = _tables()[1]
    found: dict[str, Reading] = {}
    tail = word.rpartition("-")[2]
    if word[0].isdigit():
        return {"J": Reading(word, 2), "N": Reading(word, 0)}
    if tail != word and tail in words("colours"):
        return {"J": Reading(word, 9)}
    for letter, weight in _codes(word).items():
        found[_KIND[letter]] = Reading(word, weight)
    for entry in irregular.get(word, "").split():
        form, _, lemma = entry.partition(":")
        weight = _codes(lemma).get("v" if form in "DNGZ" else "n" if form == "S" else "a", 0)
        found.setdefault(_FORM[form], Reading(lemma, weight))
    _inflected(word, found)
    for row in (mapping("readings").get(word) or "").split():
        tag, _, given = row.partition("=")
        rank, _, lemma = given.partition(":")
        if rank == "no":
            found.pop(tag, None)
        else:
            found[tag] = Reading(lemma or (found[tag].lemma if tag in found else word), int(rank))
    return found or _guess(word)


def _inflected(word: str, found: dict[str, Reading]) -> None:
    """Add what the regular endings say."""
    if word.endswith("s") and not word.endswith("ss") and word not in words("invariant"):
        lemma = singular(word)
        if lemma != word:
            found.pop("N", None) if "n" in _codes(lemma) else None
            if "n" in _codes(lemma) or is_noun(lemma):
                found["NS"] = Reading(lemma, _codes(lemma).get("n", 0))
        third = _best([word[:-1], *([word[:-2]] if word.endswith("es") else []), *([word[:-3] + "y"] if word.endswith("ies") else [])], "v")
        if third:
            found["VZ"] = Reading(*third)
    elif word in mapping("plurals") or singular(word) != word:
        found.pop("N", None)
        found["NS"] = Reading(singular(word), max(2, _codes(singular(word)).get("n", 0)))
    if word.endswith("ing") and len(word) > 4:
        stem = _best(_stems(word, "ing"), "v")
        if stem:
            found.setdefault("VG", Reading(*stem))
    if word.endswith("ed") and len(word) > 3:
        stem = _best(_stems(word, "ed"), "v")
        if stem:
            found.setdefault("VD", Reading(*stem))
            found.setdefault("VN", Reading(*stem))
    for ending in ("er", "est"):
        if word.endswith(ending) and len(word) > 4 and "J" not in found:
            stem = _best(_stems(word, ending), "a")
            if stem and stem[1] > 0 and "N" not in found:
                found["J"] = Reading(word, 2)


def _guess(word: str) -> dict[str, Reading]:
    tail = word.rpartition("-")[2]
    if tail != word and tail:
        if word.split("-", maxsplit=1)[0] in ("t", "x", "tee", "e"):
            return {"N": Reading(word, 0)}
        if not tail.isdigit() and "N" in readings(tail) and "J" not in readings(tail) and "VN" not in readings(tail) and len(tail) > 3:
            return {"J": Reading(word, 1), "N": Reading(word, 0)}
        return {"J": Reading(word, 1)}
    if word.endswith("ing") and len(word) > 5:
        return {"VG": Reading(word[:-3], 0), "N": Reading(word, 0)}
    if word.endswith("ed") and len(word) > 4:
        return {"VN": Reading(word[:-2], 0), "VD": Reading(word[:-2], 0), "J": Reading(word, 0)}
    if word.endswith("ly") and len(word) > 4:
        return {"R": Reading(word, 0)}
    if word.endswith(("ish", "ous", "ful", "less", "able", "ible", "ic", "ive")) and len(word) > 5:
        return {"J": Reading(word, 0), "N": Reading(word, 0)}
    if word.endswith("s") and singular(word) != word:
        return {"NS": Reading(singular(word), 0)}
    return {"N": Reading(word, 0)}
