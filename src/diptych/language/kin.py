"""Words of a caption that carry its content, and how near two of them are in meaning, from tables alone.

A content word is a lower-case lemma that is no function word ("in", "two", "some"). Other scripts keep their words as they stand.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from math import ceil

from diptych.language.lexicon import readings
from diptych.language.lists import mapping, pairs
from diptych.language.stem import stem
from diptych.language.wordnet import is_animate, is_noun, places, same_thing

_LETTERS, _SHARED = 4, 0.6  # a common beginning is long from these many letters and this share of the longer word on
_LONGEST = 40  # what has more letters, or digits among them, is an address, the name of a file or a line of noise
_WORD = re.compile(r"[^\W_]*'[^\W_]+|[^\W_]+")  # the ending of "man's" goes, also where a tokeniser parted it


@lru_cache(1)
def _function_words() -> frozenset[str]:
    return frozenset(word.strip() for row in mapping("function words").values() for word in row.split(","))


@lru_cache(1 << 17)
def lemma(word: str) -> tuple[str, bool]:
    """The base form of a lower-case word's likeliest reading, and whether that is a noun."""
    if not word.isascii():
        return word, False
    tag, best = max(readings(word).items(), key=lambda item: item[1].weight)
    return best.lemma, tag in ("N", "NS")


def content_words(text: str) -> tuple[str, ...]:
    """The distinct content words of a text, in order of first mention."""
    parts = (token.partition("'") for token in _WORD.findall(text.lower()))
    heads = (head for head, _, ending in parts if ending != "t")  # "don't" is a function word whole
    known = _function_words()
    return tuple(dict.fromkeys(lemma(word)[0] for word in heads if word and word not in known))


@lru_cache(1 << 16)
def names_a_being(word: str) -> bool:
    """Whether a content word names a person or an animal."""
    return lemma(word)[1] and is_noun(word) and is_animate(word)


@lru_cache(1 << 16)
def likeness(a: str, b: str) -> tuple[float, bool]:
    """How alike two content words are in form, 0 to 1, and whether they can name one thing ("dog" and "puppy", "shirt" and "clothes").

    Form: 1 for one word or one stem; for a long common beginning of letters ("snow" and "snowboard") its share of the longer word; else 0.
    """
    if a == b:
        return 1.0, True
    near = a.isascii() and b.isascii() and is_noun(a) and is_noun(b) and same_thing(a, b)
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    longer = max(len(a), len(b))
    if stem(a) == stem(b):
        return 1.0, near
    long = shared >= _LETTERS and (shared == min(len(a), len(b)) or shared >= _SHARED * longer)
    return (shared / longer if long and _may_begin(a) and _may_begin(b) else 0.0), near


def alike(words: Sequence[str]) -> dict[tuple[int, int], tuple[float, bool]]:
    """The pairs i < j of different words that are alike at all, with their `likeness`: without looking at every pair."""
    found = _begun(words) | _joined(words)
    stems: dict[str, list[int]] = defaultdict(list)
    for i, word in enumerate(words):
        stems[stem(word)].append(i)
    for group in stems.values():
        found.update(combinations(group, 2))
    known = {(i, j): likeness(words[i], words[j]) for i, j in sorted(found)}
    return {pair: how for pair, how in known.items() if how != (0.0, False)}


def _begun(words: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs with a long common beginning: the whole of one, or a share of the longer."""
    number = {word: i for i, word in enumerate(words) if _may_begin(word)}
    begun: dict[str, list[int]] = defaultdict(list)
    for word, i in number.items():
        for end in range(_LETTERS, len(word) + 1):
            begun[word[:end]].append(i)
    found = set()
    for word, i in number.items():
        found |= {(i, number[word[:end]]) for end in range(_LETTERS, len(word)) if word[:end] in number}
        found |= {(i, j) for j in begun.get(word[: max(_LETTERS, ceil(_SHARED * len(word) - 1e-9))], ()) if j != i}
    return {(min(pair), max(pair)) for pair in found}


def _may_begin(word: str) -> bool:
    """Whether a common beginning says anything: a thousand files' names share theirs, pair by pair."""
    return len(word) <= _LONGEST and word.isalpha()


def _joined(words: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of nouns that WordNet or our lists may join."""
    number = {word: i for i, word in enumerate(words) if word.isascii() and is_noun(word)}
    named: dict[int, list[int]] = defaultdict(list)
    for word, i in number.items():
        for synset in places(word)[0]:
            named[synset].append(i)
    found = {(i, j) for word, i in number.items() for synset in places(word)[1] for j in named.get(synset, ())}
    found |= {(number[a], number[b]) for a, b in pairs("aliases") | pairs("kinds of things") if a in number and b in number}
    return {(min(pair), max(pair)) for pair in found if pair[0] != pair[1]}
