"""Which words name the same kind of thing: synonyms and hypernyms of physical nouns, from a compact extract of WordNet 3.0.

The data and WordNet's licence lie in `data/`; scripts/build_wordnet.py makes them. Words are compared whole, never as substrings.
"""

import gzip
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from diptych.language.lists import mapping, pairs, words

LEVELS = 3  # an ancestor further up is another kind of thing
GENERAL_LEVELS = 9
SENSES = 3  # rarer physical senses join unrelated things
FIRST = 4  # a noun names a thing when one of its first senses does ("tv" and "microwave" do not start with one)
ANIMATE = frozenset("ap")
_TOPS = {"person": "p", "animal": "a", "plant": "v", "food": "e"}  # these stand above the files they name
_LINKS = re.compile(r" (of|in|on|at|the|and|to|de|for|with|a|up|out|over|by|or|as|off) ")
PHYSICAL = frozenset("tafbelopvs")


@dataclass(frozen=True, slots=True)
class _Nouns:
    kinds: tuple[str, ...]  # per synset, one letter of its lexicographer file
    parents: tuple[str, ...]  # comma-separated synset numbers
    words: tuple[str, ...]  # "word:rank|word", kept unsplit until asked for
    senses: dict[str, tuple[int, ...]]  # word -> synsets of physical things, commonest first
    first: dict[str, int]  # word -> rank of its first physical sense among all its senses
    irregular: dict[str, str]
    abstract: frozenset[str]


def _read(name: str) -> list[str]:
    data = (files("diptych.language") / "data" / name).read_bytes()
    return gzip.decompress(data).decode("ascii").split("\n")


@lru_cache(1)
def _nouns() -> _Nouns:
    lines = _read("wordnet_nouns.txt.gz")
    end = lines.index("")
    middle = lines.index("", end + 1)
    kinds: list[str] = []
    parents: list[str] = []
    words: list[str] = []
    ranked: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(lines[:end]):
        kind, up, names = line.split("|", 2)
        kinds.append(kind)
        parents.append(up)
        words.append(names)
        for name in names.split("|"):
            word, _, rank = name.partition(":")
            ranked.setdefault(word, []).append((int(rank or 0), number))
    senses = {word: tuple(n for _, n in sorted(found)) if len(found) > 1 else (found[0][1],) for word, found in ranked.items() if word}
    first = {word: min(found)[0] for word, found in ranked.items()}
    irregular = dict(line.split() for line in lines[end + 1 : middle])
    return _Nouns(tuple(kinds), tuple(parents), tuple(words), senses, first, irregular, frozenset(lines[middle + 1 :]) - {""})


@lru_cache(1)
def _adjectives() -> dict[str, frozenset[int]]:
    """word -> numbers of the synonym sets of its first two senses."""
    table: dict[str, set[int]] = {}
    for number, line in enumerate(_read("wordnet_adjectives.txt.gz")):
        for name in line.split("|"):
            word, _, rank = name.partition(":")
            if word and int(rank) < 2:
                table.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in table.items()}


def _senses(noun: str) -> tuple[int, ...]:
    """Physical senses, commonest first; an unknown compound takes those of its last word."""
    nouns = _nouns()
    found = [n for n in nouns.senses.get(noun, ()) if nouns.kinds[n] in PHYSICAL or noun in words("seen")]
    if not found and " " in noun and noun not in nouns.senses:
        return _senses(noun.rpartition(" ")[2])
    return tuple(found[:SENSES])


# a plant or animal is also its food, a wood its tree, and two senses of one being are near enough
_ALSO = frozenset(("ve", "ae", "ea", "sv", "aa", "pp", "vv"))


@lru_cache(1 << 16)
def _main(noun: str) -> tuple[int, ...]:
    """The senses that say what a noun names in a caption: the first, and what goes with it.

    A "cat" is no guy and a "chair" no chairman: the other senses join unlike things.
    """
    kinds, found = _nouns().kinds, _senses(noun)
    if noun.rpartition(" ")[2] in words("inanimate"):
        found = tuple(n for n in found if kinds[n] not in ANIMATE)
    elif noun in words("male") or noun in words("female"):
        found = tuple(n for n in found if kinds[n] == "p")
    return (*found[:1], *(n for n in found[1:] if kinds[found[0]] + kinds[n] in _ALSO))


def _synonymous(a: str, b: str) -> bool:
    """Whether what `a` names is among the first senses of `b`; no animal is so a person."""
    shared = set(_main(a)) & set(_senses(b)[:2])
    return any(_nouns().kinds[n] != "p" or kind(b) == "p" for n in shared)


@lru_cache(1 << 16)
def _ancestors(noun: str, levels: int) -> frozenset[int]:
    """The synsets that say what a noun names, and those up to `levels` above."""
    parents = _nouns().parents
    layer = set(_main(noun))
    seen = set(layer)
    for _ in range(levels):
        layer = {int(p) for n in layer if parents[n] for p in parents[n].split(",")} - seen
        seen |= layer
    return frozenset(seen)


@lru_cache(1 << 16)
def same_thing(a: str, b: str) -> bool:
    """Whether two lower-case singular nouns can name one thing: equal, synonyms, or one a near hypernym of the other."""
    nouns = _nouns()
    if a == b:
        return True
    if (a, b) in pairs("not the same") or (a in words("male") and b in words("female")) or (a in words("female") and b in words("male")):
        return False
    if a.replace(" ", "") == b.replace(" ", ""):
        return True  # "bath room"
    if (a, b) in pairs("aliases") or (a, b) in pairs("kinds of things"):
        return True
    known = (a in nouns.senses or " " not in a) and (b in nouns.senses or " " not in b)
    if known and (_synonymous(a, b) or _synonymous(b, a)):
        return True
    return _is_a(a, b) or _is_a(b, a)


