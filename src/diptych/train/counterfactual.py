"""A caption with one thing made false: another number, noun, attribute or relation, in grammar that does not tell which is true."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from diptych.data.errors import InputError
from diptych.data.graphs import Entity, Relation, SceneGraph, Span
from diptych.language.cuts import Cut, change_number, mended, sentences
from diptych.language.inflect import NUMBER_WORDS, is_plural_only, number_word, plural
from diptych.language.lexicon import readings
from diptych.language.meaning import exclude
from diptych.language.parse import parse
from diptych.language.predicates import SYMMETRIC, sense
from diptych.language.wording import noun_form
from diptych.language.wordnet import hypernyms, same_thing

Kind = Literal["number", "noun", "attribute", "relation"]
KINDS: tuple[Kind, ...] = ("number", "noun", "attribute", "relation")
_OPPOSITES = {
    "left of": "right of", "right of": "left of", "left side of": "right side of", "right side of": "left side of",
    "in front of": "behind", "behind": "in front of", "above": "below", "below": "above", "over": "under", "under": "over",
    "underneath": "above", "beneath": "above", "on top of": "underneath", "on": "under", "inside": "outside", "outside": "inside",
}  # fmt: skip
_PLACE = re.compile(rf"\b(?:{'|'.join(sorted(_OPPOSITES, key=len, reverse=True))})\b", re.IGNORECASE)
_SINGULAR = re.compile(r"\b(?:is|was|has|does|its|it|this|that|another|each|every)\b", re.IGNORECASE)
_THERE = re.compile(r"\bthere (is)\s+$", re.IGNORECASE)
_ONE = re.compile(r"\b(an?|one)\s+$", re.IGNORECASE)
_TRIES = 12  # candidates of a kind


@dataclass(frozen=True, slots=True)
class Edited:
    """The changed caption, and which words gave way to which."""

    text: str
    kind: Kind
    was: str
    now: str


Candidate = tuple[list[Cut], SceneGraph, str, str]  # cuts, the graph that must come out, words before and after


@dataclass(frozen=True, slots=True)
class Editor:
    """Changes one thing that a caption says, so that it says something else of the same form; kinds are tried in a drawn order.

    Numbers go up to `most`, with the noun's form in agreement. Nouns and attributes come from these lists; an attribute gives way to one
    that the same thing cannot have as well. A change stands only where the parser reads the new caption as the old one with that change.
    """

    nouns: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = KINDS
    most: int = 10

    def __post_init__(self) -> None:
        if strange := set(self.kinds) - set(KINDS):
            raise InputError(f"kinds must be of {', '.join(KINDS)}, got {min(strange)!r}")

    def __call__(self, text: str, rng: np.random.Generator) -> Edited | None:
        """The caption changed; None where nothing of these kinds can be."""
        graph = parse(text)
        makers = {"number": self._numbers, "noun": self._nouns, "attribute": self._attributes, "relation": self._relations}
        for at in rng.permutation(len(self.kinds)):
            kind = self.kinds[at]
            for _, candidate in zip(range(_TRIES), makers[kind](text, graph, rng), strict=False):
                new = _applied(text, candidate[0])
                if new is not None and new.lower() != text.lower() and _reads_as(new, candidate[1], graph):
                    return Edited(new, kind, candidate[2], candidate[3])
        return None

    def _numbers(self, text: str, graph: SceneGraph, rng: np.random.Generator) -> Iterator[Candidate]:
        places = [(i, e) for i, e in enumerate(graph.entities) if e.span and not e.negated and e.count]
        numbers = range(1, self.most + 1)
        for index, entity, count in _pairs(places, numbers, rng):
            if count == entity.count or is_plural_only(entity.noun):
                continue
            new = replace(entity, count=count, at_least=None)
            cuts = _renumbered(text, entity, new)
            if cuts is not None:
                yield cuts, _with(graph, index, new), number_word(entity.count or 1), number_word(count)

    def _nouns(self, text: str, graph: SceneGraph, rng: np.random.Generator) -> Iterator[Candidate]:
        said = {e.noun for e in graph.entities}
        places = [(i, e) for i, e in enumerate(graph.entities) if e.span and not e.negated]
        for index, entity, noun in _pairs(places, self.nouns, rng):
            if noun in said or is_plural_only(noun) or is_plural_only(entity.noun) or any(_kin(noun, other) for other in said):
                continue
            assert entity.span is not None
            many = _many(entity)
            form = noun_form(noun, many)
            cut = Cut(entity.span[0], entity.span[1], _like(text[slice(*entity.span)], form))
            yield [cut], _with(graph, index, replace(entity, noun=noun)), entity.noun, noun

    def _attributes(self, text: str, graph: SceneGraph, rng: np.random.Generator) -> Iterator[Candidate]:
        places = [((i, k), a) for i, e in enumerate(graph.entities) for k, a in enumerate(e.attributes) if a.span and not e.negated]
        for (index, part), attribute, value in _pairs(places, self.attributes, rng):
            entity = graph.entities[index]
            alike = {v for e in graph.entities if e.noun == entity.noun for v in e.values}
            if value in alike or not exclude(attribute.value, value):
                continue
            assert attribute.span is not None
            changed = (*entity.attributes[:part], replace(attribute, value=value), *entity.attributes[part + 1 :])
            cut = Cut(attribute.span[0], attribute.span[1], _like(text[slice(*attribute.span)], value))
            yield [cut], _with(graph, index, replace(entity, attributes=changed)), attribute.value, value

    def _relations(self, text: str, graph: SceneGraph, rng: np.random.Generator) -> Iterator[Candidate]:
        for at in rng.permutation(len(graph.relations)):
            relation = graph.relations[at]
            found = _turned(text, graph, int(at)), _exchanged(text, graph, relation)
            yield from (found[i] for i in rng.permutation(2) if found[i] is not None)  # type: ignore[misc]


def editor(texts: Iterable[str], *, kinds: tuple[Kind, ...] = KINDS, most: int = 10) -> Editor:
    """With the nouns and attributes that these captions use."""
    nouns, attributes = dict[str, None](), dict[str, None]()
    for text in texts:
        for entity in parse(text).entities:
            nouns[entity.noun] = None
            attributes |= dict.fromkeys(entity.values)
    return Editor(tuple(sorted(nouns)), tuple(sorted(attributes)), kinds, most)


def _pairs(places: list, options: Iterable, rng: np.random.Generator) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Every place with every option, in a drawn order."""
    known = list(options)
    for at in rng.permutation(len(places) * len(known)):
        place = places[at // len(known)]
        yield *place, known[at % len(known)]


def _with(graph: SceneGraph, index: int, entity: Entity) -> SceneGraph:
    return replace(graph, entities=(*graph.entities[:index], entity, *graph.entities[index + 1 :]))


def _many(entity: Entity) -> bool:
    return (entity.count if entity.count is not None else entity.at_least or 1) != 1


def _kin(one: str, other: str) -> bool:
    return same_thing(one, other) or one in hypernyms(other) or other in hypernyms(one)


def _like(old: str, new: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _renumbered(text: str, old: Entity, new: Entity) -> list[Cut] | None:
    """From many to another many, to one, or from one to many."""
    if old.count == 1:
        return _multiplied(text, old, new.count or 2)
    word = text[slice(*old.count_span)] if old.count_span else ""
    if old.count_span is None or not (word.isdecimal() or word.lower() in NUMBER_WORDS):
        return None
    if new.count == 1:
        return change_number(text, old, new)
    said = str(new.count) if word.isdecimal() else _like(word, number_word(new.count or 2))
    return [Cut(*old.count_span, said)]


def _multiplied(text: str, old: Entity, count: int) -> list[Cut] | None:
    """ "a red dog" -> "three red dogs", where no verb would disagree; "There is a dog" -> "There are three dogs"."""
    assert old.span is not None
    first = min(s[0] for s in (old.span, *(a.span for a in old.attributes if a.span)))
    one = _ONE.search(text, 0, first)
    if one is None or text[slice(*old.span)].lower() != old.noun:
        return None
    cuts = [Cut(*one.span(1), _like(one[1], number_word(count))), Cut(*old.span, _like(text[slice(*old.span)], plural(old.noun)))]
    start, end = next((s, e) for s, e in sentences(text) if s <= old.span[0] < e)
    there = _THERE.search(text, start, one.start())
    if there is not None:
        cuts.append(Cut(*there.span(1), "are"))
    rest = text[start : there.start(1)] + text[there.end(1) : end] if there is not None else text[start:end]
    following = re.match(r"\s+(\w+)", text[old.span[1] : end])
    agrees = following is not None and "VZ" in readings(following[1])
    return None if _SINGULAR.search(rest) or agrees else cuts


def _turned(text: str, graph: SceneGraph, number: int) -> Candidate | None:
    """The opposite place: "left of" -> "right of"."""
    relation = graph.relations[number]
    there = graph.entities[relation.object].span
    if relation.span is None or there is None:
        return None
    # the words nearest to the object are this relation's own
    found = list(_PLACE.finditer(text, relation.span[0], max(there[0], relation.span[0])))
    if not found:
        return None
    last = found[-1]
    opposite = _OPPOSITES[last[0].lower()]
    old = relation.predicate
    predicate = old.replace(last[0].lower(), opposite) if last[0].lower() in old else ""
    relations = (*graph.relations[:number], replace(relation, predicate=predicate), *graph.relations[number + 1 :])
    return [Cut(*last.span(), _like(last[0], opposite))], replace(graph, relations=relations), last[0].lower(), opposite


def _exchanged(text: str, graph: SceneGraph, relation: Relation) -> Candidate | None:
    """Subject and object in each other's places, numbers and attributes with them; both of one number."""
    one, other = graph.entities[relation.subject], graph.entities[relation.object]
    if sense(relation.predicate).symmetric or relation.predicate in SYMMETRIC or _many(one) != _many(other) or one.noun == other.noun:
        return None
    spans = _phrase(text, one), _phrase(text, other)
    if spans[0] is None or spans[1] is None or not (spans[0][1] <= spans[1][0] or spans[1][1] <= spans[0][0]):
        return None
    words = text[slice(*spans[0])], text[slice(*spans[1])]
    entities = list(graph.entities)
    entities[relation.subject], entities[relation.object] = other, one
    cuts = [Cut(*spans[0], _like(words[0], _small(words[1]))), Cut(*spans[1], _like(words[1], _small(words[0])))]
    return cuts, replace(graph, entities=tuple(entities)), f"{one.noun} {relation.predicate} {other.noun}", "exchanged"


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _phrase(text: str, entity: Entity) -> Span | None:
    """From the number or first adjective to the noun, the article left where it is."""
    if entity.span is None:
        return None
    before = [s for s in (entity.count_span, *(a.span for a in entity.attributes)) if s is not None and s[1] <= entity.span[0]]
    start = min([entity.span[0], *(s[0] for s in before)])
    return start, entity.span[1]


def _applied(text: str, cuts: list[Cut]) -> str | None:
    whole = mended(text, cuts)
    if whole is None:
        return None
    new, at = "", 0
    for cut in whole:
        new, at = new + text[at : cut.start] + cut.new, cut.end
    return new + text[at:]


def _reads_as(text: str, wanted: SceneGraph, before: SceneGraph) -> bool:
    """Whether the parser reads the things that must come out, and not what it read before."""
    found = parse(text)
    things = [[(e.noun, sorted(e.values), e.count) for e in graph.entities] for graph in (found, wanted)]
    ties = [[(r.subject, sense(r.predicate), r.object) for r in graph.relations if r.predicate] for graph in (found, wanted)]
    if things[0] != things[1] or not set(ties[1]) <= set(ties[0]):
        return False
    return {s.key for s in found.statements(hedged=True)} != {s.key for s in before.statements(hedged=True)}
