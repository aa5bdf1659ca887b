"""One tag for every token, by possible tags and the words around: rules for the language of captions.

Tags beyond the lexicon's: D determiner, PO possessive, Q number or quantity, P preposition, C and/or, S while/as, W who/which/that,
PRON, BE, HV, DO, MD, NEG, TO, EX (there), POS ('s), QUOTE, MARK. A participle before its noun is tagged J with the value as lemma.
"""

from collections.abc import Callable
from functools import lru_cache

from diptych.language.lexicon import Reading, readings
from diptych.language.lists import mapping, words
from diptych.language.tokens import Token
from diptych.language.wordnet import is_animate

NOUN = ("N", "NS")
_LOOSE = frozenset(("START", ",", "S", "P", "V", "VZ", "VD", "VG", "VN", "C", "HV", "PRON", "W"))


def _function_words() -> dict[str, str]:
    table = {"that": "W", "'s": "POS", "her": "PO", "can": "MD"}
    for tag, row in mapping("function words").items():
        for word in row.split(", "):
            table.setdefault(word, tag)
    return table


_FUNCTION = _function_words()
Readings = dict[str, Reading]


def tag(tokens: list[Token]) -> None:
    """Fill in `tag` and `lemma` of tokens that have none; tokens already tagged stay."""
    options: list[Readings] = [{} if t.tag or t.word in _FUNCTION else readings(t.word) for t in tokens]
    for index, token in enumerate(tokens):
        if token.tag:
            token.lemma = token.lemma or token.word
        elif token.word in _FUNCTION:
            token.tag, token.lemma = _function(tokens, options, index), token.word
        elif token.word in words("shades") and _word(tokens, index + 1) in words("colours"):
            token.tag, token.lemma = "J", token.word
        elif len(options[index]) == 1:
            ((token.tag, reading),) = options[index].items()
            token.lemma = reading.lemma
            if token.tag in ("VN", "VG"):
                token.tag = _open(tokens, options, index)
                token.lemma = token.word if token.tag == "N" else token.lemma
        else:
            token.tag = _open(tokens, options, index)
            token.lemma = options[index][token.tag].lemma if token.tag in options[index] else token.word
        if token.tag == "J" and "J" not in options[index] and options[index]:
            token.lemma = options[index][_first(options[index], ("VN", "VG", "VD")) or next(iter(options[index]))].lemma


def _function(tokens: list[Token], options: list[Readings], index: int) -> str:
    word = tokens[index].word
    special = _SPECIAL.get(word)
    return special(tokens, options, index) if special else _FUNCTION[word]


def _word(tokens: list[Token], index: int) -> str:
    return tokens[index].word if index < len(tokens) else ""


def _ahead(tokens: list[Token], options: list[Readings], index: int) -> frozenset[str]:
    """The tags the next token can have; adverbs are looked through, once."""
    for at in (index + 1, index + 2):
        if at >= len(tokens):
            return frozenset(("END",))
        token = tokens[at]
        if not token.tag and token.word not in _FUNCTION:
            if at == index + 1 and set(options[at]) == {"R"}:
                continue
            return _likely(token.word)
        found = token.tag or _FUNCTION[token.word]
        if found == "R" and at == index + 1:
            continue
        if found in ("SKIP", "VOID"):
            return frozenset(("P",))
        return frozenset((found,))
    return frozenset(("R",))


@lru_cache(1 << 14)
def _likely(word: str) -> frozenset[str]:
    """The tags of a word without those far rarer than the commonest."""
    own = readings(word)
    most = max(reading.weight for reading in own.values())
    return frozenset(tag for tag, reading in own.items() if reading.weight > most - 6)


def _behind(tokens: list[Token], index: int) -> int:
    """Where the last token before, adverbs not counted, stands; -1 for none."""
    at = index - 1
    while at >= 0 and tokens[at].tag == "R":
        at -= 1
    return at


def _nominal(ahead: frozenset[str]) -> bool:
    return not ahead.isdisjoint(("N", "NS", "J", "QUOTE"))


def _clitic(tokens: list[Token], options: list[Readings], index: int) -> str:
    before = tokens[index - 1].tag if index else ""
    ahead = _ahead(tokens, options, index)
    if before in ("PRON", "EX", "W", "R", "") or not ahead.isdisjoint(("D", "VG", "P", "BE", "END", "MARK", "PO")):
        return "POS" if before in NOUN and not ahead.isdisjoint(("N", "NS")) else "BE"
    return "POS"


