"""Noun phrases: determiner, number, adjectives, nouns, owner, and what "of" adds."""

from dataclasses import dataclass, field

from diptych.data.graphs import Span
from diptych.language import numbers
from diptych.language.adjectives import describe
from diptych.language.lexicon import readings
from diptych.language.lists import words
from diptych.language.tokens import Token
from diptych.language.wordnet import is_animate, is_noun, is_physical, kind

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
    hung: bool = False  # a picture that hangs or stands in the picture
    minimum: bool = False  # "at least two"

    @property
    def head(self) -> str:
        """The noun without the nouns before it."""
        return self.noun.removeprefix(f"{self.modifier} ") if self.modifier else self.noun


def noun_phrase(tokens: list[Token], index: int) -> tuple[Phrase | None, int]:
    """The noun phrase that starts at `index` and where it ends; None when there is none."""
    if tokens[index].tag == "PRON":
        return _pronoun(tokens[index]), index + 1
    draft = Phrase("", (tokens[index].start, tokens[index].end))
    nouns: list[Token] = []
    at = index
    while at < len(tokens):
        token = tokens[at]
        if token.tag == "POS" and nouns and nouns[-1].word in words("kinds of people"):
            draft.attributes.append((f"{nouns.pop().word}'s", (tokens[at - 1].start, token.end)))  # "a men's bathroom"
        elif token.tag == "POS" and nouns:
            owner = _finish(draft, nouns)
            draft, nouns = Phrase("", owner.span, owner=owner, det="'s"), []
        elif not (_add_noun(draft, nouns, tokens, at) if nouns or token.tag in NOUN else _add_before(draft, tokens, at, at == index)):
            break
        at += 1
    if nouns:
        return _finish(draft, nouns), at
    return _headless(draft, tokens, index, at)


def _add_noun(draft: Phrase, nouns: list[Token], tokens: list[Token], at: int) -> bool:
    """Take the token at `at` as a noun, or as the participle of "snow covered"; False when the noun phrase ends before it."""
    token = tokens[at]
    if token.tag in NOUN:
        if nouns and nouns[-1].tag == "NS" and not _compound(nouns[-1], token):
            return False
        nouns.append(token)
        return True
    fused = token.tag == "VN" and nouns[-1].tag == "N" and token.lemma in words("fused participles")
    if not fused or not _leads(tokens, at):
        return False
    last = nouns.pop()
    draft.attributes.append((f"{last.word} {token.word}", (last.start, token.end)))
    return True


def _leads(tokens: list[Token], at: int) -> bool:
    """Whether a noun or adjective comes next."""
    return at + 1 < len(tokens) and tokens[at + 1].tag in (*NOUN, "J")


def _add_before(draft: Phrase, tokens: list[Token], at: int, first: bool) -> bool:
    """Take the token at `at`, which comes before any noun; False when it is no part of a noun phrase here."""
    token = tokens[at]
    span = (token.start, token.end)
    if token.tag == "QUOTE":
        draft.quote = (token.word, span)
        return not first and _leads(tokens, at)
    if token.tag in ("D", "PO"):
        if draft.attributes or (draft.det and draft.det not in ("all", "both", "such", "what", "this")):
            return False
        _determine(draft, token)
        return True
    if token.tag == "Q":
        return _quantify(draft, token)
    if token.tag == "J":
        describe(tokens, at, draft.attributes)
        draft.span = span
        if token.word in ("other", "another", "others"):
            draft.pronoun = token.word
        return True
    if token.tag == "R" and tokens[at - 1].tag == "VN" and _leads(tokens, at):
        return True
    if token.tag == "R":
        return at + 1 < len(tokens) and tokens[at + 1].tag in ("J", "R", "VN", "Q")
    if token.tag == "VN" and (draft.det or draft.count) and _leads(tokens, at + 1) and tokens[at + 1].word in words("particles"):
        tokens[at + 1].tag = "R"  # "two made up beds"
        draft.attributes.append((f"{token.word} {tokens[at + 1].word}", (token.start, tokens[at + 1].end)))
        return True
    if token.tag == "VN" and draft.det and _leads(tokens, at):
        draft.attributes.append((token.lemma, span))
        return True
    return (token.tag == "C" or token.word == ",") and _between(tokens, at, draft)


def _pronoun(token: Token) -> Phrase:
    if token.word in ("someone", "somebody"):
        return Phrase("person", (token.start, token.end), det="a", count=1)
    plural = token.word in ("others", "they", "them", "themselves", "we", "us", "these", "those")
    return Phrase("", (token.start, token.end), plural, pronoun=token.word)


