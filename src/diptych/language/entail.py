"""Whether a graph bears out a statement: the whole truth (closed), or what another caption says (open)."""

from collections.abc import Mapping

from diptych.data.graphs import SceneGraph, Statement
from diptych.data.records import Answered
from diptych.language.facts import Fact, Facts, covered, fact_list
from diptych.language.index import Index

__all__ = ["Fact", "Facts", "Index", "covered", "fact_list", "holds"]
_NO_KINDS: Mapping[str, str] = {}


def holds(statement: Statement, graph: SceneGraph, *, closed: bool, kinds: Mapping[str, str] = _NO_KINDS) -> Answered:
    """What one graph says of one statement; build an `Index` to ask a graph more than once.

    `closed`: the graph is the whole truth, so what it lacks is contradicted. Otherwise it is another caption, and what it does not
    mention is unknown. `kinds` maps fine nouns to the coarser ones that may name them ("mug" to "cup").
    """
    return Index(graph, kinds).holds(statement, closed=closed)
