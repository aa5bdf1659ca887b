"""Which words of a caption say what, and what the experts answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from diptych.data.graphs import SceneGraph, Span, Statement
from diptych.data.records import Caption, Record, Verdict
from diptych.data.verdicts import settled

Outcome = Literal["supported", "contradicted", "unknown", "unchecked"]
OUTCOMES: tuple[Outcome, ...] = ("supported", "contradicted", "unknown", "unchecked")
_WORST_FIRST: tuple[Outcome, ...] = ("contradicted", "unknown", "supported", "unchecked")
_Place = tuple[str, int]  # caption id, statement number
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, its outcome, and the verdicts on it; `lent_by` is the caption whose equal statement was the one checked."""

    statement: Statement
    outcome: Outcome
    verdicts: tuple[Verdict, ...] = ()
    lent_by: str = ""
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the caption and what it says; plain words say nothing."""

    text: str
    said: tuple[Said, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst that was found of what these words say: contradicted, unknown, supported; unchecked only if all are.

        A relation runs through its object's words; it colours those that say nothing else, so that "bed" shows whether there is one.
        """
        own = [one for one in self.said if one.statement.kind != "relation"] or self.said
        return min((one.outcome for one in own), key=_WORST_FIRST.index, default="unchecked")


@dataclass(frozen=True, slots=True)
class Told:
    """One caption taken apart; `loose` are statements that no words of it stand for."""

    caption: Caption
    pieces: tuple[Piece, ...]
    said: tuple[Said, ...] = ()
    loose: tuple[Said, ...] = ()


def told(record: Record, parse: Callable[[str], SceneGraph] | None = None) -> tuple[Told, ...]:
    """Every caption of the record taken apart. `parse` is for captions that no step has split; without it they stay whole."""
    captions = [replace(c, graph=parse(c.text)) if c.graph is None and parse is not None else c for c in record.captions]
    return tuple(_tell(caption, said) for caption, said in _heard(captions, record))


def outcomes(record: Record) -> list[tuple[Caption, list[Outcome]]]:
    """For each caption that was split, the outcome of every statement."""
    heard = _heard(record.captions, record)
    return [(caption, [one.outcome for one in said]) for caption, said in heard if caption.graph is not None]


def origins_of(graph: SceneGraph, statement: Statement) -> tuple[str, ...]:
    """Ids of the captions that a statement was taken from."""
    if statement.kind == "relation":
        return graph.relations[statement.part].origins
    if statement.kind == "text":
        return graph.texts[statement.part].origins
    entity = graph.entities[statement.entity]
    return entity.attributes[statement.part].origins if statement.kind == "attribute" else entity.origins


def _heard(captions: Sequence[Caption], record: Record) -> list[tuple[Caption, tuple[Said, ...]]]:
    """Each caption with what it says."""
    stated = [(caption, caption.graph.statements() if caption.graph else ()) for caption in captions]
    index = _Index(stated, record)
    return [
        (caption, tuple(_said(caption, caption.graph, one, index) for one in statements) if caption.graph else ())
        for caption, statements in stated
    ]


class _Index:
    """Verdicts of one record by place, and the checked places by statement key."""

    def __init__(self, stated: Sequence[tuple[Caption, tuple[Statement, ...]]], record: Record) -> None:
        self.settled = settled(record)
        self.verdicts: dict[_Place, list[Verdict]] = {}
        for verdict in record.verdicts:
            self.verdicts.setdefault((verdict.caption, verdict.number), []).append(verdict)
        self.places: dict[_Key, list[_Place]] = {}
        for caption, statements in stated if self.verdicts else ():
            for statement in statements:
                if (caption.id, statement.number) in self.verdicts:
                    for key in (statement.key, _loosely(statement)):
                        self.places.setdefault(key, []).append((caption.id, statement.number))

    def find(self, caption: Caption, statement: Statement, origins: tuple[str, ...]) -> _Place | None:
        """Where this statement was checked: here, else where a source of it, else any caption, says the same."""
        if (caption.id, statement.number) in self.verdicts:
            return caption.id, statement.number
        same = self.places.get(statement.key, [])
        # in a caption made from others a thing may need more words to be told apart than it did in its source
        loose = [place for place in self.places.get(_loosely(statement), []) if place[0] in origins]
        from_source = [place for place in same if place[0] in origins]
        return next(iter(from_source or loose or same), None)


def _tell(caption: Caption, said: tuple[Said, ...]) -> Told:
    fits = [one for one in said if _fits(one.statement.span, caption.text)]
    loose = tuple(one for one in said if not _fits(one.statement.span, caption.text))
    return Told(caption, _pieces(caption.text, fits), said, loose)


def _said(caption: Caption, graph: SceneGraph, statement: Statement, index: _Index) -> Said:
    origins = tuple(id for id in origins_of(graph, statement) if id != caption.id)
    place = index.find(caption, statement, origins or caption.parents)
    if place is None:
        return Said(statement, "unchecked", origins=origins)
    lent_by = "" if place[0] == caption.id else place[0]
    return Said(statement, index.settled.get(place, "unknown"), tuple(index.verdicts[place]), lent_by, origins)


def _pieces(text: str, said: list[Said]) -> tuple[Piece, ...]:
    """The text cut wherever a statement begins or ends, so that overlapping statements share the words they share."""
    begins: dict[int, list[Said]] = {}
    cuts = {0, len(text)}
    for one in said:
        first, last = one.statement.span or (0, 0)
        begins.setdefault(first, []).append(one)
        cuts |= {first, last}
    pieces, here = [], list[Said]()
    for first, last in pairwise(sorted(cuts)):
        here = [one for one in here if one.statement.span and one.statement.span[1] > first] + begins.get(first, [])
        pieces.append(Piece(text[first:last], tuple(here)))
    return tuple(pieces)


def _fits(span: Span | None, text: str) -> bool:
    return span is not None and 0 <= span[0] < span[1] <= len(text)


def _loosely(statement: Statement) -> _Key:
    negated = "not" if statement.negated else ""
    return ("loosely", statement.kind, negated, statement.subject, statement.value, statement.object)
