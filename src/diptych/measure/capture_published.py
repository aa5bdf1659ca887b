"""CAPTURE's three passes as published, traps included: parts of words match, attributes are detached, the first fit is taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from diptych.data.graphs import SceneGraph
from diptych.language.predicates import sense
from diptych.language.wordnet import same_property, synonyms
from diptych.measure.capture_kinds import Cosines, Credit, Credits

Phrase = tuple[str, ...]  # (noun,), (value,) or (subject, predicate, object)


@dataclass(frozen=True, slots=True)
class Passed:
    """One kind after the exact and the synonym pass: sizes, hits, and what is left on each side, in order of mention."""

    candidate: int
    reference: int
    hits: int
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    def credit(self, cosines: Cosines | None) -> Credit:
        """With the soft pass: what is left is credited with its largest cosine to what is left on the other side."""
        if cosines is None or not self.ours or not self.theirs:
            return Credit(self.candidate, self.reference, self.hits, self.hits)
        table = np.maximum(cosines.table(self.ours, self.theirs), 0.0)  # a debt would put F out of 0 to 1
        return Credit(
            self.candidate, self.reference, self.hits + float(table.max(axis=1).sum()), self.hits + float(table.max(axis=0).sum())
        )


@dataclass(frozen=True, slots=True)
class Greedy:
    """A candidate and a reference compared as published."""

    kinds: tuple[Passed, Passed, Passed]

    @property
    def left(self) -> list[str]:
        """Phrases that the soft pass needs."""
        return [phrase for kind in self.kinds if kind.ours and kind.theirs for phrase in (*kind.ours, *kind.theirs)]

    def credits(self, cosines: Cosines | None) -> Credits:
        """Credit for objects, attributes and relations."""
        objects, attributes, relations = (kind.credit(cosines) for kind in self.kinds)
        return objects, attributes, relations


def greedy(candidate: SceneGraph, reference: SceneGraph) -> Greedy:
    """Both graphs reduced to lists: different nouns, the values of each thing, different triples."""
    ours, theirs = _lists(candidate), _lists(reference)
    objects, attributes, relations = (_passed(a, b, fits) for a, b, fits in zip(ours, theirs, (_nouns, _values, _triples), strict=True))
    return Greedy((objects, attributes, relations))


def _lists(graph: SceneGraph) -> tuple[list[Phrase], list[Phrase], list[Phrase]]:
    nouns = dict.fromkeys((e.noun,) for e in graph.entities)
    values = dict.fromkeys((e.noun, value) for e in graph.entities for value in e.values)
    triples = dict.fromkeys((graph.entities[r.subject].noun, r.predicate, graph.entities[r.object].noun) for r in graph.relations)
    return list(nouns), [(value,) for _, value in values], list(triples)


def _passed(ours: Sequence[Phrase], theirs: Sequence[Phrase], fits: Callable[[Phrase, Phrase], bool]) -> Passed:
    left, free = list(ours), list(theirs)
    for alike in (Phrase.__eq__, fits):
        waiting, left = left, []
        for one in waiting:
            found = next((place for place, other in enumerate(free) if alike(one, other)), None)
            if found is None:
                left.append(one)
            else:
                free.pop(found)
    return Passed(len(ours), len(theirs), len(ours) - len(left), tuple(map(" ".join, left)), tuple(map(" ".join, free)))


@lru_cache(1 << 16)
def noun_fits(one: str, other: str) -> bool:
    """Either is part of the other, letter for letter, or they share a synonym."""
    return one in other or other in one or not synonyms(one).union((one,)).isdisjoint(synonyms(other).union((other,)))


@lru_cache(1 << 16)
def value_fits(one: str, other: str) -> bool:
    """Either is part of the other, letter for letter, or they are synonyms."""
    return one in other or other in one or same_property(one, other)


def _nouns(one: Phrase, other: Phrase) -> bool:
    return noun_fits(one[0], other[0])


def _values(one: Phrase, other: Phrase) -> bool:
    return value_fits(one[0], other[0])


def _triples(one: Phrase, other: Phrase) -> bool:
    a, b = one[1], other[1]
    return (a in b or b in a or sense(a) == sense(b)) and noun_fits(one[0], other[0]) and noun_fits(one[2], other[2])
