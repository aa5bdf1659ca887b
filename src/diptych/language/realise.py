"""A scene graph in words: grammatical, no statement lost, none added, every phrase traceable."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from diptych.data.graphs import Entity, SceneGraph, Span
from diptych.language.wording import (
    adjective,
    determiner,
    follows,
    is_preposition,
    noun_form,
    noun_phrase,
    order,
    predicate_phrase,
    verb_phrase,
)

__all__ = ["noun_phrase", "predicate_phrase", "realise"]

STYLES = ("short", "fused", "dense", "spatial")


@dataclass(slots=True)
class Draft:
    """Text in the making, and where in it each part of the graph stands."""

    text: str = ""
    marks: dict[tuple[str, int, int], Span] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)  # entities already mentioned
    capital: bool = True

    def add(self, words: str, mark: tuple[str, int, int] | None = None) -> None:
        """Appends words; the first of a sentence gets its capital."""
        if not words:
            return
        if self.capital:
            words, self.capital = words[0].upper() + words[1:], False
        if mark is not None:
            self.marks.setdefault(mark, (len(self.text), len(self.text) + len(words.rstrip())))
        self.text += words

    def stop(self) -> None:
        """Ends the sentence."""
        self.text += ". "
        self.capital = True


@dataclass(frozen=True, slots=True)
class Clause:
    """Subjects, predicate and objects that all stand in that relation to each other, with the relations it says."""

    subjects: tuple[int, ...]
    predicate: str
    objects: tuple[int, ...]
    says: tuple[int, ...]


def realise(graph: SceneGraph, style: str = "fused") -> tuple[str, SceneGraph]:
    """The graph in words, and the graph with spans into them; "short" says, and returns, only the most salient part."""
    if style == "short":
        graph = _salient(graph)
    draft = Draft()
    clauses = _clauses(graph)
    inside = {r for c in clauses if _inside(c) for r in c.says}
    listed = _listed(graph, clauses, first=style in ("dense", "spatial"))
    if style in ("dense", "spatial"):
        _there(draft, graph, listed, clauses)
        listed = []
    pairs = 2 if style in ("fused", "short") else 1
    told = [c for c in clauses if not (_inside(c) and inside)]
    for at in range(0, len(told), pairs):
        for number, clause in enumerate(told[at : at + pairs]):
            draft.add(", and " if number else "")
            _tell(draft, graph, clause, clauses, style)
        draft.stop()
    _there(draft, graph, listed, clauses)
    _rest(draft, graph)
    return draft.text.rstrip(), _spanned(graph, draft)


def _clauses(graph: SceneGraph) -> list[Clause]:
    """Relations gathered, first the objects of one subject and predicate, then the subjects that share predicate and objects."""
    objects: dict[tuple[int, str], list[int]] = {}
    for number, relation in enumerate(graph.relations):
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


def _inside(clause: Clause) -> bool:
    """Whether it belongs into the subject's noun phrase: "a bowl of soup"."""
    return clause.predicate == "of" and len(clause.subjects) == 1


def _listed(graph: SceneGraph, clauses: Sequence[Clause], *, first: bool) -> list[int]:
    """Entities that no clause mentions (all that are not inside another's phrase, if the list comes first)."""
    told = {e for c in clauses if first is False or _inside(c) for e in ((*c.subjects, *c.objects) if not first else c.objects)}
    if not first:
        told -= {
            c.subjects[0]
            for c in clauses
            if _inside(c) and not any(c.subjects[0] in (*o.subjects, *o.objects) for o in clauses if o is not c)
        }
    return [i for i, e in enumerate(graph.entities) if i not in told and not e.negated]


def _there(draft: Draft, graph: SceneGraph, listed: Sequence[int], clauses: Sequence[Clause]) -> None:
    listed = [i for i in listed if i not in draft.known]
    if listed:
        draft.add("There are " if _many(graph.entities[listed[0]]) else "There is ")
        _mention_all(draft, graph, listed, clauses)
        draft.stop()


def _tell(draft: Draft, graph: SceneGraph, clause: Clause, clauses: Sequence[Clause], style: str) -> None:
    many = len(clause.subjects) > 1 or _many(graph.entities[clause.subjects[0]])
    _mention_all(draft, graph, clause.subjects, clauses)
    words = verb_phrase(clause.predicate, many, long=style == "spatial")
    draft.add(" ")
    if is_preposition(clause.predicate):
        link, _, words = words.partition(" ")
        draft.add(f"{link} ")
    start = len(draft.text)
    draft.add(f"{words} ")
    for number in clause.says:
        draft.marks[("relation", number, 0)] = (start, start + len(words))
    _mention_all(draft, graph, clause.objects, clauses)