@lru_cache(1 << 16)
def places(noun: str) -> tuple[frozenset[int], frozenset[int]]:
    """Synsets of a single word's senses, and those that say what it names with all near or general kinds above.

    Two different words can be `same_thing` only if the senses of one meet what the other names, or a list of ours joins them.
    """
    return frozenset(_senses(noun)), _ancestors(noun, max(LEVELS, GENERAL_LEVELS))


def _is_a(noun: str, kind: str) -> bool:
    """Whether `kind` is `noun`'s synonym or an ancestor near enough."""
    if kind in words("vague kinds"):
        return False
    if " " in noun and noun.endswith(f" {kind}") and noun not in _nouns().senses:
        return True  # "tennis player" is a player
    if kind not in _nouns().senses:
        return False
    levels = GENERAL_LEVELS if kind in words("general kinds") else LEVELS
    senses = _senses(kind) if kind in words("general kinds") else _senses(kind)[:2]
    return not _ancestors(noun, levels).isdisjoint(senses)


def synonyms(noun: str) -> frozenset[str]:
    """Words that share a physical synset with the noun, and its aliases; without the noun itself."""
    found = {word for n in _senses(noun) for word in _words(n)} | {b for a, b in pairs("aliases") if a == noun}
    return frozenset(found - {noun})


def _words(number: int) -> list[str]:
    return [name.partition(":")[0] for name in _nouns().words[number].split("|") if name]


def hypernyms(noun: str, levels: int = LEVELS) -> frozenset[str]:
    """Words for the kinds of thing that the noun is one of, up to `levels` above it."""
    return frozenset(word for n in _ancestors(noun, levels) - set(_main(noun)) for word in _words(n))


@lru_cache(1 << 16)
def is_physical(noun: str) -> bool:
    """Whether the noun can name something visible; a word that WordNet does not know is taken to."""
    nouns = _nouns()
    if noun in words("seen") or noun in words("not physical"):
        return noun in words("seen")
    senses = nouns.senses.get(noun)
    if senses is None:
        return noun not in nouns.abstract if " " not in noun else is_physical(noun.rpartition(" ")[2])
    return nouns.first[noun] < FIRST and any(nouns.kinds[n] in PHYSICAL for n in senses)


def can_be_physical(noun: str) -> bool:
    """Whether any sense of the noun, however rare, names something visible."""
    last = noun.rpartition(" ")[2]
    return noun in _nouns().senses or last in _nouns().senses or is_physical(noun)


@lru_cache(1 << 16)
def is_animate(noun: str) -> bool:
    """Whether the noun's commonest physical sense is a person or an animal."""
    if noun in words("animate groups"):
        return True
    return kind(noun) in ANIMATE


@lru_cache(1 << 16)
def kind(noun: str) -> str:
    """WordNet's file of the commonest physical sense, as one letter; "" for a word without one.

    a animal, p person, f artifact, e food, b body, o object, l place, v plant, s substance, g group, h phenomenon, t none of these.
    """
    if noun.rpartition(" ")[2] in words("inanimate"):
        return "f"
    if noun.rpartition(" ")[2] in words("eaten"):
        return "e"
    senses = _senses(noun)
    letter = _nouns().kinds[senses[0]] if senses else ""
    return _TOPS.get(noun, letter) if letter == "t" else letter


@lru_cache(1)
def collocations() -> frozenset[str]:
    """All names of physical things that have several words and no preposition."""
    return frozenset(
        word
        for word, senses in _nouns().senses.items()
        if " " in word and word.isascii() and any(_nouns().kinds[n] in PHYSICAL for n in senses) and not _LINKS.search(word)
    )


def is_noun(word: str) -> bool:
    """Whether WordNet knows the lower-case singular word, or collocation, as a noun."""
    nouns = _nouns()
    return word in nouns.senses or word in nouns.abstract


@lru_cache(1 << 16)
def singular(word: str) -> str:
    """The singular of a lower-case noun; the word itself when it is no plural."""
    head, space, last = word.rpartition(" ")
    return f"{head}{space}{_singular(last)}"


def _singular(word: str) -> str:
    nouns = _nouns()
    if word in mapping("plurals"):
        return mapping("plurals")[word]
    if word in words("invariant") or len(word) < 3:
        return word
    if word in nouns.irregular and word not in nouns.senses:
        return nouns.irregular[word]
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    for ending, replacement in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")):
        if word.endswith(ending):
            stem = word[: -len(ending)] + replacement
            if is_noun(stem) and len(stem) > 1 and (ending != "es" or stem.endswith(("s", "x", "z", "ch", "sh", "o"))):
                return stem
    if is_noun(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes", "zzes")) else word[:-1]


def _participle_of(verb: str, word: str) -> bool:
    """Whether a word is the verb's regular participle: "cross" and "crossed", "stretch" and "stretched out"."""
    first, _, rest = word.partition(" ")
    lemma, _, particle = verb.partition(" ")
    if len(lemma) < 3 or not first.startswith(lemma[:-1]) or (particle and particle != rest):
        return False
    return first in (f"{lemma}ed", f"{lemma}d", f"{lemma}{lemma[-1]}ed") or first == f"{lemma[:-1]}ied"


@lru_cache(1 << 16)
def same_property(a: str, b: str) -> bool:
    """Whether two lower-case values say the same property: equal, one spelling of the other, or synonyms."""
    if a == b:
        return True
    if (a, b) in pairs("opposite"):
        return False
    if (a, b) in pairs("same property") or a.replace("-", " ") == b.replace("-", " "):
        return True
    if _participle_of(a, b) or _participle_of(b, a):
        return True
    table = _adjectives()
    return not table.get(a, frozenset()).isdisjoint(table.get(b, frozenset()))
