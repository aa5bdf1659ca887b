"""Several captions' graphs into one, by what each caption's family says; and a graph without what was found wrong."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Literal

from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph, Statement
from diptych.language.compare import link
from diptych.language.meaning import exclude
from diptych.language.merge import Merged, Number, Thing, Who, Wordings, everyone, merge
from diptych.language.predicates import implied, opposed, split

Policy = Literal["union", "intersection", "majority", "conflict_drop"]
POLICIES: tuple[Policy, ...] = ("union", "intersection", "majority", "conflict_drop")
Voice = tuple[str, str, SceneGraph]  # caption id, family of its writer, what it says


def fuse(graphs: Sequence[Voice], policy: Policy = "conflict_drop", *, threshold: float = 0.5) -> SceneGraph:
    """One graph from several captions'; every part keeps the ids of the captions that say it as origins.

    A family is one voice, however many captions it wrote. union: all that is said (two colours make two things).
    conflict_drop: all, but of two statements that exclude each other (colours of one thing, numbers, left and right, there and not
    there) the one with more voices, in a dead heat the earlier. majority: what more than `threshold` of the voices say.
    intersection: what all say. Numbers and places that disagree are settled as in conflict_drop under every policy.
    """
    if policy not in POLICIES:
        raise InputError(f"policy must be one of {', '.join(POLICIES)}, got {policy!r}")
    if not 0 <= threshold < 1:
        raise InputError(f"threshold must lie in [0, 1), got {threshold}")
    merged = merge([graph for _, _, graph in graphs], clash_apart=policy == "union")
    return _Fusion(merged, graphs, policy, threshold).graph()


class _Fusion:
    """Decides on merged evidence."""

    def __init__(self, merged: Merged, graphs: Sequence[Voice], policy: Policy, threshold: float) -> None:
        self.merged = merged
        self.policy = policy
        self.ids = [id for id, _, _ in graphs]
        self.families = [family for _, family, _ in graphs]
        voices = len(set(self.families))
        self.needed = {"intersection": float(voices), "majority": threshold * voices + 1e-9}.get(policy, 0.0)

    def graph(self) -> SceneGraph:
        place: dict[int, int] = {}
        entities: list[Entity] = []
        denied = self._denied()
        for index, thing in enumerate(self.merged.things):
            if index not in denied and self._enough(self._sure(thing)):
                place[index] = len(entities)
                entities.append(self._entity(thing))
        relations = self._relations(place)
        texts = [
            Quote(self._best(wordings), None if on is None else place[on], origins=self._origins(wordings.values()))
            for (_, on), wordings in self.merged.texts.items()
            if (on is None or on in place) and self._enough(everyone(wordings.values()))
        ]
        return _together(SceneGraph(_without_told(entities, relations), tuple(relations), tuple(texts)))

    def _voices(self, who: Who) -> int:
        return len({self.families[number] for number in who})

    def _enough(self, who: Who) -> bool:
        return self._voices(who) >= self.needed

    def _rank(self, who: Who) -> tuple[int, int]:
        """Larger stands: more voices, then the earlier caption."""
        return self._voices(who), -min(who, default=len(self.ids))

    def _best(self, wordings: Wordings) -> str:
        return max(wordings, key=lambda word: self._rank(wordings[word]))

    def _origins(self, wordings: object) -> tuple[str, ...]:
        return tuple(self.ids[number] for number in everyone(wordings))  # type: ignore[arg-type]

    def _sure(self, thing: Thing) -> Who:
        """Who states it without a hedge; under the lenient policies a hedged thing stays, marked as such."""
        who = everyone(thing.nouns.values())
        return who if self.needed == 0 else [number for number in who if number not in thing.hedged]

    def _denied(self) -> set[int]:
        """Things whose being there, or not, others state with more voices."""
        things = self.merged.things
        lost: set[int] = set()
        for i, absent in enumerate(things):
            if not absent.negated or absent.attributes:
                continue
            for j, present in enumerate(things):
                if not present.negated and present.nouns.keys() & absent.nouns.keys():
                    ranks = self._rank(everyone(absent.nouns.values())), self._rank(everyone(present.nouns.values()))
                    lost.add(j if ranks[0] > ranks[1] else i)
        return lost

    def _entity(self, thing: Thing) -> Entity:
        who = everyone(thing.nouns.values())
        count, at_least = self._number(thing.numbers)
        return Entity(
            self._best(thing.nouns), count, at_least, self._attributes(thing), thing.negated,
            hedged=len(thing.hedged) == len(who), region=thing.region, origins=tuple(self.ids[number] for number in who),
        )  # fmt: skip

    def _number(self, numbers: dict[Number, Who]) -> Number:
        """The number with most voices; without enough of them, the largest that enough imply."""
        stated = max(numbers, key=lambda n: (self._rank(numbers[n])[0], n[0] is not None, self._rank(numbers[n])[1]))
        if self._enough(numbers[stated]):
            return stated
        single: Number = (None, None) if (None, None) in numbers else (1, None)
        low = sorted({least for n in numbers if (least := n[0] or n[1] or 1)}, reverse=True)
        for least in low:
            if self._enough(everyone(who for n, who in numbers.items() if (n[0] or n[1] or 1) >= least)):
                return single if least == 1 else (None, least)
        return single

    def _attributes(self, thing: Thing) -> tuple[Attribute, ...]:
        kept = [w for w in thing.attributes if self._enough(everyone(w.values()))]
        if self.policy != "union":
            kept = [w for w in kept if not any(self._beaten(w, other) for other in kept if other is not w)]
        return tuple(Attribute(self._best(w), origins=self._origins(w.values())) for w in kept)

    def _beaten(self, wordings: Wordings, other: Wordings) -> bool:
        if not any(exclude(a, b) for a in wordings for b in other):
            return False
        mine, theirs = everyone(wordings.values()), everyone(other.values())
        # one caption that says both ("a black and white dog") means both
        return not set(mine) & set(theirs) and self._rank(mine) < self._rank(theirs)

    def _relations(self, place: dict[int, int]) -> list[Relation]:
        found: list[tuple[tuple[int, str, int], Who]] = []
        for wordings in self.merged.relations.values():
            who = everyone(wordings.values())
            said = max(wordings, key=lambda key: self._rank(wordings[key]))
            if said[0] in place and said[2] in place and self._enough(who):
                found.append((said, who))
        found = [item for item in found if not any(self._gives_way(item, other) for other in found if other is not item)]
        return [Relation(place[i], p, place[j], origins=tuple(self.ids[n] for n in who)) for (i, p, j), who in found]

    def _gives_way(self, one: tuple[tuple[int, str, int], Who], other: tuple[tuple[int, str, int], Who]) -> bool:
        """Whether the other relation of the same two says more, or rules this one out with more voices."""
        (i, p, j), who = one
        (k, q, m), others = other
        if {i, j} != {k, m}:
            return False
        if any((link(k, s.name, m) if not s.flip else link(m, s.name, k)) == link(i, p, j) for s in implied(q)[1:]):
            return True
        against = opposed(p, q) if (i, j) == (k, m) else _reversed(p, q)
        return against and self._rank(who) < self._rank(others)


def _without_told(entities: Sequence[Entity], relations: Sequence[Relation]) -> tuple[Entity, ...]:
    """Attributes that a relation tells more fully fall away: "sleeping" beside "sleeps on a couch"."""
    told = {(r.subject, split(r.predicate)[0]) for r in relations}
    return tuple(
        replace(e, attributes=tuple(a for a in e.attributes if (i, a.value) not in told)) if any((i, v) in told for v in e.values) else e
        for i, e in enumerate(entities)
    )


def _reversed(one: str, other: str) -> bool:
    """Whether `one` from here to there rules out `other` from there to here: left of, and left of."""
    return opposed(one, {"left of": "right of", "above": "below", "in front of": "behind"}.get(other, ""))


def _together(graph: SceneGraph) -> SceneGraph:
    """Single things that nothing tells apart become one with their number: "a dog" and "a dog" are "two dogs"."""
    around: list[set[tuple[int, str, int]]] = [set() for _ in graph.entities]
    for relation in graph.relations:
        around[relation.subject].add((0, relation.predicate, relation.object))
        around[relation.object].add((1, relation.predicate, relation.subject))
    written = {quote.entity for quote in graph.texts}
    first: dict[object, int] = {}
    same: dict[int, int] = {}
    for index, entity in enumerate(graph.entities):
        if entity.count == 1 and not entity.negated and index not in written:
            key = entity.noun, frozenset(entity.values), frozenset(around[index]), entity.hedged
            if first.setdefault(key, index) != index:
                same[index] = first[key]
    if not same:
        return graph
    numbers = [1 + list(same.values()).count(index) for index in range(len(graph.entities))]
    place = {index: at for at, index in enumerate(i for i in range(len(graph.entities)) if i not in same)}
    entities = [replace(e, count=numbers[i]) if numbers[i] > 1 else e for i, e in enumerate(graph.entities) if i not in same]
    relations = [
        replace(r, subject=place[r.subject], object=place[r.object]) for r in graph.relations if r.subject in place and r.object in place
    ]
    texts = [replace(q, entity=None if q.entity is None else place[q.entity]) for q in graph.texts]
    return SceneGraph(tuple(entities), tuple(relations), tuple(texts))


def stated(graph: SceneGraph) -> SceneGraph:
    """The graph without the things it hedges ("what appears to be a dog"), which nobody states as facts and nobody checks.

    The numbers of its statements stay as they are.
    """
    if not any(entity.hedged for entity in graph.entities):
        return graph
    texts = [replace(q, entity=None) if q.entity is not None and graph.entities[q.entity].hedged else q for q in graph.texts]
    return _only(replace(graph, texts=tuple(texts)), [i for i, entity in enumerate(graph.entities) if not entity.hedged])


def prune(graph: SceneGraph, keep: Callable[[Statement], bool]) -> SceneGraph:
    """The graph without the statements that `keep` refuses.

    What belongs to an entity falls with it. A number falls with an attribute of what it counts: that there are two blue balls does not
    say how many balls there are. A number that falls leaves "a dog": that much its existence states. A thing that has lost what set it
    apart is not told beside one of its noun of which as much is said: "a red chair and a chair" would count two, which nobody checked.
    """
    gone: dict[str, set[tuple[int, int]]] = {}
    for statement in graph.statements():
        if not keep(statement):
            gone.setdefault(statement.kind, set()).add((statement.entity, statement.part))
    if not gone:
        return graph
    nothing: set[tuple[int, int]] = set()
    fallen = {entity for entity, _ in gone.get("exists", nothing)}
    attributes, counts = gone.get("attribute", nothing), {entity for entity, _ in gone.get("count", nothing)}
    lessened = {entity for entity, _ in attributes}
    relations, texts = ({part for _, part in gone.get(kind, nothing)} for kind in ("relation", "text"))
    entities: list[Entity] = []
    for index, entity in enumerate(graph.entities):
        kept = tuple(a for part, a in enumerate(entity.attributes) if (index, part) not in attributes)
        less = replace(entity, attributes=kept) if index in lessened else entity
        numbered = entity.at_least is not None or (entity.count or 0) > 1
        entities.append(replace(less, count=1, at_least=None, count_span=None) if index in counts | lessened and numbered else less)
    pruned = SceneGraph(
        tuple(entities),
        tuple(r for part, r in enumerate(graph.relations) if part not in relations and not {r.subject, r.object} & fallen),
        tuple(q for part, q in enumerate(graph.texts) if part not in texts and q.entity not in fallen),
    )
    left = [index for index in range(len(entities)) if index not in fallen]
    return _only(pruned, _told_once(pruned, left, counts | lessened))


def _told_once(graph: SceneGraph, left: Sequence[int], lessened: Collection[int]) -> list[int]:
    """What is left without the lessened things that say nothing which another one of their noun does not."""
    busy = {end for r in graph.relations for end in (r.subject, r.object)} | {q.entity for q in graph.texts}
    kept = list(left)
    for index in left:
        entity = graph.entities[index]
        if index in lessened and index not in busy and not entity.negated:
            others = (graph.entities[i] for i in kept if i != index)
            if any(o.noun == entity.noun and not o.negated and not o.hedged and {*entity.values} <= {*o.values} for o in others):
                kept.remove(index)
    return kept


def _only(graph: SceneGraph, kept: Sequence[int]) -> SceneGraph:
    """These entities, and what is said of and between them."""
    if len(kept) == len(graph.entities):
        return graph
    place = {index: at for at, index in enumerate(kept)}
    return SceneGraph(
        tuple(graph.entities[index] for index in kept),
        tuple(
            replace(r, subject=place[r.subject], object=place[r.object])
            for r in graph.relations
            if r.subject in place and r.object in place
        ),
        tuple(
            replace(q, entity=None if q.entity is None else place[q.entity]) for q in graph.texts if q.entity is None or q.entity in place
        ),
    )
