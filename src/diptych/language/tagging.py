"""One tag for every token, by possible tags and the words around: rules for the language of captions.

Tags beyond the lexicon's: D determiner, PO possessive, Q number or quantity, P preposition, C and/or, S while/as, W who/which/that,
PRON, BE, HV, DO, MD, NEG, TO, EX (there), POS ('s), QUOTE, MARK. A participle before its noun is tagged J with the value as lemma.
"""

from diptych.language.context import (
    FUNCTION,
    NOUN,
    Readings,
    first_of,
    function_tag,
    index_behind,
    is_nominal,
    likely,
    tags_ahead,
    weight_of,
    word_at,
)
from diptych.language.lexicon import readings
from diptych.language.lists import words
from diptych.language.numbers import exact
from diptych.language.tokens import Token
from diptych.language.wordnet import is_animate

_LOOSE = frozenset(("START", ",", "S", "P", "V", "VZ", "VD", "VG", "VN", "C", "HV", "PRON", "W"))


def tag(tokens: list[Token]) -> None:
    """Fill in `tag` and `lemma` of tokens that have none; tokens already tagged stay."""
    options: list[Readings] = [{} if t.tag or t.word in FUNCTION else readings(t.word) for t in tokens]
    for index, token in enumerate(tokens):
        if token.tag:
            token.lemma = token.lemma or token.word
        elif token.word in FUNCTION:
            token.tag, token.lemma = function_tag(tokens, options, index), token.word
        elif "-" in token.word and exact(token.word) is not None:
            token.tag, token.lemma = "Q", token.word
        elif token.word in words("shades") and word_at(tokens, index + 1) in words("colours"):
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
        if token.tag == "J" and options[index] and ("J" not in options[index] or _acting(options[index])):
            token.lemma = options[index][first_of(options[index], ("VG", "VN", "VD")) or next(iter(options[index]))].lemma


def _acting(own: Readings) -> bool:
    """Whether an adjective is the -ing form of something done: "sitting", not "charming"."""
    return "VG" in own and own["VG"].lemma in words("free participles")


def _open(tokens: list[Token], options: list[Readings], index: int) -> str:
    own, ahead = options[index], tags_ahead(tokens, options, index)
    if tokens[index].word == "back" and index and tokens[index - 1].tag == "PO" and ahead.isdisjoint(("N", "NS")):
        return "N"
    at = index_behind(tokens, index)
    before = tokens[at].tag if at >= 0 else "START"
    if before == "NEG":
        before = tokens[at - 1].tag if at else "START"
    if before == "SKIP":
        before = ","
    if before == "MARK":
        before = "START" if tokens[at].word not in ",-–—/" else ","
    if before == "P" and "VG" in own and tokens[at].word in words("particles") and at and tokens[at - 1].tag in NOUN:
        before = ","  # "holding a camera up taking pictures"
    if before == "P" and "VG" in own and tokens[at].word == "by" and at and tokens[at - 1].tag in (*NOUN, "PRON"):
        return "VG"  # "enjoying themselves by flying kites"
    if before in ("TO", "MD", "DO"):
        return "V" if "V" in own else _phrase(own, ahead, before, tokens, index)
    if before in NOUN:
        return _after_noun(own, ahead, tokens, index, at)
    if before == "BE":
        return _after_be(own, ahead, tokens, index)
    if before in ("PRON", "W", "EX"):
        return first_of(own, ("VZ", "VD", "V", "VG", "VN")) or _phrase(own, ahead, before, tokens, index)
    if before == "C":
        return _after_and(own, ahead, tokens, index, at)
    if before == "HV" and "VN" in own and not is_nominal(ahead):
        return "VN"
    return _phrase(own, ahead, before, tokens, index)


def _phrase(own: Readings, ahead: frozenset[str], before: str, tokens: list[Token], index: int) -> str:
    """Within or at the start of a noun phrase."""
    if (
        before in ("D", "PO", "J", "Q", "POS")
        and index + 1 < len(tokens)
        and not tokens[index + 1].tag
        and tokens[index + 1].word not in FUNCTION
    ):
        ahead = frozenset(readings(tokens[index + 1].word))
    loose = before in _LOOSE
    participle = first_of(own, ("VN", "VG"))
    if participle and not (weight_of(own, "N", "NS") > weight_of(own, "VG", "VN")):
        following = readings(word_at(tokens, index + 1)) if index + 1 < len(tokens) else {}
        return _participle(own, ahead, before, participle, following[noun].lemma if (noun := first_of(following, NOUN)) else "")
    if (
        before in ("P", "VG")
        and tokens[index].word in words("colours")
        and not is_nominal(ahead - {"NS"})
        and _rather_verb(tokens, index + 1)
    ):
        return "N"  # "a woman in blue bends"
    fits = weight_of(own, "J") >= weight_of(own, "N", "NS") - 1 or ("NS" in ahead and weight_of(own, "J") >= 5)
    if "J" in own and fits and (is_nominal(ahead) or _joined(tokens, index)):
        return "J"
    if loose and before not in ("P",) and "J" in own and weight_of(own, "J") > weight_of(own, "N", "NS") + 3:
        return "J"
    if loose and "R" in own and weight_of(own, "R") > weight_of(own, "N", "NS", "J"):
        return "R"
    if before == "P" and "P" in own:
        return "P"
    if "P" in own and weight_of(own, "P") > 6:
        return "P"
    if "N" in own and "NS" in own:
        return "NS" if _determined(tokens, index - 1) == 2 or before in ("START", "C", ",") else "N"
    return first_of(own, ("NS", "N", "J", "R")) or next(iter(own))


