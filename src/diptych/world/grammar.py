"""Captions by grammar: a scene graph is put into words in a style, and comes back ordered as the text mentions it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat

from diptych.data.graphs import Entity, Relation, SceneGraph
from diptych.world.catalogue import BY_NOUN, COLOURS, MATERIALS, SIZES
from diptych.world.phrasing import SETS, Phrasings, PhrasingSet

STYLES = ("alt", "short", "dense", "spatial", "region")
_ORDER = {word: place for place, words in enumerate((SIZES, MATERIALS, COLOURS)) for word in words}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SILENT = ("hour", "honest")  # h not heard: "an hourglass"


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the graph it was made from, entities in order of mention."""

    text: str
    graph: SceneGraph


def say(graph: SceneGraph, style: str, draws: Sequence[float], phrasings: PhrasingSet = "seen") -> Said:
    """Words for a graph without negations; `draws` (in [0, 1), as many as you like) pick the wordings."""
    if not graph.entities:
        return Said("a picture", graph)
    teller = _Teller(graph, SETS[phrasings], chain(draws, repeat(0.5)))
    tell = {"dense": teller.dense, "spatial": teller.spatial}.get(style)
    text = " ".join(tell()) if tell else teller.brief(style)
    return Said(text, teller.told())


def plural(noun: str) -> str:
    """The plural of a noun of the world."""
    known = BY_NOUN.get(noun)
    return known.plural if known else f"{noun}s"


def article(phrase: str) -> str:
    """The phrase with a or an."""
    return f"{'an' if phrase[0] in 'aeiou' or phrase.startswith(_SILENT) else 'a'} {phrase}"


