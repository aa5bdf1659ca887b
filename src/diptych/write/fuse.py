"""Write one caption from several: what survived the checks, merged under a policy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from diptych.data.graphs import SceneGraph, Statement
from diptych.data.records import Answered, Caption, Record
from diptych.data.selection import captions_of
from diptych.data.verdicts import family, settled
from diptych.engine.context import Context
from diptych.language.fuse import Policy, fuse, prune, stated
from diptych.models.abilities import Writer, WriteRequest, Written
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class Fuse:
    """Merges the captions' graphs without the statements whose settled verdict is in `drop`, and has the rest written as one caption.

    Things that a caption hedges ("what appears to be a dog") are no statements and are left out.

    `edit` keeps the wording of the caption that scores best under `best` (the first where none is scored) and changes only what
    must change. A record with nothing left is dropped, or with `otherwise="best"` keeps that caption as it is.
    """

    writer: str
    policy: Policy = "union"
    of: str = "proposed"
    drop: tuple[Answered, ...] = ("contradicted",)
    style: str = "fused"
    edit: bool = False
    best: str = "match"
    otherwise: Literal["drop", "best"] = "drop"

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("write", self.writer)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[WriteRequest]:
            captions = captions_of(record, self.of)
            graph = self._merged(record, captions)
            return [WriteRequest(graph, captions, self._base(captions), self.style)] if graph.entities or graph.texts else []

        answers = ask(records, requests, context.open(self.writer, Writer).write, context)
        return take(records, answers, ("Fuse", self.writer), lambda record, given: self._written(record, given, context.place))

    def _merged(self, record: Record, captions: tuple[Caption, ...]) -> SceneGraph:
        answers = settled(record)

        def kept(caption: Caption) -> SceneGraph:
            def keep(statement: Statement) -> bool:
                return answers.get((caption.id, statement.number)) not in self.drop

            return prune(stated(caption.graph or SceneGraph()), keep)

        return fuse([(caption.id, family(caption.by), kept(caption)) for caption in captions], self.policy)

    def _base(self, captions: tuple[Caption, ...]) -> Caption | None:
        return self._best(captions) if self.edit else None

    def _best(self, captions: tuple[Caption, ...]) -> Caption:
        return max(captions, key=lambda caption: caption.scores.get(self.best, 0.0))

    def _written(self, record: Record, given: tuple[Written, ...], place: str) -> Record:
        captions = captions_of(record, self.of)
        if not given:
            if self.otherwise == "best" and captions:
                return record.choose(self._best(captions).id)
            return record.drop("Fuse", "no statement survived the checks")
        return append(record, Caption(f"{record.id}/{place}", given[0].text, self.writer, self.style, graph=given[0].graph), captions)


def append(record: Record, caption: Caption, parents: tuple[Caption, ...]) -> Record:
    """The record with one more caption, made from its parents, which stands for it from now on."""
    return record.add(captions=[replace(caption, parents=tuple(parent.id for parent in parents))]).choose(caption.id)
