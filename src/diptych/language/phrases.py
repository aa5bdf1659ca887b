"""From tagged tokens to units of a clause: noun phrases with their determiners, numbers and adjectives, and what links them."""

from dataclasses import dataclass, field

from diptych.data.graphs import Span
from diptych.language.adjectives import describe
from diptych.language.lists import words
from diptych.language.nouns import Phrase, noun_phrase, with_of
from diptych.language.tokens import Token


@dataclass(slots=True)
class Unit:
    """One step of a clause. `kind` is NP, ADJ or the tag of the token; `phrase` belongs to NP, `values` to ADJ."""

    kind: str
    word: str
    lemma: str
    span: Span
    phrase: Phrase | None = None
    values: list[tuple[str, Span]] = field(default_factory=list)
    capital: bool = False


def units(tokens: list[Token]) -> list[Unit]:
    """Units in the order of the text; adverbs and phrases without content are left out."""
    found: list[Unit] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.tag in ("D", "PO", "Q", "J", "N", "NS", "PRON", "R"):
            phrase, after = noun_phrase(tokens, index)
            if phrase is not None:
                phrase, after = with_of(tokens, phrase, after)
                index = _bear(tokens, phrase, after)
                if index == after and after < len(tokens) and tokens[after].tag == "QUOTE" and phrase.head in words("writings"):
                    continue  # "the text "SALE" .."
                found.append(Unit("NP", phrase.noun, phrase.noun, phrase.span, phrase))
                continue
            if token.tag == "J":
                index = _adjectives(tokens, index, found)
                continue
        if token.tag == "VOID" or (token.tag == "P" and token.word == "like"):
            index = _void(tokens, index)
            continue
        if token.tag not in ("SKIP", "R", "D", "PO", "Q") or token.word in words("hedges") or token.lemma == "apparently":
            found.append(Unit(token.tag, token.word, token.lemma or token.word, (token.start, token.end), capital=token.capital))
        index += 1
    return found


def _bear(tokens: list[Token], phrase: Phrase, at: int) -> int:
    """Past "that says "STOP"", "with the word "STOP" on it", whose quotation becomes the noun phrase's; `at` when there is none."""
    index, cued = at, False
    if phrase.quote or not phrase.noun:
        return at
    index += _is(tokens, index, ("W",))
    index += _is(tokens, index, ("BE",))
    if _is(tokens, index, ("VZ", "V", "VG", "VN", "VD", "J")) and tokens[index].lemma in words("bearing words"):
        cued, index = True, index + 1
    elif index == at and _is(tokens, index, ("P",)) and tokens[index].word == "with":
        index += 1
    index += _is(tokens, index, ("D",))
    if index > at and _is(tokens, index, ("N", "NS")) and tokens[index].lemma in words("writings"):
        cued, index = True, index + 1
    if not cued or not _is(tokens, index, ("QUOTE",)):
        return at
    phrase.quote = (tokens[index].word, (tokens[index].start, tokens[index].end))
    back = _is(tokens, index + 1, ("P",)) and _is(tokens, index + 2, ("PRON",)) and tokens[index + 2].word in ("it", "them")
    return index + 3 if back else index + 1


def _is(tokens: list[Token], index: int, tags: tuple[str, ...]) -> bool:
    return index < len(tokens) and tokens[index].tag in tags


def _void(tokens: list[Token], index: int) -> int:
    """Past a preposition that places nothing ("during a game", "like a hat") and its noun phrase."""
    if index + 1 < len(tokens) and tokens[index + 1].tag in ("D", "PO", "Q", "J", "N", "NS", "PRON"):
        phrase, after = noun_phrase(tokens, index + 1)
        if phrase is not None:
            after = with_of(tokens, phrase, after)[1]
            clause = after < len(tokens) and tokens[after].tag in ("BE", "VZ", "HV", "MD")
            return index + 1 if clause and "like" in tokens[index].word else after
    return index + 1


def _adjectives(tokens: list[Token], index: int, found: list[Unit]) -> int:
    """One ADJ unit for "black and white"; returns where to go on."""
    values: list[tuple[str, Span]] = []
    first = tokens[index]
    while index < len(tokens) and tokens[index].tag == "J":
        describe(tokens, index, values)
        index += 1
        if index + 1 < len(tokens) and (tokens[index].tag == "C" or tokens[index].word == ",") and tokens[index + 1].tag == "J":
            index += 1
        elif index + 2 < len(tokens) and tokens[index].word == "," and tokens[index + 1].tag == "C" and tokens[index + 2].tag == "J":
            index += 2
    found.append(Unit("ADJ", first.word, first.lemma, (first.start, tokens[index - 1].end), values=values))
    return index
