"""The facts that a caption of a known scene could state, and which of them it does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diptych.data.graphs import Entity, Kind, SceneGraph
from diptych.language.assignment import assign
from diptych.language.index import Index, least, plain
from diptych.language.meaning import same_value
from diptych.language.predicates import CONTACT, sense
from diptych.language.sentence import in_few_words

_NO_KINDS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: a noun with all its objects (exists, count), an object's attribute, a pair in contact (its first predicate), words."""

    kind: Kind
    entities: tuple[int, ...]  # indices in the truth's graph
    value: str


def fact_list(truth: SceneGraph) -> tuple[Fact, ...]:
    """One existence a noun, one attribute an object and value, one count a noun of two objects or more, one relation a pair that
    touches or is near (whatever else relates it), one text a quote.
    """  # fmt: skip
    nouns: dict[str, list[int]] = {}
    for index, entity in enumerate(truth.entities):
        nouns.setdefault(entity.noun, []).append(index)
    pairs: dict[tuple[int, int], str] = {}
    for relation in truth.relations:
        if sense(relation.predicate).name in CONTACT:
            ends = (relation.subject, relation.object)
            pairs.setdefault((min(ends), max(ends)), relation.predicate)
    return (
        *(Fact("exists", tuple(ids), noun) for noun, ids in nouns.items()),
        *(Fact("attribute", (index,), value) for index, entity in enumerate(truth.entities) for value in entity.values),
        *(Fact("count", tuple(ids), str(len(ids))) for ids in nouns.values() if len(ids) > 1),
        *(Fact("relation", pair, predicate) for pair, predicate in pairs.items()),
        *(Fact("text", () if q.entity is None else (q.entity,), q.words) for q in truth.texts),
    )


def stating(fact: Fact, truth: SceneGraph) -> str:
    """A fact in few words: "dog", "dog: brown", "dog × 3", "dog · sleep on · couch", "“STOP” written on sign"."""
    nouns = [truth.entities[one].noun for one in fact.entities] or [""]
    return in_few_words(fact.kind, nouns[0], fact.value, nouns[-1])


def covered(truth: SceneGraph, caption: SceneGraph, kinds: Mapping[str, str] = _NO_KINDS) -> set[int]:
    """Places in `fact_list(truth)` that true statements of the caption cover; `Facts` answers for many captions."""
    return Facts(Index(truth, kinds)).covered(caption)


class Facts:
    """A truth's facts prepared for many captions.

    Each thing mentioned stands for as many objects as it says, those it fits best; so "red" covers one object's colour.
    """

    __slots__ = ("_places", "index", "list")

    def __init__(self, index: Index) -> None:
        self.index = index
        self.list = fact_list(index.graph)
        # where facts stand, by what a caption's statement leads to
        self._places: dict[tuple[object, ...], int] = {}
        for place, fact in enumerate(self.list):
            on = fact.entities if fact.kind in ("attribute", "relation") else ()
            value = index.graph.entities[fact.entities[0]].noun if fact.kind == "count" else fact.value
            self._places[(fact.kind, "" if fact.kind == "relation" else value, *on)] = place

    def covered(self, caption: SceneGraph) -> set[int]:
        """Places in `list`."""
        stated = [not (e.negated or e.hedged) for e in caption.entities]
        could = [self.index.matching(e.noun) if said else () for e, said in zip(caption.entities, stated, strict=True)]
        stands = self._stands(caption.entities, could)
        found = set(self._things(caption, stands))
        found.update(self._counts(caption.entities, could))
        self._relations(caption, could, stands, found)
        found.update(self._texts(caption, could))
        found.discard(-1)
        return found

    def _stands(self, entities: tuple[Entity, ...], could: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """The objects that each thing mentioned stands for."""
        stands: list[tuple[int, ...]] = [()] * len(entities)
        waiting = [i for i, ids in enumerate(could) if ids]
        taken: set[int] = set()
        shared: list[int] = []
        for i in waiting:
            ids = could[i]
            if len(ids) == 1 and not any(ids[0] in could[j] for j in waiting if j != i):
                stands[i] = ids
            else:
                shared.append(i)
        slots = [i for i in shared for _ in range(min(least(entities[i]), len(could[i])))]
        objects = sorted({o for i in shared for o in could[i]})
        weights = [[self._fit(entities[i], o) if o in could[i] else 0.0 for o in objects] for i in slots]
        for slot, column in assign(weights):
            if objects[column] not in taken:
                taken.add(objects[column])
                stands[slots[slot]] += (objects[column],)
        return stands

    def _fit(self, entity: Entity, index: int) -> float:
        return 1.0 + 2.0 * sum(self.index.has(index, value) for value in entity.values)

    def _things(self, caption: SceneGraph, stands: list[tuple[int, ...]]) -> Iterable[int]:
        truth = self.index.graph.entities
        for entity, objects in zip(caption.entities, stands, strict=True):
            for index in objects:
                yield self._places[("exists", truth[index].noun)]
                for value in entity.values:
                    yield self._attribute(index, value)

    def _attribute(self, index: int, value: str) -> int:
        place = self._places.get(("attribute", value, index))
        if place is not None:
            return place
        if self.index.has(index, value):  # in other words
            return next(
                p for p, f in enumerate(self.list) if f.kind == "attribute" and f.entities == (index,) and same_value(value, f.value)
            )
        return -1

    def _counts(self, entities: tuple[Entity, ...], could: list[tuple[int, ...]]) -> Iterable[int]:
        """A number is said at once, or by naming every single thing."""
        said: dict[tuple[int, ...], list[int | None]] = {}
        for entity, objects in zip(entities, could, strict=True):
            if len(objects) > 1:
                said.setdefault(objects, []).append(entity.count)
        for objects, numbers in said.items():
            if len({self.index.graph.entities[i].noun for i in objects}) > 1:
                continue
            exact = None if None in numbers else sum(n or 0 for n in numbers)
            if len(objects) in numbers or exact == len(objects):
                yield self._places.get(("count", self.index.graph.entities[objects[0]].noun), -1)

    def _relations(self, caption: SceneGraph, could: list[tuple[int, ...]], stands: list[tuple[int, ...]], found: set[int]) -> None:
        for relation in caption.relations:
            pairs = self._true_pairs(relation.predicate, stands[relation.subject], stands[relation.object])
            if not pairs:  # true of others that fit as well
                ends = ((caption.entities[end], could[end]) for end in (relation.subject, relation.object))
                fitting = [[o for o in objects if all(self.index.has(o, v) for v in entity.values)] for entity, objects in ends]
                pairs = self._true_pairs(relation.predicate, *fitting)[:1]
            found.update(self._places.get(("relation", "", min(pair), max(pair)), -1) for pair in pairs)

    def _true_pairs(self, predicate: str, subjects: Iterable[int], objects: Iterable[int]) -> list[tuple[int, int]]:
        others = tuple(objects)
        return [(i, j) for i in subjects for j in others if i != j and self.index.related(predicate, i, j)]

    def _texts(self, caption: SceneGraph, could: list[tuple[int, ...]]) -> Iterable[int]:
        for place, fact in enumerate(self.list):
            if fact.kind == "text":
                for quote in caption.texts:
                    where = quote.entity is None or not fact.entities or fact.entities[0] in could[quote.entity]
                    if where and plain(quote.words) == plain(fact.value):
                        yield place
