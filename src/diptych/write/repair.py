"""Repair the caption that stands for a record: put right what the checks contradict, cut what cannot be put right."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.data.graphs import Attribute, Entity, SceneGraph, Statement
from diptych.data.records import Caption, Record
from diptych.data.verdicts import settled
from diptych.engine.context import Context
from diptych.language.fuse import prune
from diptych.language.meaning import hue
from diptych.language.numbers import exact
from diptych.language.wording import noun_form
from diptych.models.abilities import Answered, Answerer, AskRequest, Writer, WriteRequest, Written
from diptych.models.calls import ask, calls_to, take
from diptych.write.fuse import append

EXPECTED = 1  # colours and numbers to ask for again in a record that is not checked yet


@dataclass(frozen=True, slots=True)
class Repair:
    """Where the chosen caption's colours and numbers are contradicted, asks the answerer for the right ones; has the caption written
    again with these and without whatever else is contradicted, its wording kept where it can be. A caption of which nothing is
    contradicted stays as it is; a record with nothing left to say is dropped.
    """

    writer: str
    answerer: str
    style: str = "fused"

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("answer", self.answerer, times=EXPECTED) + calls_to("write", self.writer)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def questions(record: Record) -> list[AskRequest]:
            open_ = open_questions(record)
            picture = context.picture(record.subject) if open_ else None
            return [AskRequest(picture, text, record=record.id) for _, text in open_] if picture is not None else []

        answers = ask(records, questions, context.open(self.answerer, Answerer).answer, context)
        right: dict[str, SceneGraph] = {}

        def put_right(record: Record, given: tuple[Answered, ...]) -> Record:
            wrong = contradicted(record)
            if wrong:
                told = {statement: one.text for (statement, _), one in zip(open_questions(record), given, strict=True)}
                right[record.id] = repaired(record.standing()[0].graph or SceneGraph(), wrong, told)
            return record

        records = take(records, answers, ("Repair", self.answerer), put_right)
        return self._written(records, right, context)

    def _written(self, records: list[Record], right: Mapping[str, SceneGraph], context: Context) -> list[Record]:
        def requests(record: Record) -> list[WriteRequest]:
            graph = right.get(record.id)
            if graph is None or not (graph.entities or graph.texts):
                return []
            return [WriteRequest(graph, record.standing()[:1], record.standing()[0], self.style)]

        def told(record: Record, given: tuple[Written, ...]) -> Record:
            if given:
                caption = Caption(f"{record.id}/{context.place}", given[0].text, self.writer, self.style, graph=given[0].graph)
                return append(record, caption, record.standing()[:1])
            return record.drop("Repair", "nothing left to say") if record.id in right else record

        answers = ask(records, requests, context.open(self.writer, Writer).write, context)
        return take(records, answers, ("Repair", self.writer), told)


def contradicted(record: Record) -> tuple[Statement, ...]:
    """The statements of the chosen caption, the first where there are several, that the settled verdicts contradict."""
    captions = record.standing()[:1]
    answers = settled(record)
    return tuple(s for caption in captions if caption.graph for s in caption.graph.statements() if _no(answers, caption, s))


def _no(answers: Mapping[tuple[str, int], str], caption: Caption, statement: Statement) -> bool:
    return answers.get((caption.id, statement.number)) == "contradicted"


def open_questions(record: Record) -> list[tuple[Statement, str]]:
    """What to ask about contradicted colours and numbers of things that are not contradicted themselves."""
    wrong = contradicted(record)
    gone = {statement.entity for statement in wrong if statement.kind == "exists"}
    found = []
    for statement in wrong:
        if statement.entity in gone or statement.negated:
            continue
        if statement.kind == "attribute" and hue(statement.value):
            found.append((statement, f"What colour is the {' '.join((*statement.subject_is, statement.subject))}?"))
        elif statement.kind == "count":
            things = " ".join((*statement.subject_is, noun_form(statement.subject, True)))
            found.append((statement, f"How many {things} are there in the image?"))
    return found


def repaired(graph: SceneGraph, wrong: tuple[Statement, ...], told: Mapping[Statement, str]) -> SceneGraph:
    """The graph with the colours and numbers told in place of the wrong ones, and without the others that are wrong.

    An answer that is no colour or no number puts nothing right, nor does one that repeats what is contradicted.
    """
    entities = list(graph.entities)
    cut = {(s.kind, s.entity, s.part) for s in wrong}
    for statement, answer in told.items():
        old = entities[statement.entity]
        new = _recoloured(old, statement, answer) if statement.kind == "attribute" else _renumbered(old, statement, answer)
        if new is not None:
            entities[statement.entity] = new
            cut.discard((statement.kind, statement.entity, statement.part))
    return prune(replace(graph, entities=tuple(entities)), lambda s: (s.kind, s.entity, s.part) not in cut)


def _recoloured(entity: Entity, statement: Statement, answer: str) -> Entity | None:
    colour = answer.strip(" .").lower()
    if not hue(colour) or hue(colour) == hue(statement.value):
        return None
    values = tuple(Attribute(colour) if part == statement.part else one for part, one in enumerate(entity.attributes))
    return replace(entity, attributes=values)


def _renumbered(entity: Entity, statement: Statement, answer: str) -> Entity | None:
    words = answer.strip(" .").lower().split()
    number = exact(words[0]) if words else None
    if not number or str(number) == statement.value:
        return None
    return replace(entity, count=number, at_least=None)