def join(parts: Sequence[str]) -> str:
    """A, B and C."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _place(value: str) -> int:
    return _ORDER.get(value, 0)


@dataclass(slots=True)
class _Teller:
    graph: SceneGraph
    words: Phrasings
    draws: Iterator[float]
    order: list[int] = field(default_factory=list)  # entities in order of mention
    later: set[tuple[int, str]] = field(default_factory=set)  # attributes that get a sentence of their own

    def pick(self, options: Sequence[str]) -> str:
        return options[0] if len(options) == 1 else options[int(next(self.draws) * len(options))]

    def brief(self, style: str) -> str:
        """A list of noun phrases; relations follow in sentences, unless there is nothing but one pair to tell of."""
        entities, relations = self.graph.entities, self.graph.relations
        template = self.pick(getattr(self.words, style))
        if len(entities) == 2 and len(relations) == 1:
            return self.fill(template, [self.inside(relations[0])], self.verb(relations[0].subject))
        # inside a list, "a cup and a ball left of a cube" would place the cup too
        text = self.fill(template, [self.mention(i) for i in range(len(entities))], self.verb(0))
        return ". ".join([text, *(sentence.rstrip(".") for sentence in self.relations(relations))])

    def inside(self, relation: Relation) -> str:
        subject, other = self.mention(relation.subject), self.mention(relation.object)
        return self.words.inline.format(s=subject, p=self.predicate(relation), o=other, **{"is": self.verb(relation.subject)})

    def dense(self) -> Iterator[str]:
        """Everything listed first, then an attribute or two said apart, then the relations."""
        entities = self.graph.entities
        several = Counter(e.noun for e in entities)
        for index, entity in enumerate(entities):
            # only where the noun alone says which thing is meant
            if entity.attributes and several[entity.noun] == 1 and next(self.draws) < 0.35:
                self.later.add((index, entity.attributes[-1].value))
        yield self.fill(self.pick(self.words.shows), [self.mention(i) for i in range(len(entities))], self.verb(0))
        for index, value in sorted(self.later):
            yield self.sentence(self.pick(self.words.said), s=self.mention(index), a=self.value(value), verb=self.verb(index))
        yield from self.relations(self.graph.relations)
        yield from self.unplaced()

    def spatial(self) -> Iterator[str]:
        """Relations first; what they do not mention follows."""
        yield from self.relations(self.graph.relations)
        rest = [i for i in range(len(self.graph.entities)) if i not in self.order]
        if rest:
            template = self.pick(self.words.also if self.order else self.words.shows)
            yield self.fill(template, [self.mention(i) for i in rest], self.verb(rest[0]))
        yield from self.unplaced()

    def relations(self, relations: Sequence[Relation]) -> Iterator[str]:
        for relation in relations:
            template = self.pick(self.words.related)
            ends = (relation.subject, relation.object)
            # the entity that the sentence names first is mentioned first
            named = {i: self.mention(i) for i in (ends if template.find("{s}") < template.find("{o}") else reversed(ends))}
            yield self.sentence(template, s=named[ends[0]], o=named[ends[1]], p=self.predicate(relation), verb=self.verb(relation.subject))

    def unplaced(self) -> Iterator[str]:
        for quote in self.graph.texts:
            if quote.entity is None:
                yield self.pick(self.words.read).format(w=quote.words)

    def sentence(self, template: str, *, verb: str, **parts: str) -> str:
        text = template.format(**parts, **{"is": verb})
        return text[0].upper() + text[1:]

    def fill(self, template: str, parts: Sequence[str], verb: str) -> str:
        several = len(parts) > 1 and 0 <= template.find("{list}") < template.find("{is}")
        text = template.format(list=join(parts), **{"is": "are" if several else verb})
        return text[0].upper() + text[1:] if text.endswith(".") else text

    def verb(self, index: int) -> str:
        entities = self.graph.entities
        return "is" if entities[index].count == 1 else "are"

    def predicate(self, relation: Relation) -> str:
        return self.pick(self.words.predicates.get(relation.predicate, (relation.predicate,)))

    def value(self, value: str) -> str:
        return self.pick(self.words.values.get(value, (value,)))

    def mention(self, index: int) -> str:
        """All that is said of a thing at first mention, and the least that tells it from others afterwards."""
        entity = self.graph.entities[index]
        if index in self.order:
            return f"the {self.noun(entity, self.apart(index))}"
        self.order.append(index)
        values = sorted((v for v in entity.values if (index, v) not in self.later), key=_place)
        phrase = self.quantified(entity, self.noun(entity, [self.value(v) for v in values]))
        for quote in self.graph.texts:
            if quote.entity == index:
                phrase = self.pick(self.words.written).format(n=phrase, w=quote.words)
        return phrase

    def apart(self, index: int) -> list[str]:
        """An attribute that no other thing of the noun has, a colour if there is one; all of them if there is none."""
        entity = self.graph.entities[index]
        others = [set(e.values) for i, e in enumerate(self.graph.entities) if i != index and e.noun == entity.noun]
        if not others:
            return []
        alone = [v for v in sorted(entity.values, key=_place, reverse=True) if not any(v in values for values in others)]
        return alone[:1] or list(entity.values)

    def noun(self, entity: Entity, values: Sequence[str]) -> str:
        noun = entity.noun if entity.count == 1 else plural(entity.noun)
        return " ".join((*values, noun))

    def quantified(self, entity: Entity, phrase: str) -> str:
        if entity.count == 1:
            return article(phrase)
        if entity.count is None:
            return self.pick(self.words.several).format(n=phrase)
        return f"{_NUMBERS[entity.count] if entity.count < len(_NUMBERS) else entity.count} {phrase}"

    def told(self) -> SceneGraph:
        """The graph in order of mention."""
        order = [*self.order, *(i for i in range(len(self.graph.entities)) if i not in self.order)]
        place = {index: new for new, index in enumerate(order)}
        return replace(
            self.graph,
            entities=tuple(self.graph.entities[i] for i in order),
            relations=tuple(replace(r, subject=place[r.subject], object=place[r.object]) for r in self.graph.relations),
            texts=tuple(q if q.entity is None else replace(q, entity=place[q.entity]) for q in self.graph.texts),
        )
