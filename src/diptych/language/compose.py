"""Sentences in the making: what each says, and where in the text every part of the graph stands."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from diptych.data.graphs import SceneGraph, Span
from diptych.language.meaning import hue
from diptych.language.plan import Clause, blurred, clauses, covers, many, members, takes_are
from diptych.language.wording import (
    adjective,
    after_noun,
    determiner,
    follows,
    is_plural_form,
    needs_be,
    noun_form,
    noun_phrase,
    order,
    verb_phrase,
)

Mark = tuple[str, int, int]  # kind, index in the graph, place among the entity's attributes
LONGEST = 34  # words after which a sentence takes no further clause


class Composer:
    """Writes parts of one graph; entities in `known` have been mentioned before, attributes in `elsewhere` are told in other places."""

    def __init__(
        self,
        graph: SceneGraph,
        relations: Collection[int],
        known: Collection[int] = (),
        *,
        long: bool = False,
        elsewhere: Collection[Mark] = (),
    ) -> None:
        self.graph = graph
        self.text = ""
        self.marks: dict[Mark, Span] = {}
        self.known = set(known)
        self.elsewhere = elsewhere
        self.pending = clauses(graph, relations)
        self.long = long
        self._capital = True
        self._blurred = blurred(graph)
        self._members = members(graph)
        self._groups = {part: whole for whole, parts in self._members.items() for part in parts}

    def add(self, words: str, *marks: Mark) -> None:
        """Appends words; a sentence starts with a capital."""
        if words and self._capital:
            words, self._capital = words[0].upper() + words[1:], False
        for mark in marks:
            self.marks.setdefault(mark, (len(self.text), len(self.text) + len(words)))
        self.text += words

    def stop(self) -> None:
        """Ends the sentence."""
        self.text += ". "
        self._capital = True

    def relations(self, *, joined: bool) -> None:
        """Tells the pending clauses, one a sentence or, if `joined`, what goes together in one."""
        while told := [c for c in self.pending if not (c.inside and c.subjects[0] not in self.known)]:
            start = len(self.text.split())
            first = self._deed(self._clearest(told)) if joined else told[0]
            chained = self._clause(first, chain=joined)
            if joined and not chained:  # "and" after a chain would go on about its last thing
                self._more(first)
            if joined:
                # after "with a plate", or before "a cup and a plate are", the "and" would seem to go on with a list
                listing = first.predicate == "with"
                following = next((c for c in self.pending if not c.inside), None)
                if following is not None and not listing and len(following.subjects) == 1 and len(self.text.split()) - start < LONGEST // 2:
                    self.add(", and ")
                    self._clause(following, chain=False)
            self.stop()

    def things(self, indices: Sequence[int], *, even_inner: bool = False) -> None:
        """ "There is a red ball and two cubes.", without the known ones and, as a rule, those that another's phrase will mention."""
        fresh = [i for i in indices if i not in self.known and not self.graph.entities[i].negated]
        inner = {e for c in self.pending if c.inside and c.subjects[0] in fresh for e in c.objects}
        fresh = fresh if even_inner else [i for i in fresh if i not in inner]
        totals = [i for i in fresh if self.known & set(self._members.get(i, ()))]
        among = [i for i in fresh if self._groups.get(i) in self.known]
        fresh = [i for i in fresh if i not in totals and i not in among and self._groups.get(i) not in {*fresh} - {*totals}]
        ending = {q.entity for q in self.graph.texts} | self._members.keys()
        plain, bearing = [i for i in fresh if i not in ending], [i for i in fresh if i in ending]
        # a list would seem to go on within 'that says "..."' and "including ...", so what goes on like that comes last
        for group in [[*plain, *bearing[:1]], *([i] for i in bearing[1:])]:
            self._there(group, "also " if self.known else "")
        for index in among:
            whole = self.graph.entities[self._groups[index]]
            self._there([index], tail=f" among the {noun_phrase(whole.noun, whole.values, count=None, at_least=2)}")
        for index in totals:
            self._there([index], tail=" in all")

    def _there(self, fresh: Sequence[int], also: str = "", tail: str = "") -> None:
        if fresh:
            self.add("there are " if takes_are(self.graph.entities[fresh[0]]) else "there is ")
            self.add(also)
            self._list(fresh)
            self.add(tail)
            self._including(fresh[-1])
            self.stop()

    def _including(self, index: int) -> bool:
        """ ", including a blue boat": what the number just told counts too."""
        counted, values = self._members.get(index, ()), self.graph.entities[index].values
        parts = [i for i in counted if len(self.graph.entities[i].values) > len(values)]
        # beside one that was told before, "a blue boat" would seem to be that one
        if not parts or self.known & set(counted):
            return False
        self.add(", including ")
        self._list(parts)
        return True

    def qualities(self, attributes: Sequence[tuple[int, int]]) -> None:
        """ "The ball is red." for attributes of known entities."""
        for index, part in attributes:
            entity = self.graph.entities[index]
            self._noun(index, again=True)
            self.add(" are " if takes_are(entity) else " is ")
            self.add(adjective(entity.attributes[part].value, entity.noun), ("attribute", index, part))
            self.stop()

    def words(self, quotes: Sequence[int]) -> None:
        """Words on nothing in particular, or on an entity already mentioned."""
        for number in quotes:
            quote = self.graph.texts[number]
            if quote.entity is None:
                self.add("the image says ")
                self._quoted(number)
            else:
                self._noun(quote.entity, again=True)
                self.add(" say " if takes_are(self.graph.entities[quote.entity]) else " says ")
                self._quoted(number)
            self.stop()

    def absences(self, indices: Sequence[int]) -> None:
        """ "There is no dog."."""
        for index in indices:
            entity = self.graph.entities[index]
            self.add("there is no ")
            for part, value in sorted(enumerate(entity.values), key=lambda p: order(p[1])):
                self.add(adjective(value, entity.noun), ("attribute", index, part))
                self.add(" ")
            self.add(entity.noun, ("entity", index, 0))
            self.stop()

    def _clause(self, clause: Clause, *, chain: bool) -> bool:
        """Whether its object went on with a clause of its own."""
        self.pending.remove(clause)
        if clause.predicate == "with" and not self.known & set(clause.subjects):  # "There is a man with a hat"
            self.add("there are " if takes_are(self.graph.entities[clause.subjects[0]]) else "there is ")
            self._list(clause.subjects)
            self._tie(clause, " with ")
            return True
        told = set(self.known)
        self._list(clause.subjects)
        if len(clause.subjects) == 1 and clause.subjects[0] not in told:
            self.add("," if self._including(clause.subjects[0]) else "")
        fresh = clause.objects[-1] not in self.known
        self._verb(clause, len(clause.subjects) > 1 or takes_are(self.graph.entities[clause.subjects[0]]))
        free = fresh and len(clause.objects) == 1 and not self._written_on(clause.objects[0])
        if free and self._including(clause.objects[0]):
            return True
        return chain and free and self._chain(clause.objects[0])

    def _clearest(self, told: Sequence[Clause]) -> Clause:
        """The next clause, or one at whose end a thing that "the dog" could not single out goes on with its own."""
        fresh = self._blurred - self.known
        ahead = (c for c in told if len(c.objects) == 1 and c.objects[0] in fresh and any(c.objects == o.subjects for o in self.pending))
        return next(ahead, told[0]) if fresh else told[0]

    def _deed(self, clause: Clause) -> Clause:
        """What the same subjects do comes before where they are: "holds a cup and is near a bus"."""
        same = (c for c in self.pending if c.subjects == clause.subjects and not c.inside and not needs_be(c.predicate))
        return next(same, clause) if needs_be(clause.predicate) else clause

    def _verb(self, clause: Clause, plural: bool) -> None:
        """Predicate and objects; a relation's span runs to the end of its object's noun, as the parser's does."""
        words = verb_phrase(clause.predicate, plural, long=self.long)
        self.add(" ")
        if needs_be(clause.predicate):
            be, _, words = words.partition(" ")
            self.add(f"{be} ")
        self._tie(clause, f"{words} ")

    def _tie(self, clause: Clause, words: str) -> None:
        start = len(self.text) + len(words) - len(words.lstrip())
        self.add(words)
        ends = self._list(clause.objects)
        for number in clause.says:
            end = ends[clause.objects.index(self.graph.relations[number].object)]
            self.marks.setdefault(("relation", number, 0), (start, end))

    def _chain(self, index: int) -> bool:
        """ "... a couch that is next to a lamp": the last thing mentioned goes on."""
        own = [c for c in self.pending if c.subjects == (index,) and not c.inside]
        if (own and index in self._blurred) or (len(own) == 1 and not set(own[0].objects) & self.known):
            self.pending.remove(own[0])
            self.add(" that")
            self._verb(own[0], takes_are(self.graph.entities[index]))
            return True
        return False

    def _more(self, clause: Clause) -> None:
        """ "... and wears a hat": one thing more about the same subject."""
        same = next((c for c in self.pending if c.subjects == clause.subjects and not c.inside), None)
        if same is not None:
            self.pending.remove(same)
            self.add(" and")
            self._verb(same, len(clause.subjects) > 1 or takes_are(self.graph.entities[clause.subjects[0]]))

    def _list(self, indices: Sequence[int]) -> list[int]:
        """Where each one's noun ends in the text."""
        ends: list[int] = []
        for at, index in enumerate(indices):
            self.add(" and " if at and at == len(indices) - 1 else ", " if at else "")
            again = index in self.known
            self._noun(index, again=again)
            ends.append(len(self.text))
            if not again:
                self._within(index)
        return ends

    def _noun(self, index: int, *, again: bool) -> None:
        entity = self.graph.entities[index]
        self.known.add(index)
        several = sum(e.noun == entity.noun and not e.negated for e in self.graph.entities) > 1
        parts = [(part, value) for part, value in enumerate(entity.values) if several or not again]
        parts = [p for p in parts if again or ("attribute", index, p[0]) not in self.elsewhere]
        before = sorted((p for p in parts if not follows(p[1])), key=lambda p: order(p[1]))
        noun = noun_form(entity.noun, many(entity))
        if again:
            self.add("the ")
        else:
            self._opening(index, adjective(before[0][1], entity.noun) if before else noun)
        for at, (part, value) in enumerate(before):
            self.add("and " if at and hue(value) and hue(before[at - 1][1]) else "")
            self.add(adjective(value, entity.noun), ("attribute", index, part))
            self.add(" ")
        self.add(noun, ("entity", index, 0))
        for part, value in parts:
            if follows(value):
                self.add(" ")
                self.add(after_noun(value, takes_are(entity)), ("attribute", index, part))

    def _opening(self, index: int, following: str) -> None:
        """ "a ", "two ", or "another " where the phrase would else seem to speak of a thing already mentioned."""
        entity = self.graph.entities[index]
        if entity.hedged:
            self.add("what appear to be " if many(entity) else "what appears to be ")
        told = self.known - {index, self._groups.get(index), *self._members.get(index, ())}
        twin = index in self._blurred and any(covers(self.graph.entities[k], entity) for k in told)
        if twin and entity.count == 1 and not is_plural_form(entity.noun):
            self.add("another ")
            return
        words = determiner(entity.count, entity.at_least, following, entity.noun)
        words = words or ("several " if self.known & set(self._members.get(index, ())) else "")
        if words:
            self.add(words.rstrip(), ("count", index, 0))
            self.add(" ")
        self.add("other " if twin else "")

    def _within(self, index: int) -> None:
        """What belongs into the phrase: "of soup", 'that says "STOP"'."""
        for clause in [c for c in self.pending if c.inside and c.subjects[0] == index]:
            self.pending.remove(clause)
            self._tie(clause, " of ")
        for at, number in enumerate(self._written_on(index)):
            self.add(" and " if at else " that say " if takes_are(self.graph.entities[index]) else " that says ")
            self._quoted(number)

    def _written_on(self, index: int) -> list[int]:
        return [n for n, q in enumerate(self.graph.texts) if q.entity == index and ("text", n, 0) not in self.marks]

    def _quoted(self, number: int) -> None:
        self.add('"')
        self.add(self.graph.texts[number].words, ("text", number, 0))
        self.add('"')


def spanned(graph: SceneGraph, marks: dict[Mark, Span]) -> SceneGraph:
    """The graph with spans into the text."""
    at = marks.get
    entities = tuple(
        replace(
            e,
            span=at(("entity", i, 0)),
            count_span=at(("count", i, 0)) if many(e) and not e.negated else None,
            attributes=tuple(replace(a, span=at(("attribute", i, p))) for p, a in enumerate(e.attributes)),
        )
        for i, e in enumerate(graph.entities)
    )
    relations = tuple(replace(r, span=at(("relation", n, 0))) for n, r in enumerate(graph.relations))
    texts = tuple(replace(q, span=at(("text", n, 0))) for n, q in enumerate(graph.texts))
    return SceneGraph(entities, relations, texts)