def _participle(own: Readings, ahead: frozenset[str], before: str, participle: str, following: str) -> str:
    """Before its noun an adjective, else a verb or a verbal noun."""
    loose = before in _LOOSE
    if (is_nominal(ahead) and "V" not in ahead - {"N", "NS", "J"}) or (not loose and not ahead.isdisjoint(("N", "NS", "J", "VN", "VG"))):
        free = own[participle].lemma in words("free participles") or participle == "VN"
        free = free or weight_of(own, "J") > own[participle].weight
        if (
            participle == "VG"
            and not loose
            and (own["VG"].lemma not in words("free participles") or own["VG"].lemma in words("purposes"))
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
    return first_of(own, ("N", "J")) or ("J" if participle == "VN" else "VG")


def _rather_verb(tokens: list[Token], index: int) -> bool:
    own = readings(word_at(tokens, index)) if index < len(tokens) and not tokens[index].tag and tokens[index].word not in FUNCTION else {}
    return "VZ" in own and own["VZ"].weight >= weight_of(own, "NS")


def _joined(tokens: list[Token], index: int) -> bool:
    """Whether "and" or a comma and another adjective follow: "black and white dog"."""
    if index + 2 >= len(tokens) or tokens[index + 1].word not in ("and", ",", "or", "/", "&"):
        return False
    at = index + 2 + (tokens[index + 2].word == "and")
    return at < len(tokens) and "J" in likely(tokens[at].word) and "NS" not in likely(tokens[at].word)


def _after_noun(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int, at: int) -> str:
    noun, verb = first_of(own, NOUN), first_of(own, ("VG", "VZ", "V", "VN", "VD"))
    if noun and word_at(tokens, index + 1) == "of":
        return noun
    if verb == "VG":
        opens = not ahead.isdisjoint(("D", "PO", "PRON", "Q"))
        return "VG" if opens or not noun or weight_of(own, "VG") > weight_of(own, noun) else noun
    if verb in ("VN", "VD"):
        if noun and weight_of(own, noun) > weight_of(own, verb):
            return noun
        past = "VD" in own and ("VN" not in own or not ahead.isdisjoint(("D", "PO", "PRON", "Q")))
        return "VD" if past else "VN" if "VN" in own else "VD"
    if verb and noun:
        return verb if _is_verb(own, ahead, tokens, index, at, verb=verb, noun=noun) else noun
    if verb:
        return "J" if verb == "V" and weight_of(own, "J") > weight_of(own, "V") else verb
    if noun and "J" in own:
        return "J" if weight_of(own, "J") > weight_of(own, noun) else noun
    return noun or first_of(own, ("J", "R", "P")) or next(iter(own))


def _is_verb(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int, at: int, *, verb: str, noun: str) -> bool:
    score = weight_of(own, verb) - weight_of(own, noun)
    single = _determined(tokens, at)
    if not ahead.isdisjoint(("D", "PO", "P", "PRON", "TO")) or ahead in ({"R"}, {"S"}):
        score += 3 if "S" not in ahead or weight_of(own, verb) >= 4 else 0
    if not ahead.isdisjoint(("BE", "VZ", "VD", "HV", "MD", "END", "MARK", "C", "POS")) and ahead.isdisjoint(("NS", "N")):
        score -= 4
    if verb == "VZ":
        bare = tokens[at].tag == "N" and at > 0 and tokens[at - 1].tag in ("HV", "VG", "VZ", "VD")
        score -= 4 * bare  # "have glass jars"
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
    noun = first_of(own, NOUN)
    if "VG" in own and (weight_of(own, "VG") >= weight_of(own, noun) or not ahead.isdisjoint(("D", "PO", "PRON"))):
        return "VG"
    if "VN" in own and weight_of(own, "VN") >= weight_of(own, noun) and ("J" not in own or not ahead.isdisjoint(("P", "TO"))):
        coloured = word_at(tokens, index + 1) in words("colours")  # "are painted orange"
        return "J" if is_nominal(ahead) and "P" not in ahead and not coloured else "VN"
    if "J" in own and (weight_of(own, "J") >= weight_of(own, noun) - 2 or is_nominal(ahead)):
        return "J"
    if "R" in own and weight_of(own, "R") > weight_of(own, noun):
        return "R"
    return noun or first_of(own, ("J", "VN", "VD", "R", "P")) or next(iter(own))


def _after_and(own: Readings, ahead: frozenset[str], tokens: list[Token], index: int, at: int) -> str:
    """Like what stands before the "and", where that is possible."""
    if at > 1 and tokens[at - 1].word == ",":
        at -= 1  # "wears a helmet, and holds poles"
    before = tokens[at - 1].tag if at else "START"
    if before == "J" and "J" in own and weight_of(own, "VN") <= weight_of(own, "J") + 2:
        return "J"
    if "VZ" in own and "TO" in ahead:
        return "VZ"
    if before in NOUN or before in ("VG", "VZ", "V", "VD", "VN", "R", "P", "PRON"):
        used = {token.tag for token in tokens[max(0, at - 12) : at]}
        opens = not ahead.isdisjoint(("D", "PO", "PRON", "P", "TO", "R"))
        for form in ("VG", "VZ", "VD", "VN", "V"):
            if (
                form in own
                and form in used
                and (opens or before == form or (form == "VZ" and not ahead.isdisjoint(NOUN)))
                and weight_of(own, form) >= weight_of(own, "N", "NS") - 3
            ):
                return form
        if ("VG" in own and "VG" in used) or ("VG" in own and opens and "P" not in ahead):
            return _phrase(own, ahead, ",", tokens, index)
    return _phrase(own, ahead, "START", tokens, index)
