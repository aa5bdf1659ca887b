"""Choose captions of the nodes of a graph of described regions: which kinds, how many words, how well they match."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from diptych.data.limits import at_least, some
from diptych.data.nodes import nodes, said_of
from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.language.parse import parse


@dataclass(frozen=True, slots=True)
class ChooseNodes:
    """Lets the captions of these styles stand for the record: style after style, in each parents before children.

    With `words` captions are taken while they fit in so many words in all, the first in any case. `least` are the least scores under `by`
    by style; a caption without a score passes, NaN is none. A caption that states nothing beyond those taken before it is left out unless
    `repeats`.
    The style `alt` is the source's caption.
    """

    styles: tuple[str, ...]
    words: int = 0
    least: tuple[tuple[str, float], ...] = ()
    by: str = "match"
    repeats: bool = False

    def __post_init__(self) -> None:
        some("styles", self.styles)
        at_least("words", self.words, 0)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._chosen(record) for record in records]

    def _chosen(self, record: Record) -> Record:
        chosen: list[str] = []
        said: set[tuple[str, ...]] = set()
        left = self.words
        for caption in self._listed(record):
            long = len(caption.text.split())
            states = {statement.key for statement in (caption.graph or parse(caption.text)).statements()}
            if not chosen or ((not self.words or long <= left) and (self.repeats or not states <= said)):
                chosen.append(caption.id)
                said |= states
                left -= long
        return record.choose(*chosen) if chosen else record.drop("ChooseNodes", f"no caption of {', '.join(self.styles)}")

    def _listed(self, record: Record) -> Iterator[Caption]:
        least = dict(self.least)
        of_nodes = [caption for node in nodes(record) for caption in said_of(record, node.id)]
        for style in self.styles:
            for caption in captions_of(record, "alt") if style == "alt" else of_nodes:
                if style in ("alt", caption.style) and self._passes(caption, least.get(style)):
                    yield caption

    def _passes(self, caption: Caption, least: float | None) -> bool:
        score = caption.scores.get(self.by, math.nan)
        return least is None or math.isnan(score) or score >= least