def _that(tokens: list[Token], options: list[Readings], index: int) -> str:
    before = tokens[_behind(tokens, index)].tag if index else ""
    ahead = _ahead(tokens, options, index)
    if before in (*NOUN, "PRON", "MARK") and not ahead.isdisjoint(
        ("BE", "HV", "MD", "VZ", "VD", "V", "DO", "D", "PRON", "NEG", "EX", "PO")
    ):
        return "W"
    if before in ("V", "VZ", "VG", "VD", "VN", "J"):
        return "S"
    return "D" if _nominal(ahead) else "W" if before in NOUN else "PRON"


def _her(tokens: list[Token], options: list[Readings], index: int) -> str:
    ahead = _ahead(tokens, options, index)
    return "PO" if _nominal(ahead) or (not ahead.isdisjoint(("VN", "VG", "Q")) and "P" not in ahead) else "PRON"


def _this(tokens: list[Token], options: list[Readings], index: int) -> str:
    return "D" if not _ahead(tokens, options, index).isdisjoint(("N", "NS", "J", "VN", "VG", "Q")) else "PRON"


def _to(tokens: list[Token], options: list[Readings], index: int) -> str:
    following = options[index + 1] if index + 1 < len(tokens) else {}
    if index + 1 < len(tokens) and _FUNCTION.get(tokens[index + 1].word) in ("BE", "HV", "DO"):
        return "TO"
    if "V" not in following:
        return "P"
    noun = max((following[tag].weight for tag in ("N", "NS") if tag in following), default=-1)
    return "TO" if following["V"].weight >= noun - 1 else "P"


def _there(tokens: list[Token], options: list[Readings], index: int) -> str:
    ahead = _ahead(tokens, options, index)
    verbs = ("appear", "appears", "seem", "seems", "'s")
    return "EX" if not ahead.isdisjoint(("BE", "MD", "HV")) or (index + 1 < len(tokens) and tokens[index + 1].word in verbs) else "R"


def _can(tokens: list[Token], options: list[Readings], index: int) -> str:
    before = tokens[index - 1] if index else None
    verb = not _ahead(tokens, options, index).isdisjoint(("V", "BE", "HV"))
    return "N" if (before and before.tag in ("D", "J", "Q", "PO")) or (before and before.tag == "N" and not verb) else "MD"


def _all(tokens: list[Token], options: list[Readings], index: int) -> str:
    floating = index > 0 and tokens[index - 1].tag in ("BE", "PRON", "NS", "HV")
    return "R" if floating else "D"


_SPECIAL: dict[str, Callable[[list[Token], list[Readings], int], str]] = {
    "'s": _clitic, "that": _that, "her": _her, "this": _this, "these": _this, "those": _this, "to": _to, "there": _there, "can": _can, "all": _all, "both": _all, "each": _all,
}  # fmt: skip


def _open(tokens: list[Token], options: list[Readings], index: int) -> str:
    own, ahead = options[index], _ahead(tokens, options, index)
    at = _behind(tokens, index)
    before = tokens[at].tag if at >= 0 else "START"
    if before == "NEG":
        before = tokens[at - 1].tag if at else "START"
    if before == "SKIP":
        before = ","
    if before == "MARK":
        before = "START" if tokens[at].word not in ",-–—/" else ","
    if before in ("TO", "MD", "DO"):
        return "V" if "V" in own else _phrase(own, ahead, before, tokens, index)
    if before in NOUN:
        return _after_noun(own, ahead, tokens, index, at)
    if before == "BE":
        return _after_be(own, ahead, tokens, index)
    if before in ("PRON", "W", "EX"):
        return _first(own, ("VZ", "VD", "V", "VG", "VN")) or _phrase(own, ahead, before, tokens, index)
    if before == "C":
        return _after_and(own, ahead, tokens, index, at)
    if before == "HV" and "VN" in own and not _nominal(ahead):
        return "VN"
    return _phrase(own, ahead, before, tokens, index)


def _first(own: Readings, wanted: tuple[str, ...]) -> str:
    return next((tag for tag in wanted if tag in own), "")


