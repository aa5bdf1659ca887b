"""A caption changed as little as its new meaning asks for."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from diptych.data.graphs import Entity, SceneGraph, Span
from diptych.language.compare import match_graphs
from diptych.language.compose import Composer, Mark, spanned
from diptych.language.cuts import Cut, change_number, cut_attribute, cut_entity, cut_quote, cut_relation, mended, sentences
from diptych.language.inflect import number_word
from diptych.language.parse import parse
from diptych.language.realise import realise
from diptych.language.wording import adjective, follows, order


def edit(text: str, graph: SceneGraph, target: SceneGraph) -> tuple[str, SceneGraph]:
    """The caption, whose graph (with spans) is `graph`, without what `target` no longer states and with what it states beyond.

    Words go where the sentence can spare them; a sentence that cannot is written afresh in its place; what is new comes as an adjective
    or at the end. A text that would still read as stating something cut is given up for `realise(target)`.
    """
    job = _Job(text, graph, target, *_aligned(graph, target))
    new, marks = job.run()
    result = new, spanned(target, marks)
    if not new or (job.cut_any and (_DANGLING.search(new) or _still_said(new, graph, target))):
        return realise(target)
    return result


# a sentence that a cut has left hanging: "... in the mirror while."
_DANGLING = re.compile(
    r"\b(?:while|and|or|with|as|that|which|who|of|in|on|at|by|for|from|to|the|a|an|is|are)\s*[.,;]*\s*(?:\n|$|[.;]\s)", re.IGNORECASE
)


def _still_said(text: str, graph: SceneGraph, target: SceneGraph) -> bool:
    gone = {s.key for s in graph.statements(hedged=True)} - {s.key for s in target.statements(hedged=True)}
    return bool(gone & {s.key for s in parse(text).statements(hedged=True)} - _reworded(graph, target))


def _reworded(graph: SceneGraph, target: SceneGraph) -> set[tuple[str, ...]]:
    """Keys that are gone only because another thing of the noun came or went, and the statement needs other words."""
    if [e.noun for e in graph.entities] == [e.noun for e in target.entities]:
        return set()
    plain = {(s.kind, s.subject, s.value, s.object) for s in target.statements(hedged=True)}
    return {s.key for s in graph.statements(hedged=True) if (s.kind, s.subject, s.value, s.object) in plain}


Shared = dict[Mark, Mark]  # part of the caption's graph -> the same part of the target


def _aligned(graph: SceneGraph, target: SceneGraph) -> tuple[dict[int, int], Shared]:
    """Entity of the caption -> entity of the target, and the other parts that both state."""
    where = {(e.noun, e.span): i for i, e in enumerate(graph.entities)}
    same = {where[e.noun, e.span]: j for j, e in enumerate(target.entities) if e.span is not None and (e.noun, e.span) in where}
    match = match_graphs(graph, target)
    if any(e.span is not None for e in target.entities) and len(same) == sum(e.span is not None for e in target.entities):
        taken = set(same.values())
        same |= {i: j for i, j in match.entities if i not in same and j not in taken}
    else:
        same = dict(match.entities)
    shared: Shared = {}
    for i, j in same.items():
        values = target.entities[j].values
        for part, attribute in enumerate(graph.entities[i].attributes):
            if attribute.value in values:
                shared[("attribute", i, part)] = ("attribute", j, values.index(attribute.value))
    ties = {(r.subject, r.predicate, r.object): n for n, r in enumerate(target.relations)}
    for n, r in enumerate(graph.relations):
        other = ties.get((same.get(r.subject, -1), r.predicate, same.get(r.object, -1)))
        if other is not None:
            shared[("relation", n, 0)] = ("relation", other, 0)
    for n, q in enumerate(graph.texts):
        for m, p in enumerate(target.texts):
            if q.words == p.words and (q.entity is None) == (p.entity is None) and (q.entity is None or same.get(q.entity) == p.entity):
                shared[("text", n, 0)] = ("text", m, 0)
    return same, shared


@dataclass(slots=True)
class _Job:
    """One edit under way."""

    text: str
    graph: SceneGraph
    target: SceneGraph
    same: dict[int, int]
    shared: Shared
    cut_any: bool = False
    cuts: list[Cut] = field(default_factory=list)
    afresh: set[Span] = field(default_factory=set)  # sentences to write anew
    where: list[Span] = field(default_factory=list)
    core: list[Span] = field(default_factory=list)  # words of what stays, which no cut may touch

    def run(self) -> tuple[str, dict[Mark, Span]]:
        """The new text and where the target's parts stand in it."""
        self.where = sentences(self.text)
        self.core = [span for (kind, _, _), span in self._kept_marks().items() if kind in ("entity", "attribute", "text")]
        self._cut_parts()
        self._renumber()
        self._stray_mentions()
        self._insert()
        if self.afresh.issuperset(self.where):
            return "", {}
        fixed = mended(self.text, (c for c in self.cuts if not self._in_afresh(c.start)))
        if fixed is None:
            return "", {}
        return self._assemble(fixed)

    def _apply(self, cuts: list[Cut] | None, span: Span | None) -> None:
        if cuts is not None and not any(c.start < e and s < c.end for c in cuts for s, e in self.core):
            self.cuts.extend(cuts)
        else:
            self._write_afresh(span)

    def _write_afresh(self, span: Span | None) -> None:
        self.afresh.update(s for s in self.where if span is None or s[0] <= span[0] < s[1])

    def _in_afresh(self, position: int) -> bool:
        return any(s <= position < e for s, e in self.afresh)

    def _cut_parts(self) -> None:
        for i, entity in enumerate(self.graph.entities):
            if i not in self.same:
                self.cut_any = True
                self._apply(cut_entity(self.text, self.graph, i), entity.span)
                continue
            for part, attribute in enumerate(entity.attributes):
                if ("attribute", i, part) not in self.shared:
                    self.cut_any = True
                    self._apply(cut_attribute(self.text, entity, part), attribute.span)
        for n, relation in enumerate(self.graph.relations):
            if ("relation", n, 0) not in self.shared:
                self.cut_any = True
                if not self._goes(relation.span, (relation.subject, relation.object)):
                    gone = relation.subject not in self.same or relation.object not in self.same
                    self._apply(None if gone else cut_relation(self.text, self.graph, n), relation.span)
        for n, quote in enumerate(self.graph.texts):
            if ("text", n, 0) not in self.shared:
                self.cut_any = True
                if not self._goes(quote.span, (quote.entity,)):
                    self._apply(cut_quote(self.text, quote.span), quote.span)

    def _goes(self, span: Span | None, ends: Iterable[int | None]) -> bool:
        """Whether it falls with an entity whose cut takes its words along."""
        return any(end is not None and end not in self.same for end in ends) and span is not None and any(
            c.start < span[1] and span[0] < c.end for c in self.cuts
        )  # fmt: skip

    def _renumber(self) -> None:
        for i, j in self.same.items():
            old, new = self.graph.entities[i], self.target.entities[j]
            if (old.count, old.at_least) == (new.count, new.at_least) or old.span is None:
                continue
            self.cut_any = True
            vague = old.count is None and (old.at_least or 0) > 1 and old.count_span is None
            if vague and (new.count or 0) > 1:
                first = min(s[0] for s in (old.span, *(a.span or old.span for a in old.attributes)))
                word = number_word(new.count or 0)
                self.cuts.append(Cut(first, first, f"{word} ", ((("count", j, 0), (0, len(word))),)))
            else:
                cuts = change_number(self.text, old, new)
                self.cuts.extend(cuts) if cuts is not None else self._write_afresh(old.span)

    def _stray_mentions(self) -> None:
        """Sentences that speak again of a thing that is cut."""
        kept = {e.noun for e in self.target.entities}
        for i, entity in enumerate(self.graph.entities):
            if i in self.same or entity.noun in kept or entity.span is None:
                continue
            word = self.text[entity.span[0] : entity.span[1]].lower()
            for s, e in self.where:
                words = f" {' '.join(self._letters(self.text[s:e]))} "
                if not s <= entity.span[0] < e and (f" {word} " in words or f" {entity.noun} " in words):
                    self.afresh.add((s, e))

    @staticmethod
    def _letters(text: str) -> list[str]:
        return "".join(c if c.isalnum() else " " for c in text.lower()).split()

    def _insert(self) -> None:
        """New attributes of things whose words stay."""
        told = set(self.shared.values())
        for i, j in self.same.items():
            old, new = self.graph.entities[i], self.target.entities[j]
            if old.span is None or self._in_afresh(old.span[0]):
                continue
            for part, value in enumerate(new.values):
                if ("attribute", j, part) not in told and not follows(value):
                    at = self._slot(i, old, value)
                    word = adjective(value, new.noun)
                    self.cuts.append(Cut(at, at, f"{word} ", ((("attribute", j, part), (0, len(word))),)))

    def _slot(self, index: int, entity: Entity, value: str) -> int:
        """Before the first kept adjective that English puts later, else before the noun."""
        assert entity.span is not None
        later = [
            a.span[0]
            for p, a in enumerate(entity.attributes)
            if a.span is not None
            and a.span[1] <= entity.span[0]
            and ("attribute", index, p) in self.shared
            and order(a.value) > order(value)
        ]
        return min([entity.span[0], *later])

    def _assemble(self, fixed: list[Cut]) -> tuple[str, dict[Mark, Span]]:
        """Sentence by sentence: as it was but for the cuts, or anew; then what is still unsaid."""
        out, marks, known = "", dict[Mark, Span](), set[int]()
        kept = self._kept_marks()
        for s, e in self.where:
            if (s, e) in self.afresh:
                known.update(m[1] for m in marks if m[0] == "entity")
                out = self._compose(out, marks, self._parts_in(s, e), known)
                continue
            moved, piece, brought = _moved(self.text, s, e, [c for c in fixed if s <= c.start < e])
            piece = _tidy(self.text[s:e], piece)
            for mark, (start, end) in kept.items():
                if s <= start < e and mark not in marks:
                    marks[mark] = (len(out) + moved(start), len(out) + moved(end))
            marks |= {mark: (len(out) + a, len(out) + b) for mark, (a, b) in brought.items()}
            out += piece
        known.update(m[1] for m in marks if m[0] == "entity")
        out = self._compose(out, marks, None, known)
        return out.strip(), marks

    def _kept_marks(self) -> dict[Mark, Span]:
        """Spans in the old text of what both graphs state, under the target's indices."""
        found: dict[Mark, Span] = {}
        for i, j in self.same.items():
            entity = self.graph.entities[i]
            if entity.span is not None:
                found[("entity", j, 0)] = entity.span
            if entity.count_span is not None:
                found[("count", j, 0)] = entity.count_span
        for (kind, i, p), mark in self.shared.items():
            if kind == "attribute":
                span = self.graph.entities[i].attributes[p].span
            else:
                span = self.graph.relations[i].span if kind == "relation" else self.graph.texts[i].span
            if span is not None:
                found[mark] = span
        return found

    def _parts_in(self, start: int, end: int) -> set[Mark]:
        return {mark for mark, span in self._kept_marks().items() if start <= span[0] < end}

    def _compose(self, out: str, marks: dict[Mark, Span], parts: set[Mark] | None, known: set[int]) -> str:
        """Writes the parts (None: all that have no place yet) after what there is."""
        target = self.target

        def wanted(mark: Mark) -> bool:
            return mark not in marks and (parts is None or mark in parts)

        ties = [n for n, r in enumerate(target.relations) if wanted(("relation", n, 0))]
        stays = {mark for mark, span in self._kept_marks().items() if mark[0] == "attribute" and not self._in_afresh(span[0])}
        composer = Composer(target, ties, known, elsewhere=stays)
        composer.relations(joined=True)
        composer.things([i for i in range(len(target.entities)) if wanted(("entity", i, 0))])
        composer.relations(joined=False)
        said = {**marks, **composer.marks}
        values = [(i, p) for i, e in enumerate(target.entities) if i in composer.known for p in range(len(e.attributes))]
        composer.qualities([v for v in values if wanted(("attribute", *v)) and ("attribute", *v) not in said])
        composer.words([n for n in range(len(target.texts)) if wanted(("text", n, 0)) and ("text", n, 0) not in said])
        composer.absences([i for i, e in enumerate(target.entities) if e.negated and wanted(("entity", i, 0))])
        if not composer.text:
            return out
        out = f"{out.rstrip()}{'' if not out.strip() or out.rstrip()[-1] in '.!?' else '.'}{' ' if out.strip() else ''}"
        for mark, (s, e) in composer.marks.items():
            marks.setdefault(mark, (len(out) + s, len(out) + e))
        return out + composer.text


def _moved(text: str, start: int, end: int, cuts: list[Cut]) -> tuple[Callable[[int], int], str, dict[Mark, Span]]:
    """Where positions of a piece of the text have moved, the piece after the cuts, and what the cuts brought in."""
    piece, at = "", start
    shifts: list[tuple[int, int]] = []
    marks: dict[Mark, Span] = {}
    for cut in cuts:
        piece += text[at : cut.start]
        marks |= {mark: (len(piece) + s, len(piece) + e) for mark, (s, e) in cut.marks}
        piece += cut.new
        at = cut.end
        shifts.append((cut.end, len(cut.new) - (cut.end - cut.start)))
    piece += text[at:end]

    def moved(position: int) -> int:
        return position - start + sum(delta for after, delta in shifts if after <= position)

    return moved, piece, marks


def _tidy(old: str, new: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
