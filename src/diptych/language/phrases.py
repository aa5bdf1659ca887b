"""From tagged tokens to units of a clause: noun phrases with their determiners, numbers and adjectives, and what links them."""

from dataclasses import dataclass, field

from diptych.data.graphs import Span
from diptych.language import numbers
from diptych.language.lexicon import readings
from diptych.language.lists import words
from diptych.language.tokens import Token
from diptych.language.wordnet import is_animate, is_noun, is_physical

NOUN = ("N", "NS")


@dataclass(slots=True)
class Phrase:
    """A noun phrase, before it is known which thing it speaks of."""

    noun: str
    span: Span
    plural: bool = False
    det: str = ""  # the article, demonstrative or possessive; "" for none
    count: int | None = None
    at_least: int | None = None
    count_span: Span | None = None
    negated: bool = False
    attributes: list[tuple[str, Span]] = field(default_factory=list)
    owner: "Phrase | None" = None
    pronoun: str = ""  # "it", "one", "other": speaks of something said before
    of: "Phrase | None" = None
    quote: tuple[str, Span] | None = None
    modifier: str = ""  # "city" of "city street"

    @property
    def head(self) -> str:
        """The noun without the nouns before it."""
        return self.noun.removeprefix(f"{self.modifier} ") if self.modifier else self.noun


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
                phrase, after = _of(tokens, phrase, after)
                found.append(Unit("NP", phrase.noun, phrase.noun, phrase.span, phrase))
                index = after
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


def _void(tokens: list[Token], index: int) -> int:
    """Past a preposition that places nothing ("during a game", "like a hat") and its noun phrase."""
    if index + 1 < len(tokens) and tokens[index + 1].tag in ("D", "PO", "Q", "J", "N", "NS", "PRON"):
        phrase, after = noun_phrase(tokens, index + 1)
        if phrase is not None:
            after = _of(tokens, phrase, after)[1]
            clause = after < len(tokens) and tokens[after].tag in ("BE", "VZ", "HV", "MD")
            return index + 1 if clause and "like" in tokens[index].word else after
    return index + 1


def _adjectives(tokens: list[Token], index: int, found: list[Unit]) -> int:
    """One ADJ unit for "black and white"; returns where to go on."""
    values: list[tuple[str, Span]] = []
    first = tokens[index]
    while index < len(tokens) and tokens[index].tag == "J":
        _describe(tokens, index, values)
        index += 1
        if index + 1 < len(tokens) and (tokens[index].tag == "C" or tokens[index].word == ",") and tokens[index + 1].tag == "J":
            index += 1
        elif index + 2 < len(tokens) and tokens[index].word == "," and tokens[index + 1].tag == "C" and tokens[index + 2].tag == "J":
            index += 2
    found.append(Unit("ADJ", first.word, first.lemma, (first.start, tokens[index - 1].end), values=values))
    return index


def _describe(tokens: list[Token], index: int, values: list[tuple[str, Span]]) -> None:
    """Add the adjective at `index`, with the word before it where that belongs to it ("light blue", "brightly colored")."""
    token = tokens[index]
    if token.word in words("empty adjectives") or not token.lemma or (token.word == "looking" and values):
        return
    start, value = token.start, token.lemma
    before = tokens[index - 1] if index else None
    if before is not None and value in ("colored", "coloured", "lit", "decorated", "dressed", "furnished", "shaped", "sized", "covered"):
        if values and values[-1][1][1] == before.end and before.tag == "J":
            earlier, span = values.pop()
            start, value = span[0], earlier if earlier in words("colours") else f"{earlier} {value}"
        elif before.tag == "R" and before.word.endswith("ly"):
            start, value = before.start, f"{before.word} {value}"
        elif value in ("colored", "coloured", "sized", "shaped"):
            return
    elif values and before is not None and before.word in words("shades") and value in words("colours") and values[-1][1][1] == before.end:
        earlier, span = values.pop()
        start, value = span[0], f"{earlier} {value}"
    elif value.endswith(("-colored", "-coloured")):
        value = value.rpartition("-")[0]
    values.append((value, (start, token.end)))


def _pronoun(token: Token) -> Phrase:
    if token.word in ("someone", "somebody"):
        return Phrase("person", (token.start, token.end), det="a", count=1)
    plural = token.word in ("others", "they", "them", "themselves", "we", "us", "these", "those")
    return Phrase("", (token.start, token.end), plural, pronoun=token.word)


