"""Word forms for writing: articles, plurals, number words, verb forms."""

import re
from functools import lru_cache

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SOUNDED_VOWEL = ("hour", "honest", "heir", "x-ray", "mp3")  # written with a consonant, spoken with a vowel
_SOUNDED_CONSONANT = ("uni", "use", "usu", "uten", "eu", "ewe", "one-", "one ", "once", "ubiq", "urin", "ukulele", "u-", "ura")
_SOUNDED_ANYWAY = ("unin", "unim", "unid")  # "unimpressed" is un-impressed
_PLURALS = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "mouse": "mice", "goose": "geese", "foot": "feet",
    "tooth": "teeth", "ox": "oxen", "die": "dice", "leaf": "leaves", "loaf": "loaves", "knife": "knives", "wolf": "wolves",
    "shelf": "shelves", "half": "halves", "calf": "calves", "scarf": "scarves", "hoof": "hooves", "elf": "elves", "wife": "wives",
    "thief": "thieves", "life": "lives", "cactus": "cacti", "potato": "potatoes", "tomato": "tomatoes", "hero": "heroes",
    "mango": "mangoes", "bus": "buses", "gas": "gases", "lens": "lenses", "iris": "irises", "fry": "fries", "quiz": "quizzes",
    "volcano": "volcanoes", "torpedo": "torpedoes", "domino": "dominoes", "echo": "echoes",
}  # fmt: skip
# one form for one and for many
_SAME_PLURAL = frozenset(("sheep", "deer", "fish", "aircraft", "series", "species", "graffiti", "luggage", "broccoli", "furniture"))
# a plural form that names one thing
ALWAYS_PLURAL = frozenset(
    ("clothes", "pants", "jeans", "shorts", "scissors", "glasses", "sunglasses", "eyeglasses", "binoculars", "goggles", "headphones",
     "tongs", "pajamas", "trousers", "leggings", "overalls", "tights", "pliers", "goods", "groceries", "suds", "earbuds", "people")
)  # fmt: skip
_THIRD = {"be": "is", "have": "has", "do": "does", "go": "goes"}
_ING = {"lie": "lying", "tie": "tying", "die": "dying", "be": "being", "dye": "dyeing", "singe": "singeing"}
_DOUBLED = frozenset(("begin", "control", "unzip", "unwrap", "outfit", "equip", "format"))
_SHORT = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]")  # one vowel, one consonant: "sit", "shred"


def article(word: str) -> str:
    """ "a" or "an", by how the word that follows sounds."""
    low = word.lower()
    if low.startswith(_SOUNDED_VOWEL) or low[:1] == "8" or (low.startswith(("11", "18")) and not low[2:3].isdigit()):
        return "an"
    if low.startswith(_SOUNDED_CONSONANT) and not low.startswith(_SOUNDED_ANYWAY):
        return "a"
    return "an" if low[:1] in "aeiou" and low else "a"


def number_word(count: int) -> str:
    """A word up to twelve, digits above."""
    return NUMBER_WORDS[count] if 0 <= count < len(NUMBER_WORDS) else str(count)


@lru_cache(65536)
def plural(noun: str) -> str:
    """The plural of a noun or compound, one that `singular` takes back to it wherever English has one."""
    head, space, last = noun.rpartition(" ")
    return f"{head}{space}{_plural(last)}"


def _plural(noun: str) -> str:
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun in _SAME_PLURAL or noun in ALWAYS_PLURAL:
        return noun
    if noun.endswith("man") and len(noun) > 4 and noun not in {"human", "german", "roman", "talisman", "ottoman"}:
        return f"{noun[:-3]}men"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def third(verb: str) -> str:
    """ "sleeps": the verb with a singular subject; only the first word changes ("look up" -> "looks up")."""
    first, space, rest = verb.partition(" ")
    if first in _THIRD:
        form = _THIRD[first]
    elif first.endswith(("s", "x", "z", "ch", "sh", "o")):
        form = f"{first}es"
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        form = f"{first[:-1]}ies"
    else:
        form = f"{first}s"
    return f"{form}{space}{rest}"


def ing(verb: str) -> str:
    """ "sleeping"; only the first word changes."""
    first, space, rest = verb.partition(" ")
    if first in _ING:
        form = _ING[first]
    elif _doubles(first):
        form = f"{first}{first[-1]}ing"
    elif first.endswith("e") and not first.endswith(("ee", "oe", "ye")):
        form = f"{first[:-1]}ing"
    else:
        form = f"{first}ing"
    return f"{form}{space}{rest}"


def _doubles(verb: str) -> bool:
    return verb in _DOUBLED or _SHORT.fullmatch(verb) is not None


def past(verb: str) -> str:
    """The regular past participle of one word: "parked"."""
    if _doubles(verb):
        return f"{verb}{verb[-1]}ed"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


def is_plural_only(noun: str) -> bool:
    """Whether the noun takes a plural verb and no article though it names one thing: "jeans"."""
    return noun.rpartition(" ")[2] in ALWAYS_PLURAL
