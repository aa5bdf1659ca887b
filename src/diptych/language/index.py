"""A graph prepared to answer many statements fast."""

import re
from collections.abc import Mapping

from diptych.data.graphs import Entity, SceneGraph, Statement
from diptych.data.records import Answered
from diptych.language.meaning import exclude, same_value
from diptych.language.predicates import ONE_WAY, bare, implied, sense, split
from diptych.language.wordnet import same_thing

_WORD = re.compile(r"\w+")
_NO_KINDS: Mapping[str, str] = {}


class Index:
    """A graph prepared for many statements.

    `kinds` maps fine nouns to coarser ones; a noun that stands in it is taken at its word, others also match by WordNet.
    Closed: the graph is the whole truth, so what is absent is contradicted. Open: the graph is another caption, so what it does not
    mention is unknown.
    """

    __slots__ = ("_bare", "_denied", "_found", "_ids", "_pairs", "_values", "_words", "graph", "kinds")

    def __init__(self, graph: SceneGraph, kinds: Mapping[str, str] = _NO_KINDS) -> None:
        self.graph = graph
        self.kinds = kinds
        self._ids: dict[str, list[int]] = {}
        self._denied: list[Entity] = []
        for number, entity in enumerate(graph.entities):
            if entity.negated:
                self._denied.append(entity)
            elif not entity.hedged:
                self._ids.setdefault(entity.noun, []).append(number)
        self._found: dict[str, tuple[int, ...]] = {}
        self._values: list[frozenset[str]] | None = None
        self._pairs: dict[str, set[tuple[int, int]]] | None = None
        self._bare: dict[str, set[tuple[int, int]]] = {}
        self._words: list[tuple[str, int]] | None = None

    def holds(self, statement: Statement, *, closed: bool = True) -> Answered:
        """supported, contradicted or unknown (never unknown when closed)."""
        kind = statement.kind
        if kind == "relation":
            return self._relation(statement, closed)
        if kind == "text":
            return self._text(statement, closed)
        found = self.matching(statement.subject, statement.subject_is)
        if kind == "exists":
            return self._exists(statement, found, closed)
        if kind == "attribute":
            return self._attribute(statement, found, closed)
        return self._count(statement, found, closed)

    def check(self, graph: SceneGraph, *, closed: bool = True) -> tuple[Answered, ...]:
        """An answer for each of the graph's statements, in their order."""
        return tuple(self.holds(statement, closed=closed) for statement in graph.statements())

    def matching(self, noun: str, values: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Entities that the noun may name and that have all the values."""
        found = self._found.get(noun)
        if found is None:
            found = self._found[noun] = self._look(noun)
        if not values or not found:
            return found
        return tuple(i for i in found if all(self.has(i, value) for value in values))

    def has(self, entity: int, value: str) -> bool:
        """Whether the entity has the value, by this or another word."""
        if self._values is None:
            self._values = self._all_values()
        values = self._values[entity]
        return value in values or any(same_value(value, other) for other in values)

    def _all_values(self) -> list[frozenset[str]]:
        """Attributes, and the verbs of relations: who sleeps on a couch sleeps."""
        doing: dict[int, list[str]] = {}
        for relation in self.graph.relations:
            verb = split(relation.predicate)[0]
            if verb:
                doing.setdefault(relation.subject, []).append(verb)
        return [frozenset((*e.values, *doing.get(i, ()))) for i, e in enumerate(self.graph.entities)]

    def related(self, predicate: str, subject: int, other: int) -> bool:
        """Whether the graph says that the predicate holds of the two, by this or another wording or seen from the other end."""
        pairs = self._relations()
        wanted = sense(predicate)
        pair = (other, subject) if wanted.flip else (subject, other)
        if pair in pairs.get(wanted.name, ()):
            return True
        plain = bare(predicate)
        return plain is not None and ((other, subject) if plain.flip else (subject, other)) in self._bare.get(plain.name, ())

    def _look(self, noun: str) -> tuple[int, ...]:
        found: list[int] = []
        for other, ids in self._ids.items():
            if other == noun or self._names(noun, other):
                found.extend(ids)
        return tuple(sorted(found))

    def _names(self, noun: str, other: str) -> bool:
        kind = self.kinds.get(other)
        while kind is not None:
            if kind == noun:
                return True
            kind = self.kinds.get(kind)
        return noun not in self.kinds and same_thing(noun, other)

    def _relations(self) -> dict[str, set[tuple[int, int]]]:
        if self._pairs is None:
            self._pairs = {}
            for relation in self.graph.relations:
                pair = (relation.subject, relation.object)
                if bare(relation.predicate) is None:
                    stated = sense(relation.predicate)
                    self._bare.setdefault(stated.name, set()).update(_ways(pair, stated.flip, stated.symmetric))
                for known in implied(relation.predicate):
                    self._pairs.setdefault(known.name, set()).update(_ways(pair, known.flip, known.symmetric))
        return self._pairs

    def _exists(self, statement: Statement, found: tuple[int, ...], closed: bool) -> Answered:
        if found:
            return "contradicted" if statement.negated else "supported"
        if closed or self._denies(statement.subject, statement.subject_is):
            return "supported" if statement.negated else "contradicted"
        return "unknown"

    def _denies(self, noun: str, values: tuple[str, ...] = ()) -> bool:
        """ "no dog" denies a red dog too, "no red dog" only what is red."""
        return any(
            same_thing(noun, e.noun) and all(any(same_value(value, denied) for value in values) for denied in e.values)
            for e in self._denied
        )

    def _attribute(self, statement: Statement, found: tuple[int, ...], closed: bool) -> Answered:
        if any(self.has(i, statement.value) for i in found):
            return "contradicted" if statement.negated else "supported"
        if closed:
            return "supported" if statement.negated else "contradicted"
        if not found and self._denies(statement.subject, (*statement.subject_is, statement.value)):
            return "supported" if statement.negated else "contradicted"
        if statement.negated or len(found) != 1:
            return "unknown"
        return "contradicted" if any(exclude(statement.value, v) for v in self.graph.entities[found[0]].values) else "unknown"

    def _count(self, statement: Statement, found: tuple[int, ...], closed: bool) -> Answered:
        entities = [self.graph.entities[i] for i in found]
        fewest = sum(least(e) for e in entities)
        at_least = statement.value.endswith("+")
        wanted = int(statement.value.rstrip("+"))
        if at_least and fewest >= wanted:
            return "supported"
        exact = all(e.count is not None for e in entities)
        if closed or (exact and entities):
            return "supported" if exact and not at_least and fewest == wanted else "contradicted"
        if not entities:
            return "contradicted" if self._denies(statement.subject) else "unknown"
        return "contradicted" if not at_least and fewest > wanted else "unknown"

    def _relation(self, statement: Statement, closed: bool) -> Answered:
        subjects = self.matching(statement.subject, statement.subject_is)
        others = self.matching(statement.object, statement.object_is)
        value = statement.value
        if any(self.related(value, i, j) for i in subjects for j in others if i != j):
            return "supported"
        if closed:
            return "contradicted"
        if len(subjects) == 1 and len(others) == 1 and subjects != others and self._opposite(value, subjects[0], others[0]):
            return "contradicted"
        return "contradicted" if self._denies(statement.subject) or self._denies(statement.object) else "unknown"

    def _opposite(self, predicate: str, subject: int, other: int) -> bool:
        pairs = self._relations()
        for known in implied(predicate):
            pair = (subject, other) if known.flip else (other, subject)
            if known.name in ONE_WAY and pair in pairs.get(known.name, ()):
                return True
        return False

    def _text(self, statement: Statement, closed: bool) -> Answered:
        if self._words is None:
            self._words = [(plain(q.words), -1 if q.entity is None else q.entity) for q in self.graph.texts]
        wanted = plain(statement.value)
        on = self.matching(statement.subject, statement.subject_is) if statement.subject else ()
        for words, entity in self._words:
            if f" {wanted} " in f" {words} " and (not statement.subject or entity < 0 or entity in on):
                return "supported"
        return "contradicted" if closed else "unknown"


def _ways(pair: tuple[int, int], flip: bool, symmetric: bool) -> tuple[tuple[int, int], ...]:
    turned = (pair[1], pair[0])
    if symmetric:
        return pair, turned
    return (turned,) if flip else (pair,)


def least(entity: Entity) -> int:
    """The fewest things that an entity stands for."""
    return entity.count if entity.count is not None else entity.at_least or 1


def plain(words: str) -> str:
    """Words without case and punctuation."""
    return " ".join(_WORD.findall(words.casefold()))
