"""Take captions apart into scene graphs, whose statements can then be checked one by one."""

from dataclasses import dataclass, replace

from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.language.parse import parse


@dataclass(frozen=True, slots=True)
class Split:
    """Gives a scene graph to each caption that has none."""

    of: str = "all"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [split(record, self.of) for record in records]


def split(record: Record, of: str = "all") -> Record:
    """The record with a graph in each of these captions."""
    wanted = {caption.id for caption in captions_of(record, of)}
    return replace(record, captions=tuple(_parsed(c) if c.id in wanted else c for c in record.captions))


def _parsed(caption: Caption) -> Caption:
    return caption if caption.graph is not None else replace(caption, graph=parse(caption.text))
