"""True sentences of two things, and the same words of the wrong ones: which of the two do captions bear out, to who knows them alone?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph, Statement
from diptych.language.index import Index
from diptych.world.corrupt import colour_of, coloured
from diptych.world.experts import DIRECTIONS, TURNED
from diptych.world.lookup import Known

Pair = tuple[SceneGraph, SceneGraph]  # the true sentence and the false one


def neighbours(known: Known) -> set[frozenset[int]]:
    """Each thing with the nearest one that it stands in a relation to."""
    return {frozenset((thing, near[0][1])) for thing, near in known.near.items() if near}


def turned(known: Known) -> Iterator[Pair]:
    """A direction between neighbours, and its opposite."""
    for one, other in _told_apart(known):
        both = (_thing(known, one), _thing(known, other))
        holds = [p for p, o in known.near.get(one, ()) if o == other and p in DIRECTIONS]
        yield from ((SceneGraph(both, (Relation(0, p, 1),)), SceneGraph(both, (Relation(0, TURNED[p], 1),))) for p in holds)


def exchanged(known: Known) -> Iterator[Pair]:
    """Neighbours of different noun and colour, and the same two with each other's colours, which nothing in the picture bears out."""
    looks = {(thing.noun, thing.values.get("colour", "")) for thing in known.things}
    for one, other in _told_apart(known):
        a, b = _thing(known, one), _thing(known, other)
        c, d = coloured(a, colour_of(b)), coloured(b, colour_of(a))
        if a.noun != b.noun and not {(c.noun, colour_of(c)), (d.noun, colour_of(d))} & looks:
            yield SceneGraph((a, b)), SceneGraph((c, d))


def _told_apart(known: Known) -> list[tuple[int, int]]:
    """Neighbours that differ in looks from each other and from all else."""
    looks = [(thing.noun, thing.values.get("colour", "")) for thing in known.things]
    pairs = sorted((min(pair), max(pair)) for pair in neighbours(known))
    return [pair for pair in pairs if all(looks[i][1] and looks.count(looks[i]) == 1 for i in pair)]


def _thing(known: Known, index: int) -> Entity:
    thing = known.things[index]
    return Entity(thing.noun, 1, attributes=(Attribute(thing.values["colour"]),))


def told_right(pairs: Iterable[Pair], captions: Sequence[SceneGraph]) -> tuple[float, int]:
    """Of how many pairs the captions bear out the true sentence more than the false one, half counted where neither more; and how many
    pairs there are.

    A sentence gains by every statement that some caption makes too, and loses by every one that some caption rules out.
    """
    known = [Index(graph) for graph in captions]
    scores = [(_borne_out(true, known), _borne_out(false, known)) for true, false in pairs]
    return sum(0.5 + 0.5 * ((true > false) - (true < false)) for true, false in scores), len(scores)


def _borne_out(sentence: SceneGraph, captions: Sequence[Index]) -> int:
    total = 0
    for statement in _meant(sentence):
        answers = {_answer(statement, index) for index in captions}
        total += ("supported" in answers) - ("contradicted" in answers)
    return total


def _meant(sentence: SceneGraph) -> Iterator[Statement]:
    """Its relations, of things as they look; without relations its attributes."""
    for relation in sentence.relations:
        one, other = sentence.entities[relation.subject], sentence.entities[relation.object]
        yield Statement(0, "relation", one.noun, relation.predicate, other.noun, one.values, other.values)
    if not sentence.relations:
        yield from (statement for statement in sentence.statements() if statement.kind == "attribute")


def _answer(statement: Statement, index: Index) -> str:
    """What a caption says of it; of a relation, if not by how the things look, by what they are where that tells them apart."""
    answer = index.holds(statement, closed=False)
    if answer == "unknown" and statement.kind == "relation" and statement.subject != statement.object:
        return index.holds(replace(statement, subject_is=(), object_is=()), closed=False)
    return answer
