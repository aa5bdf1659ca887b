"""What is told together, and which things need telling apart."""

from collections.abc import Collection
from dataclasses import dataclass

from diptych.data.graphs import Entity, SceneGraph
from diptych.language.wording import is_many, is_plural_form


@dataclass(frozen=True, slots=True)
class Clause:
    """Subjects, predicate and objects that all stand in that relation to each other, with the relations it says."""

    subjects: tuple[int, ...]
    predicate: str
    objects: tuple[int, ...]
    says: tuple[int, ...]

    @property
    def inside(self) -> bool:
        """Whether it belongs into the subject's noun phrase: "a bowl of soup"."""
        return self.predicate == "of" and len(self.subjects) == 1


def clauses(graph: SceneGraph, relations: Collection[int]) -> list[Clause]:
    """Relations gathered, first the objects of one subject and predicate, then the subjects that share predicate and objects."""
    objects: dict[tuple[int, str], list[int]] = {}
    for number in sorted(relations):
        relation = graph.relations[number]
        if not (graph.entities[relation.subject].negated or graph.entities[relation.object].negated):
            objects.setdefault((relation.subject, relation.predicate), []).append(number)
    subjects: dict[tuple[str, tuple[int, ...]], list[tuple[int, list[int]]]] = {}
    for (subject, predicate), numbers in objects.items():
        others = tuple(graph.relations[n].object for n in numbers)
        subjects.setdefault((predicate, others), []).append((subject, numbers))
    return [
        Clause(tuple(s for s, _ in sharing), predicate, others, tuple(n for _, numbers in sharing for n in numbers))
        for (predicate, others), sharing in subjects.items()
    ]


def blurred(graph: SceneGraph) -> set[int]:
    """Entities that no attribute tells from another of their noun."""
    by_noun: dict[str, list[int]] = {}
    for index, entity in enumerate(graph.entities):
        if not entity.negated:
            by_noun.setdefault(entity.noun, []).append(index)
    values = [frozenset(e.values) for e in graph.entities]
    return {i for alike in by_noun.values() for i in alike if any(values[i] <= values[j] for j in alike if j != i)}


def covers(known: Entity, entity: Entity) -> bool:
    """Whether the words for an entity would fit a known one too."""
    return known.noun == entity.noun and set(entity.values) <= set(known.values)


def many(entity: Entity) -> bool:
    """Whether its noun is plural."""
    return is_many(entity.count, entity.at_least)


def takes_are(entity: Entity) -> bool:
    """Whether its verb is plural: two dogs are, and so are jeans and french fries."""
    return many(entity) or is_plural_form(entity.noun)
