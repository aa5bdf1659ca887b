"""What a sample of captions states, counted by kind."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from diptych.data.graphs import SceneGraph
from diptych.data.records import Record
from diptych.language.parse import parse

LONGEST = 5_000  # characters of a caption that are parsed


@dataclass(slots=True)
class Stated:
    """How many captions of those parsed mention each thing."""

    parsed: int = 0
    silent: int = 0  # captions that state nothing
    statements: int = 0
    objects: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    quotes: Counter[str] = field(default_factory=Counter)


def stated(records: Iterable[Record], advance: Callable[[int], None]) -> Stated:
    """Counts the statements of every caption; those that were split already are taken as they are."""
    found = Stated()
    for record in records:
        for caption in record.captions:
            _count(found, caption.graph if caption.graph is not None else parse(caption.text[:LONGEST]))
        advance(1)
    return found


def _count(found: Stated, graph: SceneGraph) -> None:
    statements = graph.statements()
    found.parsed += 1
    found.silent += not statements
    found.statements += len(statements)
    kinds = {
        "exists": found.objects,
        "attribute": found.attributes,
        "relation": found.relations,
        "count": found.numbers,
        "text": found.quotes,
    }
    for kind, counter in kinds.items():
        said = {s.subject if kind == "exists" else s.value for s in statements if s.kind == kind and not s.negated}
        counter.update(said)