def noun_phrase(tokens: list[Token], index: int) -> tuple[Phrase | None, int]:  # noqa: PLR0912
    """The noun phrase that starts at `index` and where it ends; None when there is none."""
    if tokens[index].tag == "PRON":
        return _pronoun(tokens[index]), index + 1
    draft = Phrase("", (tokens[index].start, tokens[index].end))
    nouns: list[Token] = []
    at = index
    while at < len(tokens):
        token = tokens[at]
        if token.tag in NOUN:
            if nouns and nouns[-1].tag == "NS" and not _compound(nouns[-1], token):
                break
            nouns.append(token)
        elif token.tag == "POS" and nouns:
            owner = _finish(draft, nouns, tokens)
            draft, nouns = Phrase("", owner.span, owner=owner, det="'s"), []
        elif nouns and token.tag == "VN" and at + 1 < len(tokens) and tokens[at + 1].tag in (*NOUN, "J") and _fused(nouns, token):
            last = nouns.pop()
            draft.attributes.append((f"{last.word} {token.word}", (last.start, token.end)))
        elif nouns:
            break
        elif token.tag == "QUOTE":
            if at == index or at + 1 >= len(tokens) or tokens[at + 1].tag not in (*NOUN, "J"):
                break
            draft.quote = (token.word, (token.start, token.end))
        elif token.tag in ("D", "PO"):
            if draft.attributes or (draft.det and draft.det not in ("all", "both", "such", "what", "this")):
                break
            _determine(draft, token)
        elif token.tag == "Q":
            if not _quantify(draft, tokens, at):
                break
        elif token.tag == "J":
            _describe(tokens, at, draft.attributes)
            draft.span = (token.start, token.end)
            if token.word in ("other", "another", "others", "single"):
                draft.pronoun = token.word if token.word != "single" else ""
        elif token.tag == "R":
            if at + 1 >= len(tokens) or tokens[at + 1].tag not in ("J", "R", "VN", "Q"):
                break
        elif token.tag == "VN" and at + 1 < len(tokens) and tokens[at + 1].tag in (*NOUN, "J") and draft.det:
            draft.attributes.append((token.lemma, (token.start, token.end)))
        elif not (token.tag == "C" or token.word == ",") or not _between(tokens, at, draft):
            break
        at += 1
    if nouns:
        return _finish(draft, nouns, tokens), at
    return _headless(draft, tokens, index, at)


def _between(tokens: list[Token], at: int, draft: Phrase) -> bool:
    """Whether "and" or a comma joins two adjectives of one noun phrase."""
    after = at + 1
    while after < len(tokens) and (tokens[after].tag == "C" or tokens[after].tag == "R"):
        after += 1
    if not draft.attributes or after >= len(tokens) or tokens[at - 1].tag != "J" or tokens[after].tag != "J":
        return False
    while after < len(tokens) and (tokens[after].tag in ("J", "C", "QUOTE") or tokens[after].word == ","):
        after += 1
    return after < len(tokens) and tokens[after].tag in NOUN


def _compound(last: Token, token: Token) -> bool:
    return is_noun(f"{last.word} {token.lemma}") or last.word in words("invariant") or not is_physical(last.lemma)


def _fused(nouns: list[Token], token: Token) -> bool:
    return nouns[-1].tag == "N" and token.lemma in (
        "cover",
        "line",
        "fill",
        "shape",
        "color",
        "draw",
        "tile",
        "floor",
        "top",
        "style",
        "eat",
        "frame",
        "cap",
        "panel",
        "pave",
        "coat",
        "coloured",
        "colour",
        "sleeve",
        "haired",
        "lit",
        "theme",
        "size",
        "encrust",
        "dress",
    )


def _determine(draft: Phrase, token: Token) -> None:
    draft.det = token.word
    if token.tag == "PO":
        draft.owner = Phrase("", (token.start, token.end), token.word == "their", pronoun=token.word)
    elif token.word == "both":
        draft.count, draft.count_span = 2, (token.start, token.end)
    elif token.word == "neither":
        draft.negated, draft.count = True, 0
    elif token.word == "another":
        draft.pronoun = "another"


def _quantify(draft: Phrase, tokens: list[Token], at: int) -> bool:
    """Take the number or quantity at `at`; False when it does not belong to a noun phrase here."""
    token = tokens[at]
    number, bound = numbers.exact(token.word), numbers.at_least(token.word)
    if token.word == "no":
        draft.negated, draft.count = True, 0
    elif number is not None and draft.count is not None and number in (2, 12, 100, 1000):
        draft.count = min(draft.count * number, numbers.LARGEST)
    elif number is not None:
        draft.count = number
    elif bound is not None:
        draft.at_least = bound
    elif token.word == "another":
        draft.pronoun = "another"
    elif token.word not in ("half", "much", "enough"):
        return token.word[0].isdigit()
    draft.count_span = (draft.count_span[0] if draft.count_span else token.start, token.end)
    draft.det = draft.det or "num"
    return True