def _mention_all(draft: Draft, graph: SceneGraph, indices: Sequence[int], clauses: Sequence[Clause]) -> None:
    for at, index in enumerate(indices):
        draft.add(" and " if at and at == len(indices) - 1 else ", " if at else "")
        _mention(draft, graph, index, clauses)


def _mention(draft: Draft, graph: SceneGraph, index: int, clauses: Sequence[Clause]) -> None:
    entity = graph.entities[index]
    again = index in draft.known
    draft.known.add(index)
    several = sum(e.noun == entity.noun for e in graph.entities) > 1
    parts = [(part, a.value) for part, a in enumerate(entity.attributes)] if several or not again else []
    before = sorted((p for p in parts if not follows(p[1])), key=lambda p: order(p[1]))
    after = [p for p in parts if follows(p[1])]
    noun = noun_form(entity.noun, _many(entity))
    first = adjective(before[0][1]) if before else noun
    if again:
        draft.add("the ")
    else:
        draft.add("what appears to be " if entity.hedged else "")
        draft.add(determiner(entity.count, entity.at_least, first, entity.noun), ("count", index, 0))
    for part, value in before:
        draft.add(f"{adjective(value)} ", ("attribute", index, part))
    draft.add(noun, ("entity", index, 0))
    for part, value in after:
        draft.add(" ")
        draft.add(adjective(value), ("attribute", index, part))
    if not again:
        _attach(draft, graph, index, clauses)


def _attach(draft: Draft, graph: SceneGraph, index: int, clauses: Sequence[Clause]) -> None:
    for clause in clauses:
        if _inside(clause) and clause.subjects[0] == index:
            draft.add(" ")
            for number in clause.says:
                draft.marks[("relation", number, 0)] = (len(draft.text), len(draft.text) + 2)
            draft.add("of ")
            _mention_all(draft, graph, clause.objects, clauses)
    words = [(number, q.words) for number, q in enumerate(graph.texts) if q.entity == index]
    for at, (number, quoted) in enumerate(words):
        draft.add(' and "' if at else f' that {"say" if _many(graph.entities[index]) else "says"} "')
        draft.add(quoted, ("text", number, 0))
        draft.add('"')


def _rest(draft: Draft, graph: SceneGraph) -> None:
    """What is absent, and words on nothing in particular."""
    for index, entity in enumerate(graph.entities):
        if entity.negated:
            draft.add("There is no ")
            for part, value in sorted(enumerate(entity.values), key=lambda p: order(p[1])):
                draft.add(f"{adjective(value)} ", ("attribute", index, part))
            draft.add(entity.noun, ("entity", index, 0))
            draft.stop()
    for number, quote in enumerate(graph.texts):
        if quote.entity is None:
            draft.add('It says "')
            draft.add(quote.words, ("text", number, 0))
            draft.add('"')
            draft.stop()


def _many(entity: Entity) -> bool:
    return (entity.count or entity.at_least or 1) > 1


def _salient(graph: SceneGraph) -> SceneGraph:
    """One sentence's worth: the first subject's first clause, else the first few things."""
    clauses = [c for c in _clauses(graph) if not _inside(c)]
    here = [i for i, e in enumerate(graph.entities) if not e.negated and not e.hedged]
    keep = [*clauses[0].subjects, *clauses[0].objects] if clauses else here[:4]
    says = [graph.relations[n] for n in clauses[0].says] if clauses else []
    place = {index: at for at, index in enumerate(sorted(set(keep)))}
    return SceneGraph(
        tuple(graph.entities[i] for i in place),
        tuple(replace(r, subject=place[r.subject], object=place[r.object]) for r in says),
        tuple(replace(q, entity=place[q.entity]) for q in graph.texts if q.entity in place and q.entity is not None),
    )


def _spanned(graph: SceneGraph, draft: Draft) -> SceneGraph:
    """The graph with spans into the text."""
    at = draft.marks.get
    entities = tuple(
        replace(
            e,
            span=at(("entity", i, 0)),
            count_span=at(("count", i, 0)) if (e.count or e.at_least or 0) > 1 else None,
            attributes=tuple(replace(a, span=at(("attribute", i, p))) for p, a in enumerate(e.attributes)),
        )
        for i, e in enumerate(graph.entities)
    )
    relations = tuple(replace(r, span=at(("relation", n, 0))) for n, r in enumerate(graph.relations))
    texts = tuple(replace(q, span=at(("text", n, 0))) for n, q in enumerate(graph.texts))
    return SceneGraph(entities, relations, texts)