def _weight(own: Readings, *tags: str) -> int:
    return max((own[tag].weight for tag in tags if tag in own), default=-9)


def _phrase(own: Readings, ahead: frozenset[str], before: str, tokens: list[Token], index: int) -> str:
    """Within or at the start of a noun phrase."""
    if (
        before in ("D", "PO", "J", "Q", "POS")
        and index + 1 < len(tokens)
        and not tokens[index + 1].tag
        and tokens[index + 1].word not in _FUNCTION
    ):
        ahead = frozenset(readings(tokens[index + 1].word))
    loose = before in _LOOSE
    participle = _first(own, ("VN", "VG"))
    if participle and not (_weight(own, "N", "NS") > _weight(own, "VG", "VN")):
        following = readings(_word(tokens, index + 1)) if index + 1 < len(tokens) else {}
        return _participle(own, ahead, before, participle, following[noun].lemma if (noun := _first(following, NOUN)) else "")
    if (
        before in ("P", "VG")
        and tokens[index].word in words("colours")
        and not _nominal(ahead - {"NS"})
        and _rather_verb(tokens, index + 1)
    ):
        return "N"  # "a woman in blue bends"
    if "J" in own and (_nominal(ahead) or _joined(tokens, index)):
        if _weight(own, "J") >= _weight(own, "N", "NS") - 1 or ("NS" in ahead and _weight(own, "J") >= 5):
            return "J"
    if loose and before not in ("P",) and "J" in own and _weight(own, "J") > _weight(own, "N", "NS") + 3:
        return "J"
    if loose and "R" in own and _weight(own, "R") > _weight(own, "N", "NS", "J"):
        return "R"
    if before == "P" and "P" in own:
        return "P"
    if "P" in own and _weight(own, "P") > 6:
        return "P"
    if "N" in own and "NS" in own:
        return "NS" if _determined(tokens, index - 1) == 2 or before in ("START", "C", ",") else "N"
    return _first(own, ("NS", "N", "J", "R")) or next(iter(own))


def _participle(own: Readings, ahead: frozenset[str], before: str, participle: str, following: str) -> str:
    """Before its noun an adjective, else a verb or a verbal noun."""
    loose = before in _LOOSE
    if (_nominal(ahead) and "V" not in ahead - {"N", "NS", "J"}) or (not loose and not ahead.isdisjoint(("N", "NS", "J", "VN", "VG"))):
        free = own[participle].lemma in words("free participles") or participle == "VN" or "J" in own
        if (
            participle == "VG"
            and not loose
            and own["VG"].lemma not in words("free participles")
            and following
            and not is_animate(following)
        ):
            return "N"  # "serving tray", "swimming pool"
        if not loose or free:
            return "J"
    if participle == "VN" and before == "Q" and not ahead.isdisjoint(("P", "TO")):
        return "VN"
    if loose:
        return participle if participle == "VG" or "VD" not in own or ahead.isdisjoint(("D", "PO", "PRON")) else "VD"
    return _first(own, ("N", "J")) or ("J" if participle == "VN" else "VG")


def _rather_verb(tokens: list[Token], index: int) -> bool:
    own = readings(_word(tokens, index)) if index < len(tokens) and not tokens[index].tag and tokens[index].word not in _FUNCTION else {}
    return "VZ" in own and own["VZ"].weight >= _weight(own, "NS")


def _joined(tokens: list[Token], index: int) -> bool:
    """Whether "and" or a comma and another adjective follow: "black and white dog"."""
    if index + 2 >= len(tokens) or tokens[index + 1].word not in ("and", ",", "or", "/", "&"):
        return False
    at = index + 2 + (tokens[index + 2].word == "and")
    return at < len(tokens) and "J" in _likely(tokens[at].word) and "NS" not in _likely(tokens[at].word)


def _after_noun(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int, at: int) -> str:
    noun, verb = _first(own, NOUN), _first(own, ("VG", "VZ", "V", "VN", "VD"))
    if verb == "VG":
        opens = not ahead.isdisjoint(("D", "PO", "PRON", "Q"))
        return "VG" if opens or not noun or _weight(own, "VG") > _weight(own, noun) else noun
    if verb in ("VN", "VD"):
        if noun and _weight(own, noun) > _weight(own, verb):
            return noun
        past = "VD" in own and ("VN" not in own or not ahead.isdisjoint(("D", "PO", "PRON", "Q")))
        return "VD" if past else "VN" if "VN" in own else "VD"
    if verb and noun:
        return verb if _is_verb(own, ahead, tokens, index, at, verb, noun) else noun
    if verb:
        return verb
    if noun and "J" in own:
        return "J" if _weight(own, "J") > _weight(own, noun) else noun
    return noun or _first(own, ("J", "R", "P")) or next(iter(own))


