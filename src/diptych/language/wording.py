"""Noun phrases and predicates in words."""

# Note: the realiser's phrases live in wording.py; phrases.py is the parser's.

from collections.abc import Sequence
from functools import lru_cache

from diptych.language.inflect import article, ing, is_plural_only, number_word, past, plural, third
from diptych.language.lexicon import readings
from diptych.language.meaning import hue
from diptych.language.predicates import PREPOSITIONS
from diptych.language.wordnet import is_animate, singular

# verbs that a thing does by itself: "sleeping"; of others an attribute tells what was done to it: "parked"
ACTIVITIES = frozenset(
    (
        "sit", "stand", "lie", "sleep", "run", "walk", "jump", "fly", "play", "eat", "drink", "smile", "laugh", "swim", "surf", "ski",
        "skate", "skateboard", "snowboard", "wait", "talk", "read", "graze", "float", "rest", "kneel", "squat", "crouch", "dance", "sing",
        "work", "look", "pose", "travel", "drive", "sail", "lean", "nap", "bark", "yawn", "kick", "dive", "climb", "hike", "jog", "race",
        "land", "hover", "glow", "burn", "cry", "wink", "shine", "bloom", "grow", "move", "hang", "relax", "chat", "perform", "study",
        "march", "roll", "spin", "slide", "row", "wander", "stroll", "glide", "soar", "perch", "sniff", "growl", "cheer", "crawl", "hop",
        "swing", "stare", "watch", "face", "rise", "blow", "wave", "ride", "bend", "flow", "drip", "melt", "approach", "pass", "come", "go",
    )
)  # fmt: skip
_TO_THINGS = frozenset(("eat", "drink", "read", "drive", "ride", "kick", "watch", "study", "climb", "pass", "burn", "bend", "play"))
_PARTICIPLES = {
    "break": "broken", "wear": "worn",
    "write": "written", "tear": "torn", "freeze": "frozen", "bear": "born", "see": "seen", "eat": "eaten",
    "give": "given", "drink": "drunk", "drive": "driven", "ride": "ridden", "bend": "bent", "read": "read",
     "take": "taken", "draw": "drawn", "throw": "thrown", "know": "known", "show": "shown", "hide": "hidden",
    "build": "built", "spend": "spent", "send": "sent", "make": "made", "cut": "cut", "set": "set", "put": "put", "shut": "shut",
    "spread": "spread", "split": "split", "hold": "held", "light": "lit", "bind": "bound", "find": "found", "wind": "wound", "feed": "fed",
    "lead": "led", "sew": "sewn", "saw": "sawn", "stick": "stuck", "catch": "caught", "teach": "taught", "buy": "bought", "sell": "sold",
    "tell": "told", "do": "done", "leave": "left", "lose": "lost", "keep": "kept", "sweep": "swept", "weave": "woven", "steal": "stolen",
    "choose": "chosen", "win": "won", "dig": "dug", "bite": "bitten", "beat": "beaten", "lay": "laid", "pay": "paid", "say": "said",
    "string": "strung",
}  # fmt: skip
# with a preposition these are passive: "cover with"
_DONE = frozenset(
    ("top", "cover", "fill", "surround", "park", "decorate", "place", "attach", "stack", "mount", "load", "pack", "display", "locate",
     "position", "arrange", "make", "paint", "line", "wrap", "tie", "equip", "adorn", "garnish", "dress", "seat", "serve", "slice", "write",
     "print", "put", "connect", "light", "plug", "situate", "scatter", "spread", "coat", "build", "tuck", "dock", "moor", "gather", "crowd",
     "strap", "chain", "lock", "label", "litter", "frame", "flank", "border", "divide", "separate", "cut", "prepare", "pile", "lay",
     "set", "post", "plant", "draw", "engrave", "carve", "house", "furnish", "clad", "engage", "involve", "pull", "tether", "curl")
)  # fmt: skip
_SIZES = frozenset(
    ("tiny", "small", "little", "mini", "miniature", "medium", "medium-sized", "large", "big", "huge", "giant", "enormous", "tall", "short",
     "long", "wide", "narrow", "thick", "thin")
)  # fmt: skip
_AGES = frozenset(("young", "old", "new", "elderly", "ancient", "vintage", "modern", "antique"))
_SHAPES = frozenset(("round", "square", "rectangular", "oval", "circular", "triangular", "flat", "curved", "spherical", "straight"))
_MATERIALS = frozenset(
    ("wooden", "wood", "metal", "metallic", "plastic", "glass", "stone", "brick", "concrete", "leather", "paper", "rubber", "ceramic",
     "marble", "steel")
)  # fmt: skip
_SURFACES = frozenset(("matte", "shiny", "striped", "checkered", "patterned", "plain", "spotted", "polka-dot", "floral", "glossy"))
# adjectives that cannot stand before a noun
_AFTER = frozenset(("asleep", "awake", "alone", "afloat", "alive", "aglow", "ajar", "alike", "upside-down", "outdoors", "indoors"))
_LONG = {"left of": "to the left of", "right of": "to the right of"}


