"""CAPTURE's three passes repaired: whole words, attributes and relations bound to matched objects, the best matching taken together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from diptych.data.graphs import SceneGraph
from diptych.language.assignment import assign
from diptych.language.compare import link, match_graphs
from diptych.language.meaning import same_value
from diptych.measure.capture_kinds import Cosines, Credit, Credits

_SURE = 10.0  # a matched word against cosines: no sum of soft matches of one thing's attributes outweighs it
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bound:
    """A candidate and a reference whose objects are matched one to one; `threshold` is the least cosine of a soft match."""

    candidate: SceneGraph
    reference: SceneGraph
    pairs: tuple[Pair, ...]
    threshold: float

    @property
    def left(self) -> list[str]:
        """Phrases that the soft pass needs."""
        nouns = _unmatched(self.candidate, self.pairs, 0), _unmatched(self.reference, self.pairs, 1)
        found = [self.candidate.entities[i].noun for i in nouns[0]] + [self.reference.entities[j].noun for j in nouns[1]]
        for graph in (self.candidate, self.reference):
            found += [value for entity in graph.entities for value in entity.values]
            found += [relation.predicate for relation in graph.relations]
        return found

    def credits(self, cosines: Cosines | None) -> Credits:
        """Credit for objects, attributes and relations. A soft pair of objects carries attributes and relations too."""
        ours, theirs = self.candidate, self.reference
        soft = self._soft_pairs(cosines)
        partner = dict(self.pairs) | {i: j for i, j, _ in soft}
        objects = len(self.pairs) + sum(cosine for _, _, cosine in soft)
        attributes = sum(self._values(ours.entities[i].values, theirs.entities[j].values, cosines) for i, j in partner.items())
        relations = self._relations(partner, cosines)
        sizes = [[len(g.entities), sum(len(e.attributes) for e in g.entities), len(g.relations)] for g in (ours, theirs)]
        first, second, third = (Credit(a, b, got, got) for a, b, got in zip(*sizes, (objects, attributes, relations), strict=True))
        return first, second, third

    def _soft_pairs(self, cosines: Cosines | None) -> list[tuple[int, int, float]]:
        rows, columns = _unmatched(self.candidate, self.pairs, 0), _unmatched(self.reference, self.pairs, 1)
        if cosines is None or not rows or not columns:
            return []
        nouns = [self.candidate.entities[i].noun for i in rows], [self.reference.entities[j].noun for j in columns]
        found = self._best(nouns[0], nouns[1], cosines)
        return [(rows[a], columns[b], cosine) for a, b, cosine in found]

    def _best(self, ours: Sequence[str], theirs: Sequence[str], cosines: Cosines) -> list[tuple[int, int, float]]:
        """One to one, the largest sum of cosines that reach the threshold; no cosine is worth more than a match."""
        table = [[min(c, 1.0) if c >= self.threshold else 0.0 for c in row] for row in cosines.table(ours, theirs).tolist()]
        return [(a, b, table[a][b]) for a, b in assign(table)]

    def _values(self, ours: Sequence[str], theirs: Sequence[str], cosines: Cosines | None) -> float:
        if not ours or not theirs:
            return 0.0
        table = [[_SURE * (1.0 + (a == b)) if same_value(a, b) else 0.0 for b in theirs] for a in ours]
        sure = assign(table)
        rows, columns = ([k for k in range(n) if k not in {p[side] for p in sure}] for side, n in enumerate((len(ours), len(theirs))))
        if cosines is None or not rows or not columns:
            return float(len(sure))
        return len(sure) + sum(c for _, _, c in self._best([ours[k] for k in rows], [theirs[k] for k in columns], cosines))

    def _relations(self, partner: Mapping[int, int], cosines: Cosines | None) -> float:
        """Relations between matched objects: canonical predicates that agree, and soft ones between the same two ends."""
        ends = [(partner.get(r.subject, -1), r.predicate, partner.get(r.object, -1)) for r in self.candidate.relations]
        waiting = Counter(link(r.subject, r.predicate, r.object) for r in self.reference.relations)
        hits, left = 0, []
        for subject, predicate, other in ends:
            key = link(subject, predicate, other)
            if waiting[key] > 0:
                waiting[key] -= 1
                hits += 1
            else:
                left.append((subject, predicate, other))
        return hits + (self._soft_relations(left, waiting, cosines) if cosines is not None else 0.0)

    def _soft_relations(self, left: Iterable[tuple[int, str, int]], waiting: Counter[tuple[int, str, int]], cosines: Cosines) -> float:
        between: dict[Pair, list[str]] = {}
        for subject, predicate, other in left:
            between.setdefault((subject, other), []).append(predicate)
        free: dict[Pair, list[str]] = {}
        for r in self.reference.relations:
            key = link(r.subject, r.predicate, r.object)
            if waiting[key] > 0:
                waiting[key] -= 1
                free.setdefault((r.subject, r.object), []).append(r.predicate)
        return sum(cosine for ends in between if ends in free for _, _, cosine in self._best(between[ends], free[ends], cosines))


def bound(candidate: SceneGraph, reference: SceneGraph, threshold: float) -> Bound:
    """The objects matched as a whole, whatever their order, by lemma or WordNet."""
    return Bound(candidate, reference, match_graphs(candidate, reference).entities, threshold)


def _unmatched(graph: SceneGraph, pairs: Iterable[Pair], side: int) -> list[int]:
    matched = {pair[side] for pair in pairs}
    return [i for i in range(len(graph.entities)) if i not in matched]
