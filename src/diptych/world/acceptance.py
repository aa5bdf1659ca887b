"""Whether the world's grammar could have said a text: the honest check of grammaticality for captions of models trained in the world."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from diptych.world.catalogue import CATEGORIES, COLOURS, MATERIALS, SIZES, WORDS
from diptych.world.grammar import article, plural
from diptych.world.phrasing import SETS, PhrasingSet

_TOKEN = re.compile(r"\w+|[^\w\s]")
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PREDICATES = ("left of", "right of", "on", "near", "next to", "below", "above", "behind", "in front of")
_VALUES = "(?:SIZE )?(?:MATERIAL )?(?:COLOUR )?"


def accepts(text: str, phrasings: PhrasingSet | None = None) -> bool:
    """Whether `grammar.say` could give this text in some style for some graph; of one set of phrasings, or of either.

    Exact but for case, spacing, a full stop at the end, and that it asks no scene: number words and plurals agree, a and an fit, verbs
    agree with what they go with, sentences stand in the order of a style. What is said may be false, or said twice: "a ball and a
    ball" is grammatical, and `measure.repetition` counts it.
    """
    tokens = _classed(_TOKEN.findall(text.casefold()))
    said = " ".join(tokens).removesuffix(" .")
    return any(_language(name).fullmatch(said) is not None for name in ((phrasings,) if phrasings else SETS))


def grammatical(texts: Iterable[str], phrasings: PhrasingSet | None = None) -> float:
    """Share of texts that the grammar accepts; nan of none."""
    found = [accepts(text, phrasings) for text in texts]
    return sum(found) / len(found) if found else float("nan")


def _classed(tokens: list[str]) -> list[str]:
    """Words of the catalogue replaced by their class in capitals; A for an article that fits the word after it."""
    classes, quoted = _classes(), {word.casefold() for word in WORDS}
    found: list[str] = []
    for place, token in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token in ("a", "an") and after and article(after) == f"{token} {after}":
            found.append("A")
        elif token in quoted and tokens[place - 1 : place] == ['"'] and after == '"':
            found.append("WORDS")
        else:
            found.append(classes.get(token, token))
    return found


@lru_cache(1)
def _classes() -> Mapping[str, str]:
    found: dict[str, str] = dict.fromkeys(_NUMBERS, "NUMBER")
    for name, values in (("SIZE", SIZES), ("MATERIAL", MATERIALS), ("COLOUR", COLOURS)):
        for value in values:
            said = {value, *(word for words in SETS.values() for word in words.values.get(value, ()))}
            found |= dict.fromkeys(said, name)
    for noun in {noun for category in CATEGORIES for noun in (category.noun, category.kind) if noun}:
        found |= {noun: "NOUN", plural(noun): "NOUNS"}
    return found


@lru_cache(2)
def _language(name: PhrasingSet) -> re.Pattern[str]:
    """All texts of one set of phrasings, as `_classed` writes them."""
    words = SETS[name]
    quote = f"(?: {_any(_filled(words.written, n='', w='WORDS'))})?"
    several = _any(_filled(words.several, n=f"{_VALUES}NOUNS"))
    one = f"A {_VALUES}NOUN{quote}"
    many = f"(?:NUMBER {_VALUES}NOUNS|{several}){quote}"
    again = "the (?:(?:SIZE|MATERIAL|COLOUR) )*"
    subjects = {"is": f"(?:{one}|{again}NOUN)", "are": f"(?:{many}|{again}NOUNS)"}
    anything = f"(?:{subjects['is']}|{subjects['are']})"
    thing = f"(?:{one}|{many})"
    rest = f"(?:(?: , {thing})* and {thing})"
    first = {"is": one, "are": many}
    predicate = _any({_said(p) for key in _PREDICATES for p in words.predicates.get(key, (key,))})

    def listing(templates: Iterable[str]) -> str:
        return _any(found for template in templates for found in _lists(_said(template), first, rest))

    def stating(templates: Iterable[str], value: str = "") -> str:
        made = ((_said(t), verb, s) for t in templates for verb, s in subjects.items())
        return _any(_put(t, s=s, p=predicate, o=anything, a=value, **{"is": verb}) for t, verb, s in made)

    related, shows = stating(words.related), listing((*words.shows, *words.also))
    said, read = stating(words.said, "(?:SIZE|MATERIAL|COLOUR)"), _any(_filled(words.read, w="WORDS"))
    brief = (*words.short, *words.alt, *words.region)
    inline = _any(
        _put(_said(t), list=_put(_said(words.inline), s=first[verb], p=predicate, o=thing, **{"is": verb}), **{"is": verb})
        for t in brief for verb in first
    )  # fmt: skip
    texts = (
        f"{listing(brief)}(?: \\. {related})*", inline, "A picture",
        f"{listing(words.shows)}(?: \\. {said})*(?: \\. {related})*(?: \\. {read})*",
        f"{related}(?: \\. {related})*(?: \\. {shows})?(?: \\. {read})*",
    )  # fmt: skip
    return re.compile(_any(texts))


def _lists(template: str, first: Mapping[str, str], rest: str) -> Iterable[str]:
    """A template with a list in it, its verb in agreement: with the first thing where the verb goes before, else with the list."""
    verb_last = 0 <= template.find("{list}") < template.find("{is}")
    for verb, thing in first.items():
        yield _put(template, list=thing, **{"is": verb})
        yield _put(template, list=f"{thing}{rest}", **{"is": "are" if verb_last else verb})


def _said(template: str) -> str:
    """A template as tokens, regular expression but for its places; its full stop is left to the text."""
    parts = re.split(r"(\{\w+\})", template.removesuffix("."))
    found: list[str] = []
    for part in parts:
        tokens = [part] if part.startswith("{") else [re.escape(token) for token in _classed(_TOKEN.findall(part.casefold()))]
        found += tokens
    return " ".join(found)


def _put(template: str, **parts: str) -> str:
    for name, part in parts.items():
        template = template.replace(f"{{{name}}}", part)
    return re.sub(" +", " ", template).strip()


def _filled(templates: Iterable[str], **parts: str) -> list[str]:
    return [_put(_said(template), **parts) for template in templates]


def _any(options: Iterable[str]) -> str:
    return f"(?:{'|'.join(dict.fromkeys(options))})"
