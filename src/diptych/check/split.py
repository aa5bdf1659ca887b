"""Take captions apart into scene graphs, whose statements can then be checked one by one."""

from dataclasses import dataclass, replace

from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.language.parse import parse, parse_with


@dataclass(frozen=True, slots=True)
class Split:
    """Gives a scene graph to each caption that has none. `tagger` names a better one than the built-in: `spacy:MODEL`, installed."""

    of: str = "all"
    tagger: str | None = None

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [split(record, self.of, self.tagger) for record in records]


def split(record: Record, of: str = "all", tagger: str | None = None) -> Record:
    """The record with a graph in each of these captions."""
    wanted = {caption.id for caption in captions_of(record, of)}
    return replace(record, captions=tuple(_parsed(c, tagger) if c.id in wanted else c for c in record.captions))


def _parsed(caption: Caption, tagger: str | None) -> Caption:
    if caption.graph is not None:
        return caption
    return replace(caption, graph=parse(caption.text) if tagger is None else parse_with(tagger, caption.text))
