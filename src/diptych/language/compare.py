"""Which parts of two graphs say the same: one to one, and with binding kept (which dog is brown)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from diptych.data.graphs import KINDS, Entity, Kind, SceneGraph
from diptych.language.assignment import assign
from diptych.language.meaning import exclude, same_value
from diptych.language.predicates import sense
from diptych.language.wordnet import same_thing

Pair = tuple[int, int]
MANY = 60  # entities; relations decide between alike things only in smaller graphs
TRIES = 500  # whole matchings looked at where relations must decide
# what a matched part is worth: entities before all, then the most parts, then the word itself and what does not clash
_MATCHED, _PART, _SAME_WORD, _CLASH, _GUESS = 10_000.0, 64.0, 16.0, -4.0, 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """How many parts of one kind there are on each side, and how many pairs they make."""

    matched: int
    candidate: int
    reference: int

    @property
    def precision(self) -> float:
        """The share of the candidate's parts that the reference has; 0 where there are none."""
        return self.matched / self.candidate if self.candidate else 0.0

    @property
    def recall(self) -> float:
        """The share of the reference's parts that the candidate has; 0 where there are none."""
        return self.matched / self.reference if self.reference else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.candidate + self.reference
        return 2 * self.matched / total if total else 0.0


@dataclass(frozen=True, slots=True)
class GraphMatch:
    """Pairs of indices (candidate's, reference's); an attribute is (entity, place among its attributes)."""

    entities: tuple[Pair, ...]
    attributes: tuple[tuple[Pair, Pair], ...]
    counts: tuple[Pair, ...]
    relations: tuple[Pair, ...]
    texts: tuple[Pair, ...]
    tallies: Mapping[Kind, Tally]

    @property
    def total(self) -> Tally:
        """All kinds together."""
        return Tally(*(sum(getattr(t, side) for t in self.tallies.values()) for side in ("matched", "candidate", "reference")))


def match_graphs(candidate: SceneGraph, reference: SceneGraph, *, synonyms: bool = True) -> GraphMatch:
    """Matches entities first, as a whole and not in order of mention; then counts only what belongs to matched entities.

    With `synonyms` nouns and attributes also match by meaning; predicates always match by their canonical form or converse.
    """
    entities = _align(candidate, reference, synonyms)
    partner = dict(entities)
    attributes = tuple(
        ((i, p), (j, q)) for i, j in entities for p, q in _attributes(candidate.entities[i], reference.entities[j], synonyms)
    )
    counts = tuple(
        (i, j) for i, j in entities if _stated(candidate.entities[i]) and _stated(candidate.entities[i]) == _stated(reference.entities[j])
    )
    relations = _relations(candidate, reference, partner)
    texts = _texts(candidate, reference, partner)
    matched = map(len, (entities, attributes, counts, relations, texts))
    sizes = zip(_sizes(candidate), _sizes(reference), strict=True)
    tallies = {kind: Tally(n, *size) for kind, n, size in zip(KINDS, matched, sizes, strict=True)}
    return GraphMatch(entities, attributes, counts, relations, texts, tallies)


def _sizes(graph: SceneGraph) -> tuple[int, ...]:
    entities = graph.entities
    attributes = sum(len(e.attributes) for e in entities)
    return len(entities), attributes, sum(bool(_stated(e)) for e in entities), len(graph.relations), len(graph.texts)


def _stated(entity: Entity) -> str:
    if entity.negated:
        return ""
    if entity.count is not None:
        return str(entity.count) if entity.count > 1 else ""
    return f"{entity.at_least}+" if (entity.at_least or 0) > 1 else ""


def _align(candidate: SceneGraph, reference: SceneGraph, synonyms: bool) -> tuple[Pair, ...]:
    """The entity pairs, best taken together. Entities are put in order of content first, so mention decides nothing but dead heats."""
    around_i, around_j = _surroundings(candidate), _surroundings(reference)
    rows = sorted(range(len(candidate.entities)), key=lambda i: (_content(candidate.entities[i]), sorted(around_i[i])))
    columns = sorted(range(len(reference.entities)), key=lambda j: (_content(reference.entities[j]), sorted(around_j[j])))
    weights = [[_worth(candidate.entities[i], reference.entities[j], around_i[i], around_j[j], synonyms) for j in columns] for i in rows]
    pairs = assign(weights)
    links, others = _links(candidate, rows), _links(reference, columns)
    if links and others and pairs and max(len(rows), len(columns)) <= MANY:
        pairs = _Search(weights, links, others).run(pairs)
    return tuple(sorted((rows[i], columns[j]) for i, j in pairs))


def _content(entity: Entity) -> tuple[str, str, bool, str]:
    return entity.noun, " ".join(sorted(entity.values)), entity.negated, f"{entity.count} {entity.at_least}"


def _surroundings(graph: SceneGraph) -> list[Counter[tuple[str, bool, str]]]:
    """For each entity the relations it stands in: name, whether it is the first end, and the other's noun."""
    around: list[Counter[tuple[str, bool, str]]] = [Counter() for _ in graph.entities]
    for relation in graph.relations:
        stated = sense(relation.predicate)
        first, second = (relation.object, relation.subject) if stated.flip else (relation.subject, relation.object)
        around[first][(stated.name, True, graph.entities[second].noun)] += 1
        around[second][(stated.name, stated.symmetric, graph.entities[first].noun)] += 1
    return around


