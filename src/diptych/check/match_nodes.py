"""Score the captions of a graph of described regions, each against the part of the picture that it describes."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.check.match import scored
from diptych.data.nodes import is_root, nodes, said_of
from diptych.data.opening import crop
from diptych.data.records import Caption, Record
from diptych.data.regions import Region
from diptych.engine.context import Context
from diptych.models.abilities import Matched, Matcher, MatchRequest
from diptych.models.calls import ask, take


@dataclass(frozen=True, slots=True)
class MatchNodes:
    """Writes the matcher's score of each node's captions, held against the node's crop, into their `scores`, under `score`."""

    matcher: str
    score: str = "match"

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {f"match calls to {self.matcher}": max(1, len(_said(record)))}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[MatchRequest]:
            said = _said(record)
            picture = context.picture(record.subject) if said else None
            return [
                MatchRequest(picture if is_root(node) else crop(picture, node.box), caption.text, record.id)
                for node, caption in said
                if picture is not None
            ]

        answers = ask(records, requests, context.open(self.matcher, Matcher).match, context)

        def told(record: Record, given: tuple[Matched, ...]) -> Record:
            found = {caption.id: one.score for (_, caption), one in zip(_said(record), given, strict=True)}
            return scored(record, self.score, found)

        return take(records, answers, ("MatchNodes", self.matcher), told)


def _said(record: Record) -> list[tuple[Region, Caption]]:
    return [(node, caption) for node in nodes(record) for caption in said_of(record, node.id)]