def order(value: str) -> int:
    """Where English puts an adjective: opinion, size, age, state, shape, colour, surface, material."""
    if value in _SIZES:
        return 1
    if value in _AGES:
        return 2
    if is_verb(value):
        return 3
    if value in _SHAPES:
        return 4
    if hue(value) or hue(value.rpartition(" ")[2]):
        return 6
    if value in _SURFACES:
        return 5
    return 7 if value in _MATERIALS else 0


@lru_cache(65536)
def is_verb(value: str) -> bool:
    """Whether the attribute is a verb's base form: "sleep", "look up", "park"."""
    first = value.partition(" ")[0]
    if first in ACTIVITIES:
        return True
    known = readings(first)
    return "V" in known and "J" not in known and known["V"].lemma == first


def follows(value: str) -> bool:
    """Whether the attribute stands after its noun: "a cat that is asleep", "a man looking up"."""
    return value in _AFTER or (" " in value and is_verb(value)) or value.partition(" ")[0] in PREPOSITIONS


@lru_cache(65536)
def adjective(value: str, noun: str = "") -> str:
    """The attribute as it is written with a noun; verbs as participles: an eating man, an eaten sandwich."""
    if value in _AFTER or not is_verb(value):
        return value
    verb = value.partition(" ")[0]
    does = verb in ACTIVITIES and not (verb in _TO_THINGS and noun and not is_animate(noun))
    return ing(value) if does else participle(value)


def is_many(count: int | None, at_least: int | None) -> bool:
    """Whether the noun is plural."""
    return (count if count is not None else at_least or 1) != 1


@lru_cache(65536)
def is_plural_form(noun: str) -> bool:
    """Whether the noun looks plural by itself: "jeans", "french fries"."""
    last = noun.rpartition(" ")[2]
    return is_plural_only(noun) or (last.endswith("s") and singular(last) != last)


def noun_form(noun: str, many: bool) -> str:
    """Singular or plural."""
    return plural(noun) if many and not is_plural_form(noun) else noun


def determiner(count: int | None, at_least: int | None, following: str, noun: str) -> str:
    """What stands before the phrase, with its space: "a ", "two ", "at least three ", nothing."""
    if count == 1:
        return "" if is_plural_form(noun) else f"{article(following)} "
    if count is not None:
        return f"{number_word(count)} "
    return "" if (at_least or 1) <= 2 else f"at least {number_word(at_least or 1)} "


def after_noun(value: str, many: bool) -> str:
    """ "looking up", "that is asleep"."""
    return f"that {'are' if many else 'is'} {value}" if value in _AFTER else adjective(value)


def noun_phrase(noun: str, values: Sequence[str] = (), *, count: int | None = 1, at_least: int | None = None) -> str:
    """ "a small red ball", "two men looking up"."""
    many = is_many(count, at_least)
    ordered = [v for v in sorted(values, key=order) if not follows(v)]
    words = [adjective(v, noun) for v in ordered]
    before = [f"and {word}" if at and hue(word) and hue(words[at - 1]) else word for at, word in enumerate(words)]
    after = [after_noun(v, many or is_plural_form(noun)) for v in values if follows(v)]
    phrase = [*before, noun_form(noun, many), *after]
    return determiner(count, at_least, phrase[0], noun) + " ".join(phrase)


@lru_cache(65536)
def predicate_phrase(predicate: str, *, long: bool = False) -> str:
    """As it follows a noun: "left of", "sleeping on", "wearing"; `long`: "to the left of"."""
    if is_preposition(predicate):
        return _LONG.get(predicate, predicate) if long else predicate
    return participle(predicate) if is_passive(predicate) else ing(predicate)


def participle(verb: str) -> str:
    """ "parked on": only the first word changes."""
    first, space, rest = verb.partition(" ")
    return f"{_PARTICIPLES.get(first) or past(first)}{space}{rest}"


@lru_cache(65536)
def is_passive(predicate: str) -> bool:
    """Whether the predicate tells what was done to its subject: "cover with" is "is covered with"."""
    verb, _, preposition = predicate.partition(" ")
    return verb in _DONE and preposition in PREPOSITIONS


@lru_cache(65536)
def is_preposition(predicate: str) -> bool:
    """Whether the predicate has no verb of its own."""
    return predicate in PREPOSITIONS or predicate.partition(" ")[0] in PREPOSITIONS or predicate.partition(" ")[0].endswith(("ed", "ing"))


def needs_be(predicate: str) -> bool:
    """Whether the predicate needs "is" to make a sentence."""
    return is_preposition(predicate) or is_passive(predicate)


def verb_phrase(predicate: str, many: bool, *, long: bool = False) -> str:
    """As it makes a sentence: "is left of", "sleep on", "wears"."""
    if needs_be(predicate):
        return f"{'are' if many else 'is'} {predicate_phrase(predicate, long=long)}"
    return predicate if many else third(predicate)
