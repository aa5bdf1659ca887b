"""What is told together, and which things need telling apart."""

from collections.abc import Collection
from dataclasses import dataclass

from diptych.data.graphs import Entity, SceneGraph
from diptych.language.index import least
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


def members(graph: SceneGraph) -> dict[int, tuple[int, ...]]:
    """By what is counted together, the things told of besides that are among it: the blue one of "two boats" and "a blue boat".

    A number counts all things that have its attributes, so what has them too cannot come on top. Left apart is what does the same as
    the several do, and more things than the number allows.
    """
    sure = [i for i, e in enumerate(graph.entities) if not e.negated and not e.hedged]
    several = [j for j in sure if many(graph.entities[j])]
    around: list[set[tuple[int, str, int]]] = [set() for _ in graph.entities]
    for relation in graph.relations if several else ():
        around[relation.subject] |= {(0, relation.predicate, relation.object), (2, "", relation.object)}
        around[relation.object] |= {(1, relation.predicate, relation.subject), (2, "", relation.subject)}
    found: dict[int, list[int]] = {}
    for i in sure if several else ():
        part = graph.entities[i]
        whole = [j for j in several if j != i and covers(part, graph.entities[j]) and (2, "", j) not in around[i]]
        whole = [j for j in whole if not (many(part) and len(part.values) <= len(graph.entities[j].values))]
        whole = [j for j in whole if not {a for a in around[i] & around[j] if a[0] < 2}]
        if whole:
            found.setdefault(max(whole, key=lambda j: len(graph.entities[j].values)), []).append(i)
    room = {j: graph.entities[j].count for j in found}
    return {
        j: tuple(parts) for j, parts in found.items() if sum(least(graph.entities[i]) for i in parts) <= (room[j] or len(graph.entities))
    }


def many(entity: Entity) -> bool:
    """Whether its noun is plural."""
    return is_many(entity.count, entity.at_least)


def takes_are(entity: Entity) -> bool:
    """Whether its verb is plural: two dogs are, and so are jeans and french fries."""
    return many(entity) or is_plural_form(entity.noun)
