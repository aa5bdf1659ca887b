"""Noun phrases and predicates in words."""

# Note: the realiser's phrases live in wording.py; phrases.py is the parser's.

from collections.abc import Sequence
from functools import lru_cache

from diptych.language.inflect import article, ing, is_plural_only, number_word, plural, third
from diptych.language.meaning import hue
from diptych.language.predicates import PREPOSITIONS

# attributes that are verbs; they are written as participles
ACTIVITIES = frozenset(
    "sit stand lie sleep run walk jump fly play eat drink smile laugh swim surf ski skate skateboard snowboard wait talk read cook graze"
    " float rest kneel squat crouch dance sing work look pose travel drive sail bend lean nap bark yawn kick dive climb hike jog race"
    " land hover glow burn cry wink shine bloom grow move hang relax chat perform study write gather march stretch roll spin slide snow"
    " rain paddle row bike cycle shop wander stroll glide soar perch moo sniff growl cheer crawl curl hop swing".split()
)
_SIZES = frozenset(
    "tiny small little mini miniature medium medium-sized large big huge giant enormous tall short long wide narrow thick thin".split()
)
_AGES = frozenset("young old new elderly ancient vintage modern antique".split())
_SHAPES = frozenset("round square rectangular oval circular triangular flat curved spherical cubic straight".split())
_MATERIALS = frozenset("wooden wood metal metallic plastic glass stone brick concrete leather paper rubber ceramic marble steel".split())
_SURFACES = frozenset("matte shiny striped checkered patterned plain spotted polka-dot floral glossy".split())
# adjectives that cannot stand before a noun
_AFTER = frozenset("asleep awake alone afloat alive aglow ajar alike upside-down outdoors indoors outside inside".split())
_LONG = {"left of": "to the left of", "right of": "to the right of"}
VAGUE = {2: "", 3: "several "}


def order(value: str) -> int:
    """Where English puts an adjective: opinion, size, age, state, shape, colour, surface, material."""
    if value in _SIZES:
        return 1
    if value in _AGES:
        return 2
    if is_activity(value):
        return 3
    if value in _SHAPES:
        return 4
    if hue(value) or hue(value.rpartition(" ")[2]):
        return 6
    if value in _SURFACES:
        return 5
    return 7 if value in _MATERIALS else 0


@lru_cache(65536)
def is_activity(value: str) -> bool:
    """Whether the attribute is a verb: "sleep", "look up"."""
    return value.partition(" ")[0] in ACTIVITIES


def follows(value: str) -> bool:
    """Whether the attribute stands after its noun: "a cat that is asleep", "a man looking up"."""
    return value in _AFTER or (" " in value and is_activity(value)) or value.partition(" ")[0] in PREPOSITIONS


def adjective(value: str) -> str:
    """The attribute as it is written with a noun."""
    if is_activity(value):
        return ing(value)
    return f"that is {value}" if value in _AFTER else value


def noun_form(noun: str, many: bool) -> str:
    """Singular or plural."""
    return plural(noun) if many else noun


def determiner(count: int | None, at_least: int | None, following: str, noun: str) -> str:
    """What stands before the phrase, with its space: "a ", "two ", "several ", nothing."""
    if count == 1:
        return "" if is_plural_only(noun) else f"{article(following)} "
    if count is not None:
        return f"{number_word(count)} "
    if at_least is None:
        return ""
    return VAGUE.get(at_least, f"at least {number_word(at_least)} ")


def noun_phrase(noun: str, values: Sequence[str] = (), *, count: int | None = 1, at_least: int | None = None) -> str:
    """ "a small red ball", "two men looking up"."""
    before = sorted((v for v in values if not follows(v)), key=order)
    after = [v for v in values if follows(v)]
    many = (count if count is not None else at_least or 0) != 1 and (count is not None or at_least is not None)
    words = [*(adjective(v) for v in before), noun_form(noun, many)]
    tail = "".join(f" {adjective(v).replace('that is', 'that are') if many else adjective(v)}" for v in after)
    return f"{determiner(count, at_least, words[0], noun)}{' '.join(words)}{tail}"


@lru_cache(65536)
def predicate_phrase(predicate: str, *, long: bool = False) -> str:
    """As it follows a noun: "left of", "sleeping on", "wearing"; `long`: "to the left of"."""
    if is_preposition(predicate):
        return _LONG.get(predicate, predicate) if long else predicate
    return ing(predicate)


@lru_cache(65536)
def is_preposition(predicate: str) -> bool:
    """Whether the predicate needs "is" to make a sentence."""
    return predicate in PREPOSITIONS or predicate.partition(" ")[0] in PREPOSITIONS or predicate.partition(" ")[0].endswith(("ed", "ing"))


def verb_phrase(predicate: str, many: bool, *, long: bool = False) -> str:
    """As it makes a sentence: "is left of", "sleep on", "wears"."""
    if is_preposition(predicate):
        return f"{'are' if many else 'is'} {predicate_phrase(predicate, long=long)}"
    return predicate if many else third(predicate)