def _worth(
    one: Entity, other: Entity, around_one: Counter[tuple[str, bool, str]], around_other: Counter[tuple[str, bool, str]], synonyms: bool
) -> float:
    if one.negated != other.negated:
        return 0.0
    if one.noun == other.noun:
        worth = _MATCHED + _SAME_WORD
    elif synonyms and same_thing(one.noun, other.noun):
        worth = _MATCHED
    else:
        return 0.0
    if one.attributes and other.attributes:
        worth += _PART * len(_attributes(one, other, synonyms))
        worth += _CLASH * any(exclude(a, b) for a in one.values for b in other.values)
    worth += _PART * bool(_stated(one) and _stated(one) == _stated(other))
    if around_one and around_other:  # less than a relation that truly matches: only a first guess
        worth += _GUESS * (around_one & around_other).total()
    return worth


def _attributes(one: Entity, other: Entity, synonyms: bool) -> list[Pair]:
    if not one.attributes or not other.attributes:
        return []
    alike: Callable[[str, str], bool] = same_value if synonyms else str.__eq__
    return assign([[2.0 if a == b else float(alike(a, b)) for b in other.values] for a in one.values])


Link = tuple[int, str, int]


def _links(graph: SceneGraph, order: Sequence[int]) -> Counter[Link]:
    """Relations in canonical form between places in `order`."""
    place = {index: at for at, index in enumerate(order)}
    return Counter(link(place[r.subject], r.predicate, place[r.object]) for r in graph.relations)


def link(subject: int, predicate: str, other: int) -> Link:
    """A relation in canonical form: equal links say the same."""
    stated = sense(predicate)
    if stated.flip or (stated.symmetric and other < subject):
        subject, other = other, subject
    return subject, stated.name, other


class _Search:
    """Partners that match the most in all: the start, bettered by branch and bound as far as `TRIES` go."""

    def __init__(self, weights: list[list[float]], links: Counter[Link], others: Counter[Link]) -> None:
        self.weights, self.links, self.others = weights, links, others
        self.options = [[j for j in sorted(range(len(row)), key=lambda j: -row[j]) if row[j] > 0] for row in weights]
        most = [max(row, default=0.0) for row in weights]
        self.rest = [max(sum(most[i:]), 0.0) for i in range(len(most) + 1)]
        names, known = (Counter(name for _, name, _ in c.elements()) for c in (links, others))
        self.bonus = _PART * (names & known).total()
        self.best: dict[int, int] = {}
        self.score = 0.0
        self.tries = 0

    def run(self, start: list[Pair]) -> list[Pair]:
        """The start is the best without relations, so only relations can better it."""
        self.best, self.score = dict(start), _score(dict(start), self.weights, self.links, self.others)
        if self.score < sum(self.weights[i][j] for i, j in start) + self.bonus:
            self._from(0, {}, 0.0)
        return sorted(self.best.items())

    def _from(self, row: int, partner: dict[int, int], worth: float) -> None:
        if self.tries > TRIES or worth + self.rest[row] + self.bonus <= self.score + 1e-9:
            return
        if row == len(self.weights):
            self.tries += 1
            score = _score(partner, self.weights, self.links, self.others)
            if score > self.score + 1e-9:
                self.best, self.score = dict(partner), score
            return
        taken = set(partner.values())
        for column in self.options[row]:
            if column not in taken:
                self._from(row + 1, {**partner, row: column}, worth + self.weights[row][column])
        self._from(row + 1, partner, worth)


def _score(partner: dict[int, int], weights: list[list[float]], links: Counter[Link], others: Counter[Link]) -> float:
    mapped: Counter[Link] = Counter()
    for (i, name, j), n in links.items():
        if i in partner and j in partner:
            mapped[link(partner[i], name, partner[j])] += n
    return sum(weights[i][j] for i, j in partner.items()) + _PART * (mapped & others).total()


def _relations(candidate: SceneGraph, reference: SceneGraph, partner: dict[int, int]) -> tuple[Pair, ...]:
    waiting: dict[Link, list[int]] = {}
    for number, relation in enumerate(reference.relations):
        waiting.setdefault(link(relation.subject, relation.predicate, relation.object), []).append(number)
    found: list[Pair] = []
    for number, relation in enumerate(candidate.relations):
        if relation.subject in partner and relation.object in partner:
            key = link(partner[relation.subject], relation.predicate, partner[relation.object])
            if waiting.get(key):
                found.append((number, waiting[key].pop(0)))
    return tuple(found)


def _texts(candidate: SceneGraph, reference: SceneGraph, partner: dict[int, int]) -> tuple[Pair, ...]:
    """Equal words, whatever their case; where both say on what, on matched entities."""
    weights = [
        [
            float(a.words.casefold() == b.words.casefold() and (a.entity is None or b.entity is None or partner.get(a.entity) == b.entity))
            for b in reference.texts
        ]
        for a in candidate.texts
    ]
    return tuple(assign(weights))