def _between(tokens: list[Token], at: int, draft: Phrase) -> bool:
    """Whether "and" or a comma joins two adjectives of one noun phrase."""
    after = at + 1
    while after < len(tokens) and (tokens[after].tag == "C" or tokens[after].tag == "R"):
        after += 1
    if (
        not draft.attributes
        or after >= len(tokens)
        or (tokens[at - 1].tag != "J" and tokens[at - 1].word != ",")
        or tokens[after].tag != "J"
    ):
        return False
    while after < len(tokens) and (tokens[after].tag in ("J", "C", "QUOTE") or tokens[after].word == ","):
        after += 1
    return after < len(tokens) and tokens[after].tag in NOUN


def _compound(last: Token, token: Token) -> bool:
    return is_noun(f"{last.word} {token.lemma}") or last.word in words("invariant") or not is_physical(last.lemma)


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


def _quantify(draft: Phrase, token: Token) -> bool:
    """Take a number or quantity; False when it is none of a noun phrase."""
    number, bound = numbers.exact(token.word), numbers.at_least(token.word)
    if token.word == "no":
        draft.negated, draft.count = True, 0
    elif number is not None and draft.count is not None and number in (2, 12, 100, 1000):
        draft.count = min(draft.count * number, numbers.LARGEST)
    elif number is not None:
        draft.count = number
    elif token.lemma == "at least":
        draft.minimum = True
    elif bound is not None:
        draft.at_least = bound if draft.count is None else None
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
    if (draft.count or 0) > 1 and draft.det in ("the", "num"):
        draft.pronoun = "both"  # "the two are smiling"
    draft.plural = bool((draft.count or 0) > 1 or draft.at_least or draft.det in ("both", "all", "these", "those"))
    draft.span = (last.start, last.end)
    return draft, at


def _finish(draft: Phrase, nouns: list[Token]) -> Phrase:
    """Set the noun from the tokens of the run, and the number from noun and determiner."""
    if nouns[0].word == "couple" and nouns[-1].tag == "NS" and len(nouns) > 1:
        draft.count, draft.det, nouns = 2, "num", nouns[1:]  # "a couple magnets"
    shown = [noun for noun in nouns if noun.lemma != "type"]
    if len(shown) > 1 and shown[-1].lemma in words("scene heads") and is_physical(shown[-2].lemma) and not is_animate(shown[-2].lemma):
        nouns = shown[:-1]  # "a busy airport scene", "a hotel room type setting"
    head = nouns[-1]
    draft.span = (head.start, head.end)
    draft.plural = head.tag == "NS"
    modifiers = []
    for noun in nouns[:-1]:
        if noun.word in words("modifiers") or noun.word in words("colours") or _is_stuff(noun, head):
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


def _is_stuff(noun: Token, head: Token) -> bool:
    """Whether a noun before a noun says what it is made of: "styrofoam plate", but "water bottle"."""
    return kind(noun.lemma) == "s" and noun.lemma not in words("mass") and not is_noun(f"{noun.word} {head.lemma}")


def _number(draft: Phrase, word: str) -> None:
    if draft.minimum and draft.count is not None:
        draft.plural = draft.plural or draft.count > 1
        draft.at_least, draft.count = draft.count, None
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


def with_of(tokens: list[Token], phrase: Phrase, after: int) -> tuple[Phrase, int]:
    """Take in "of ..": a group or part speaks of its members, anything else keeps them in `of`."""
    while after + 1 < len(tokens) and tokens[after].tag == "P" and tokens[after].word == "of":
        if tokens[after + 1].tag not in ("D", "PO", "Q", "J", "N", "NS", "PRON", "R"):
            break
        inner, end = noun_phrase(tokens, after + 1)
        if inner is None:
            break
        inner, end = with_of(tokens, inner, end)
        phrase, after = _combine(phrase, inner), end
    return phrase, after


def _combine(outer: Phrase, inner: Phrase) -> Phrase:
    if outer.noun in ("pair", "couple") and inner.noun in words("paired"):
        inner.count, inner.at_least, inner.count_span = outer.count or 1, None, outer.count_span
        return inner
    group = outer.head in words("group nouns") or outer.noun in words("group nouns")
    partitive = not outer.noun and outer.pronoun
    if not (group or partitive or outer.head in words("part nouns") or outer.head in words("discourse nouns")):
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