def _is_verb(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int, at: int, verb: str, noun: str) -> bool:
    score = _weight(own, verb) - _weight(own, noun)
    single = _determined(tokens, at)
    if not ahead.isdisjoint(("D", "PO", "P", "PRON", "TO", "S")) or (ahead == {"R"}):
        score += 3
    if not ahead.isdisjoint(("BE", "VZ", "VD", "HV", "MD", "END", "MARK", "C", "POS")) and ahead.isdisjoint(("NS", "N")):
        score -= 4
    if verb == "VZ":
        score += 5 if single == 1 else -5 if single == 2 else 0
        score -= 2 * (tokens[at].tag == "NS")
    else:
        plural = (
            tokens[at].tag == "NS"
            or (tokens[at].word in words("animate groups") and own[verb].weight > 2)
            or (_coordinated(tokens, at) and own[verb].weight >= 5 and "END" not in ahead)
        )
        score += 6 if plural else -8
        score -= 3 * (index - at > 1 and not plural)
    return score > 0


def _determined(tokens: list[Token], at: int) -> int:
    """1 when the noun phrase that ends at `at` starts with a, this, one ..; 2 for two, several, these ..; 0 for neither."""
    while at >= 0 and tokens[at].tag in ("N", "J", "R", "NS"):
        if tokens[at].tag == "NS":
            return 0
        at -= 1
    if at < 0 or tokens[at].tag not in ("D", "Q"):
        return 0
    if tokens[at].word in ("a", "an", "one", "this", "that", "another", "each", "every", "1"):
        return 1
    return 2 if tokens[at].tag == "Q" or tokens[at].word in ("these", "those", "both") else 0


def _coordinated(tokens: list[Token], at: int) -> bool:
    """Whether "and" with another noun stands before the noun phrase that ends at `at`."""
    while at >= 0 and tokens[at].tag in ("N", "J", "D", "PO", "Q"):
        at -= 1
    return at > 0 and tokens[at].word == "and" and tokens[at - 1].tag in NOUN


def _after_be(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int) -> str:
    noun = _first(own, NOUN)
    if "VG" in own and (_weight(own, "VG") >= _weight(own, noun) or not ahead.isdisjoint(("D", "PO", "PRON"))):
        return "VG"
    if "VN" in own and _weight(own, "VN") >= _weight(own, noun) and ("J" not in own or not ahead.isdisjoint(("P", "TO"))):
        return "J" if _nominal(ahead) and "P" not in ahead else "VN"
    if "J" in own and (_weight(own, "J") >= _weight(own, noun) - 2 or _nominal(ahead)):
        return "J"
    if "R" in own and _weight(own, "R") > _weight(own, noun):
        return "R"
    return noun or _first(own, ("J", "VN", "VD", "R", "P")) or next(iter(own))


def _after_and(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int, at: int) -> str:
    """Like what stands before the "and", where that is possible."""
    before = tokens[at - 1].tag if at else "START"
    if before == "J" and "J" in own and _weight(own, "VN") <= _weight(own, "J") + 2:
        return "J"
    if "VZ" in own and "TO" in ahead:
        return "VZ"
    if before in NOUN or before in ("VG", "VZ", "V", "VD", "VN", "R", "P", "PRON"):
        used = {token.tag for token in tokens[max(0, at - 12) : at]}
        opens = not ahead.isdisjoint(("D", "PO", "PRON", "P", "TO", "R"))
        for form in ("VG", "VZ", "VD", "VN", "V"):
            if form in own and form in used and (opens or before == form) and _weight(own, form) >= _weight(own, "N", "NS") - 3:
                return form
        if ("VG" in own and "VG" in used) or ("VG" in own and opens and "P" not in ahead):
            return _phrase(own, ahead, ",", tokens, index)
    return _phrase(own, ahead, "START", tokens, index)
