"""Revise the caption that stands for a record: cut what the checks contradict, weave in what experts found."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.graphs import SceneGraph, Statement
from diptych.data.records import Answered, Caption, Record
from diptych.data.verdicts import settled
from diptych.engine.context import Context
from diptych.language.fuse import prune
from diptych.models.abilities import Writer, WriteRequest, Written
from diptych.models.calls import ask, calls_to, take
from diptych.write.fuse import append
from diptych.write.weave import Weaving, weave


@dataclass(frozen=True, slots=True)
class Revise:
    """Has the chosen caption written again without the statements whose settled verdict is in `drop`, and with what `add` takes from
    the record's regions. `edit` keeps its wording where it can. A record with nothing left to say is dropped.
    """

    writer: str
    drop: tuple[Answered, ...] = ("contradicted",)
    add: Weaving | None = None
    style: str = "fused"
    edit: bool = True

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("write", self.writer)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[WriteRequest]:
            standing = record.standing()
            if not standing:
                return []
            graph = self._graph(record, standing[0])
            # a caption that states nothing has no wording worth keeping
            base = standing[0] if self.edit and standing[0].graph and standing[0].graph.entities else None
            return [WriteRequest(graph, standing[:1], base, self.style)] if graph.entities or graph.texts else []

        answers = ask(records, requests, context.open(self.writer, Writer).write, context)

        def told(record: Record, given: tuple[Written, ...]) -> Record:
            if not given:
                return record.drop("Revise", "nothing left to say")
            caption = Caption(f"{record.id}/{context.place}", given[0].text, self.writer, self.style, graph=given[0].graph)
            return append(record, caption, record.standing()[:1])

        return take(records, answers, ("Revise", self.writer), told)

    def _graph(self, record: Record, caption: Caption) -> SceneGraph:
        answers = settled(record)

        def keep(statement: Statement) -> bool:
            return answers.get((caption.id, statement.number)) not in self.drop

        graph = prune(caption.graph or SceneGraph(), keep)
        return weave(graph, record.regions, self.add) if self.add else graph
