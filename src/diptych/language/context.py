"""Function words, and what stands around a token: the part of tagging that looks at neighbours."""

from collections.abc import Callable
from functools import lru_cache

from diptych.language.lexicon import Reading, readings
from diptych.language.lists import mapping, words
from diptych.language.tokens import Token

NOUN = ("N", "NS")


Readings = dict[str, Reading]


def _function_words() -> dict[str, str]:
    table = {"that": "W", "'s": "POS", "her": "PO", "can": "MD"}
    for tag, row in mapping("function words").items():
        for word in row.split(", "):
            table.setdefault(word, tag)
    return table


FUNCTION = _function_words()


@lru_cache(1 << 14)
def likely(word: str) -> frozenset[str]:
    """The tags of a word without those far rarer than the commonest."""
    own = readings(word)
    most = max(reading.weight for reading in own.values())
    return frozenset(tag for tag, reading in own.items() if reading.weight > most - 6)


def word_at(tokens: list[Token], index: int) -> str:
    """The word there, "" past the end."""
    return tokens[index].word if index < len(tokens) else ""


def tags_ahead(tokens: list[Token], options: list[Readings], index: int) -> frozenset[str]:
    """The tags the next token can have; adverbs are looked through, once."""
    for at in (index + 1, index + 2):
        if at >= len(tokens):
            return frozenset(("END",))
        token = tokens[at]
        if not token.tag and token.word not in FUNCTION:
            if at == index + 1 and set(options[at]) == {"R"}:
                continue
            return likely(token.word)
        found = token.tag or FUNCTION[token.word]
        if found == "R" and at == index + 1:
            continue
        if found in ("SKIP", "VOID"):
            return frozenset(("P",))
        return frozenset((found,))
    return frozenset(("R",))


def index_behind(tokens: list[Token], index: int) -> int:
    """Where the last token before, adverbs not counted, stands; -1 for none."""
    at = index - 1
    while at >= 0 and tokens[at].tag == "R":
        at -= 1
    return at


def is_nominal(ahead: frozenset[str]) -> bool:
    """Whether a noun phrase can go on or begin here."""
    return not ahead.isdisjoint(("N", "NS", "J", "QUOTE"))


def first_of(own: Readings, wanted: tuple[str, ...]) -> str:
    """The first of the wanted tags that the word can have; "" for none."""
    return next((tag for tag in wanted if tag in own), "")


def weight_of(own: Readings, *tags: str) -> int:
    """The largest weight under these tags; -9 for none."""
    return max((own[tag].weight for tag in tags if tag in own), default=-9)


def _clitic(tokens: list[Token], options: list[Readings], index: int) -> str:
    before = tokens[index - 1].tag if index else ""
    ahead = tags_ahead(tokens, options, index)
    if before in ("PRON", "EX", "W", "R", "") or not ahead.isdisjoint(("D", "VG", "P", "BE", "END", "MARK", "PO")):
        return "POS" if before in NOUN and not ahead.isdisjoint(("N", "NS")) else "BE"
    return "POS"


def _that(tokens: list[Token], options: list[Readings], index: int) -> str:
    before = tokens[index_behind(tokens, index)].tag if index else ""
    ahead = tags_ahead(tokens, options, index)
    if before in (*NOUN, "PRON", "MARK") and not ahead.isdisjoint(
        ("BE", "HV", "MD", "VZ", "VD", "V", "DO", "D", "PRON", "NEG", "EX", "PO")
    ):
        return "W"
    if before in ("V", "VZ", "VG", "VD", "VN", "J"):
        return "S"
    return "D" if is_nominal(ahead) else "W" if before in NOUN else "PRON"


def _her(tokens: list[Token], options: list[Readings], index: int) -> str:
    ahead = tags_ahead(tokens, options, index)
    return "PO" if is_nominal(ahead) or (not ahead.isdisjoint(("VN", "VG", "Q")) and "P" not in ahead) else "PRON"


def _this(tokens: list[Token], options: list[Readings], index: int) -> str:
    return "D" if not tags_ahead(tokens, options, index).isdisjoint(("N", "NS", "J", "VN", "VG", "Q")) else "PRON"


def _to(tokens: list[Token], options: list[Readings], index: int) -> str:
    following = options[index + 1] if index + 1 < len(tokens) else {}
    if index + 1 < len(tokens) and FUNCTION.get(tokens[index + 1].word) in ("BE", "HV", "DO"):
        return "TO"
    if "V" not in following:
        return "P"
    if index + 2 < len(tokens) and FUNCTION.get(tokens[index + 2].word) in ("D", "PO", "PRON"):
        return "TO"
    if index and not words("trying").isdisjoint(reading.lemma for reading in options[index - 1].values()):
        return "TO"
    noun = max((following[tag].weight for tag in ("N", "NS") if tag in following), default=-1)
    return "TO" if following["V"].weight >= noun - 1 else "P"


def _there(tokens: list[Token], options: list[Readings], index: int) -> str:
    ahead = tags_ahead(tokens, options, index)
    verbs = ("appear", "appears", "seem", "seems", "'s")
    return "EX" if not ahead.isdisjoint(("BE", "MD", "HV")) or (index + 1 < len(tokens) and tokens[index + 1].word in verbs) else "R"


def _can(tokens: list[Token], options: list[Readings], index: int) -> str:
    before = tokens[index - 1] if index else None
    verb = not tags_ahead(tokens, options, index).isdisjoint(("V", "BE", "HV"))
    if before and before.word == "one" and verb:
        return "MD"
    return "N" if (before and before.tag in ("D", "J", "Q", "PO")) or (before and before.tag == "N" and not verb) else "MD"


def _all(tokens: list[Token], options: list[Readings], index: int) -> str:
    floating = index > 0 and tokens[index - 1].tag in ("BE", "PRON", "NS", "HV")
    ahead = tags_ahead(tokens, options, index)
    apart = index > 0 and tokens[index - 1].word == "," and "VG" in ahead  # ", both wearing .."
    return "R" if floating or apart else "D"


_SPECIAL: dict[str, Callable[[list[Token], list[Readings], int], str]] = {
    "'s": _clitic,
    "that": _that,
    "her": _her,
    "this": _this,
    "these": _this,
    "those": _this,
    "to": _to,
    "there": _there,
    "can": _can,
    "all": _all,
    "both": _all,
    "each": _all,
}


def function_tag(tokens: list[Token], options: list[Readings], index: int) -> str:
    """The tag of a function word, from its neighbours where it has several."""
    word = tokens[index].word
    special = _SPECIAL.get(word)
    return special(tokens, options, index) if special else FUNCTION[word]
