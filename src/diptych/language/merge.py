"""Which mentions in several captions are one thing, and who says what of it: the evidence that fusing decides on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.language.compare import Link, link, match_graphs
from diptych.language.meaning import exclude, same_value
from diptych.language.predicates import implied

Who = list[int]  # numbers of the captions that say it
Wordings = dict[str, Who]
Number = tuple[int | None, int | None]  # count, at_least
MOST_APART = 6  # a larger number is not told apart into single things


@dataclass(slots=True)
class Thing:
    """One thing of the merged scene: who mentions it, under which nouns, with which attributes and numbers."""

    negated: bool
    nouns: Wordings = field(default_factory=dict)
    hedged: Who = field(default_factory=list)
    attributes: list[Wordings] = field(default_factory=list)
    numbers: dict[Number, Who] = field(default_factory=dict)
    region: str | None = None


@dataclass(slots=True)
class Merged:
    """Things, and what is said between and on them."""

    things: list[Thing] = field(default_factory=list)
    relations: dict[Link, dict[tuple[int, str, int], Who]] = field(default_factory=dict)
    texts: dict[tuple[str, int | None], Wordings] = field(default_factory=dict)


def merge(graphs: Sequence[SceneGraph], *, clash_apart: bool) -> Merged:
    """Merges the graphs in order. Two colours make two things where some caption counts that many, or if `clash_apart`."""
    graphs = _told_apart(graphs)
    several = _several(graphs)
    merged = Merged()
    for number, graph in enumerate(graphs):
        _add(merged, number, graph, several, clash_apart)
    _lend(merged)
    return merged


def everyone(wordings: Iterable[Who]) -> Who:
    """All captions behind several wordings, in order."""
    return sorted({number for who in wordings for number in who})


def _told_apart(graphs: Sequence[SceneGraph]) -> list[SceneGraph]:
    """Where one caption lists "a brown dog and a black dog", another's "two dogs" becomes two single dogs."""
    listed: dict[str, set[int]] = {}
    for graph in graphs:
        nouns = [e.noun for e in graph.entities if not e.negated and not e.hedged and e.count in (1, None) and e.at_least is None]
        for noun in nouns:
            if nouns.count(noun) > 1:
                listed.setdefault(noun, set()).add(nouns.count(noun))
    return [_split(graph, listed) for graph in graphs] if listed else list(graphs)


def _split(graph: SceneGraph, listed: dict[str, set[int]]) -> SceneGraph:
    copies = [
        e.count if not e.negated and e.count is not None and 1 < e.count <= MOST_APART and e.count in listed.get(e.noun, ()) else 1
        for e in graph.entities
    ]
    if max(copies, default=1) == 1:
        return graph
    places: list[list[int]] = []
    entities: list[Entity] = []
    for entity, n in zip(graph.entities, copies, strict=True):
        places.append(list(range(len(entities), len(entities) + n)))
        entities.extend([replace(entity, count=1)] * n if n > 1 else [entity])
    relations = [replace(r, subject=i, object=j) for r in graph.relations for i in places[r.subject] for j in places[r.object]]
    texts = [replace(q, entity=None if q.entity is None else places[q.entity][0]) for q in graph.texts]
    return SceneGraph(tuple(entities), tuple(relations), tuple(texts))


def _several(graphs: Sequence[SceneGraph]) -> dict[str, int]:
    """The most things of each noun that a caption mentions."""
    most: dict[str, int] = {}
    for graph in graphs:
        here: dict[str, int] = {}
        for entity in graph.entities:
            if not entity.negated and not entity.hedged:
                here[entity.noun] = here.get(entity.noun, 0) + (entity.count or entity.at_least or 1)
        for noun, n in here.items():
            most[noun] = max(n, most.get(noun, 0))
    return most


def _add(merged: Merged, number: int, graph: SceneGraph, several: dict[str, int], clash_apart: bool) -> None:
    partner = dict(match_graphs(graph, _view(merged)).entities) if merged.things else {}
    place: list[int] = []
    for index, entity in enumerate(graph.entities):
        at = partner.get(index)
        if at is not None and _apart(entity, merged.things[at], several, clash_apart):
            at = None
        if at is None:
            at = len(merged.things)
            merged.things.append(Thing(entity.negated))
        place.append(at)
        _mention(merged.things[at], number, entity)
    for relation in graph.relations:
        subject, other = place[relation.subject], place[relation.object]
        wordings = merged.relations.setdefault(link(subject, relation.predicate, other), {})
        _note(wordings.setdefault((subject, relation.predicate, other), []), number)
    for quote in graph.texts:
        key = quote.words.casefold(), None if quote.entity is None else place[quote.entity]
        _note(merged.texts.setdefault(key, {}).setdefault(quote.words, []), number)


def _apart(entity: Entity, thing: Thing, several: dict[str, int], clash_apart: bool) -> bool:
    """Whether a mention cannot be the thing that it would match."""
    values = [value for wordings in thing.attributes for value in wordings]
    if any(exclude(a, b) for a in entity.values for b in values):
        return clash_apart or several.get(entity.noun, 1) > 1
    if not entity.negated and _plural(entity.count, entity.at_least) != any(_plural(*n) for n in thing.numbers):
        # "three dogs" and "a brown dog": what is said of the one need not be true of all
        single = entity.values if not _plural(entity.count, entity.at_least) else values
        whole = values if not _plural(entity.count, entity.at_least) else entity.values
        return not all(any(same_value(a, b) for b in whole) for a in single)
    return False


def _plural(count: int | None, at_least: int | None) -> bool:
    return (count or at_least or 1) > 1


def _mention(thing: Thing, number: int, entity: Entity) -> None:
    if entity.hedged:
        thing.hedged.append(number)
    _note(thing.nouns.setdefault(entity.noun, []), number)
    _note(thing.numbers.setdefault((entity.count, entity.at_least), []), number)
    thing.region = thing.region or entity.region
    for value in entity.values:
        for wordings in thing.attributes:
            if any(same_value(value, known) for known in wordings):
                _note(wordings.setdefault(value, []), number)
                break
        else:
            thing.attributes.append({value: [number]})


def _note(who: Who, number: int) -> None:
    if number not in who:
        who.append(number)


def _view(merged: Merged) -> SceneGraph:
    """The merged things as a graph that the next caption can be matched with."""
    entities = [
        Entity(next(iter(t.nouns)), *next(iter(t.numbers)), tuple(Attribute(v) for w in t.attributes for v in w), negated=t.negated)
        for t in merged.things
    ]
    return SceneGraph(tuple(entities), tuple(Relation(*next(iter(wordings))) for wordings in merged.relations.values()))


def _lend(merged: Merged) -> None:
    """Who says the more also says the less: "sleep on" and "sit on" both say "on", whether or not somebody says just that."""
    said = [(key, who) for wordings in merged.relations.values() for key, who in wordings.items()]
    for (i, predicate, j), who in said:
        for known in implied(predicate)[1:]:
            first, second = (j, i) if known.flip else (i, j)
            wordings = merged.relations.setdefault(link(first, known.name, second), {})
            wording = next(iter(wordings.values())) if wordings else wordings.setdefault((first, known.name, second), [])
            for number in who:
                _note(wording, number)