def _headless(draft: Phrase, tokens: list[Token], index: int, at: int) -> tuple[Phrase | None, int]:
    """A phrase without a noun: "the other", "two of", "one"; None for mere adjectives."""
    if at == index or not (draft.det or draft.pronoun) or draft.quote:
        return None, index
    last = tokens[at - 1]
    if last.tag in ("C", "MARK", "R") or draft.det in ("such", "what"):
        return None, index
    if draft.attributes and draft.det not in ("num", "the", "another", "a") and not draft.pronoun:
        return None, index
    if draft.negated and not draft.attributes:
        return None, index
    draft.pronoun = draft.pronoun or ("one" if draft.det in ("num", "the", "a", "one") else draft.det)
    draft.plural = bool((draft.count or 0) > 1 or draft.at_least or draft.det in ("both", "all", "these", "those"))
    draft.span = (last.start, last.end)
    return draft, at


def _finish(draft: Phrase, nouns: list[Token], tokens: list[Token]) -> Phrase:
    """Set the noun from the tokens of the run, and the number from noun and determiner."""
    head = nouns[-1]
    draft.span = (head.start, head.end)
    draft.plural = head.tag == "NS"
    modifiers = []
    for noun in nouns[:-1]:
        if noun.word in words("modifiers") or noun.word in words("colours"):
            draft.attributes.append((noun.word, (noun.start, noun.end)))
        else:
            modifiers.append(noun)
    if modifiers:
        draft.modifier = " ".join(noun.word for noun in modifiers[-2:])
        draft.noun = f"{draft.modifier} {head.lemma}"
        draft.span = (modifiers[-2:][0].start, head.end)
    else:
        draft.noun = head.lemma
    _number(draft, head.word)
    return draft


def _number(draft: Phrase, word: str) -> None:
    if draft.det == "num" or draft.count is not None or draft.at_least is not None:
        if draft.at_least is not None and not draft.plural and draft.det in ("num", "") and not draft.negated:
            draft.at_least = None  # "some food", "some grass"
        draft.plural = draft.plural or (draft.count or 0) > 1
        return
    if draft.plural and draft.det in ("a", "an"):
        draft.plural, draft.count = False, 1
        draft.noun = word if word in words("paired") else draft.noun  # "a skis"
    elif draft.plural:
        draft.at_least = None if draft.noun in ("glasses", "pants", "scissors", "clothes", "shorts", "jeans") else 2
    elif draft.det in ("a", "an", "the", "this", "that", "each", "every", "another", "either") or draft.owner is not None:
        draft.count = None if draft.noun in words("mass") and draft.det not in ("a", "an", "another") else 1
    elif draft.noun not in words("mass") and is_physical(draft.noun) and "N" in readings(draft.head.rpartition(" ")[2]):
        draft.count = None


def _of(tokens: list[Token], phrase: Phrase, after: int) -> tuple[Phrase, int]:
    """Take in "of ..": a group or part speaks of its members, anything else keeps them in `of`."""
    while after + 1 < len(tokens) and tokens[after].tag == "P" and tokens[after].word == "of":
        if tokens[after + 1].tag not in ("D", "PO", "Q", "J", "N", "NS", "PRON", "R"):
            break
        inner, end = noun_phrase(tokens, after + 1)
        if inner is None:
            break
        inner, end = _of(tokens, inner, end)
        phrase, after = _combine(phrase, inner), end
    return phrase, after


def _combine(outer: Phrase, inner: Phrase) -> Phrase:
    if outer.noun in ("pair", "couple") and inner.noun in words("paired"):
        inner.count, inner.at_least, inner.count_span = outer.count or 1, None, outer.count_span
        return inner
    group = outer.head in words("group nouns") or outer.noun in words("group nouns")
    partitive = not outer.noun and outer.pronoun
    if not (group or partitive or outer.head in words("part nouns") or outer.noun in words("discourse nouns")):
        outer.of = inner
        return outer
    if group and not outer.plural and outer.head in ("pair", "couple", "duo", "trio"):
        inner.count, inner.at_least, inner.count_span = numbers.exact(outer.head), None, outer.span
    elif group and inner.count is None and (inner.plural or is_animate(inner.noun)):
        inner.plural = True
        inner.at_least = max(2, inner.at_least or 2)
        inner.count_span = outer.span
        inner.det = inner.det or outer.det
    elif partitive and inner.plural and inner.det in ("the", "'s") and inner.count is None:
        inner.count, inner.at_least, inner.count_span = outer.count, outer.at_least, outer.count_span
    inner.negated = inner.negated or outer.negated
    if outer.pronoun == "another" or outer.det == "another":
        inner.pronoun = "another"
    return inner
