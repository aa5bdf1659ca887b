"""Scene graphs: what a caption says, as entities, attributes, counts, relations and quoted words."""

from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]  # first and one past the last character in the caption
Kind = Literal["exists", "attribute", "count", "relation", "text"]
KINDS: tuple[Kind, ...] = ("exists", "attribute", "count", "relation", "text")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of one entity: "brown", "wooden", "sleeping"."""

    value: str
    span: Span | None = None
    origins: tuple[str, ...] = ()  # ids of the captions that say it


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing, or several alike, that the caption mentions once or more.

    `count` is the stated number (a/an = 1, no = 0), `at_least` the lower bound of a bare plural or vague number; both None when
    nothing is said ("the dog" is 1, "water" is None).
    """

    noun: str  # lemma, singular
    count: int | None = None
    at_least: int | None = None
    attributes: tuple[Attribute, ...] = ()
    negated: bool = False  # "no dog", "without a dog"
    hedged: bool = False  # "what appears to be a dog": said, but not stated as a fact
    span: Span | None = None  # of the noun
    count_span: Span | None = None  # of the number word
    region: str | None = None  # id, once grounded
    origins: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The attributes as plain words."""
        return tuple(attribute.value for attribute in self.attributes)


@dataclass(frozen=True, slots=True)
class Relation:
    """Subject and object are indices into the graph's entities; verbs in the predicate are lemmas ("sleep on")."""

    subject: int
    predicate: str
    object: int
    span: Span | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that the caption says are written in the image, on `entity` where it says so."""

    words: str
    entity: int | None = None
    span: Span | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a caption says that can be checked by itself.

    `value` is the attribute, the number ("3", "2+"), the predicate or the quoted words. `subject_is` and `object_is` hold the
    attributes that tell the entity from others of the same noun in the same caption; they are empty where the noun suffices. A
    number is a number of things with all their attributes: "two blue balls" holds where there are three balls, two of them blue.
    """

    number: int
    kind: Kind
    subject: str
    value: str = ""
    object: str = ""
    subject_is: tuple[str, ...] = ()
    object_is: tuple[str, ...] = ()
    negated: bool = False
    entity: int = -1  # index of the subject in the graph, -1 for text on nothing in particular
    other: int = -1  # index of the object
    part: int = -1  # index of the attribute, relation or quote it came from
    span: Span | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Equal keys are equal statements, whatever caption says them and wherever."""
        return (
            self.kind,
            "not" if self.negated else "",
            " ".join((*sorted(self.subject_is), self.subject)),
            self.value,
            " ".join((*sorted(self.object_is), self.object)).strip(),
        )


@dataclass(frozen=True, slots=True)
class SceneGraph:
    """What a caption says. Entities are listed in order of mention."""

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    texts: tuple[Quote, ...] = ()

    def statements(self, *, hedged: bool = False) -> tuple[Statement, ...]:
        """Numbered from 0: all existences and what belongs to them in order of mention, then relations, then texts.

        A number is a statement of its own when it is stated and is not 1 (a/an) or 0 (a negated entity). Hedged entities, and
        relations that touch one, are left out unless asked for.
        """
        nouns = [e.noun for e in self.entities if not e.negated]
        apart = [e.values if nouns.count(e.noun) > 1 else () for e in self.entities]
        found: list[Statement] = []
        for index, entity in enumerate(self.entities):
            if entity.hedged and not hedged:
                continue
            # "no red dog" does not say that there is no dog
            denied = entity.values if entity.negated else ()
            found.append(
                Statement(len(found), "exists", entity.noun, subject_is=denied, negated=entity.negated, entity=index, span=entity.span)
            )
            for part, attribute in enumerate(entity.attributes):
                others = tuple(v for v in apart[index] if v != attribute.value)
                found.append(
                    Statement(len(found), "attribute", entity.noun, attribute.value, subject_is=others, negated=entity.negated,
                              entity=index, part=part, span=attribute.span)
                )  # fmt: skip
            stated = _number(entity)
            if stated:
                span = entity.count_span or entity.span
                found.append(Statement(len(found), "count", entity.noun, stated, subject_is=entity.values, entity=index, span=span))
        for part, relation in enumerate(self.relations):
            subject, other = self.entities[relation.subject], self.entities[relation.object]
            if subject.negated or other.negated or (not hedged and (subject.hedged or other.hedged)):
                continue
            found.append(
                Statement(len(found), "relation", subject.noun, relation.predicate, other.noun, apart[relation.subject],
                          apart[relation.object], entity=relation.subject, other=relation.object, part=part, span=relation.span)
            )  # fmt: skip
        for part, quote in enumerate(self.texts):
            index = -1 if quote.entity is None else quote.entity
            noun = self.entities[index].noun if index >= 0 else ""
            found.append(Statement(len(found), "text", noun, quote.words, entity=index, part=part, span=quote.span))
        return tuple(found)


def _number(entity: Entity) -> str:
    if entity.negated:
        return ""
    if entity.count is not None and entity.count > 1:
        return str(entity.count)
    return f"{entity.at_least}+" if entity.at_least is not None and entity.at_least > 1 else ""
