"""Words that belong together: compound prepositions, adverbials without content, and names of one kind of thing."""

from functools import cache

from diptych.language.lists import mapping, phrases, words
from diptych.language.tokens import Token
from diptych.language.wordnet import collocations, singular

LONGEST = 6
_MARKED = {
    "~": ("SKIP", ""),
    "~~": ("VOID", "besides"),
    "~?": ("R", "apparently"),
    "~~~": ("TO", "soon"),
    "~#": ("Q", "at least"),
    "&": ("C", "and"),
}


@cache
def _fixed() -> dict[str, tuple[str, str]]:
    """phrase -> (tag, lemma) for phrases taken as they stand."""
    table = {phrase: ("SKIP", phrase) for phrase in phrases("adverbials")}
    for phrase, canonical in mapping("mutual").items():
        table[phrase] = ("RC", canonical)
    for phrase, canonical in mapping("prepositions").items():
        table[phrase] = _MARKED.get(canonical, ("P", canonical))
    return {" ".join(phrase.split()): value for phrase, value in table.items()}


@cache
def _nouns() -> frozenset[str]:
    plain = words("colours") | words("modifiers") | words("sizes")
    own = phrases("multiword nouns")
    return own | {name for name in collocations() - phrases("not multiword") if name.partition(" ")[0] not in plain}


def is_name(noun: str) -> bool:
    """Whether several words are known together as the name of a kind of thing."""
    return noun in _nouns()


@cache
def _starts() -> dict[str, int]:
    """First word -> number of words of the longest phrase that starts with it."""
    table: dict[str, int] = {}
    for phrase in [*_fixed(), *_nouns()]:
        first, _, rest = phrase.partition(" ")
        table[first] = max(table.get(first, 0), min(LONGEST, 2 + rest.count(" ")))
    return table


def join(tokens: list[Token]) -> list[Token]:
    """The tokens with every known phrase as one; the longest phrase wins, then the first."""
    starts, joined, index = _starts(), [], 0
    while index < len(tokens):
        token = tokens[index]
        longest = starts.get(token.word, 0) if not token.tag else 0
        if longest and token.word.endswith("ing") and index and tokens[index - 1].word in ("is", "are", "was", "were"):
            longest = 0  # "is drinking water"
        taken, size = _part(tokens, index) if token.word in words("placing words") else (None, 1)
        for tried in range(min(longest, len(tokens) - index), size, -1):
            match = _match(tokens[index : index + tried])
            if match:
                taken, size = match, tried
                break
        joined.append(taken or token)
        index += size if taken else 1
    return joined


def _part(tokens: list[Token], index: int) -> tuple[Token | None, int]:
    """ "at the top left corner of" as one preposition; without "of" it says nothing of its own."""
    at = index + 1
    if at < len(tokens) and tokens[at].word in ("the", "its", "their", "one", "each", "either", "both"):
        at += 1
    first = at
    while at < len(tokens) and tokens[at].word in words("sides"):
        at += 1
    if at == first or at >= len(tokens) or tokens[at].word not in words("parts of places"):
        return None, 1
    size = at + 1 - index
    linked = at + 1 < len(tokens) and tokens[at + 1].word == "of"
    run = tokens[index : index + size + linked]
    phrase = " ".join(token.word for token in run)
    said = {token.word for token in run}
    sided = not said.isdisjoint(("left", "right")) and not said.isdisjoint(("side", "sides"))
    lemma = phrase if sided else tokens[index].word  # "around the middle section of" is around
    return Token(phrase, run[0].start, run[-1].end, "P" if linked else "SKIP", lemma), len(run)


def _match(run: list[Token]) -> Token | None:
    if any(token.tag in ("MARK", "QUOTE") for token in run):
        return None
    phrase = " ".join(token.word for token in run)
    fixed = _fixed().get(phrase)
    if fixed:
        return Token(phrase, run[0].start, run[-1].end, fixed[0], fixed[1])
    return _noun(phrase, run)


def _noun(phrase: str, run: list[Token]) -> Token | None:
    if run[-1].word in words("invariant") or phrase in _nouns():
        return Token(phrase, run[0].start, run[-1].end, "N", phrase, run[0].capital) if phrase in _nouns() else None
    single = singular(phrase)
    if single != phrase and single in _nouns():
        return Token(phrase, run[0].start, run[-1].end, "NS", single, run[0].capital)
    return None
