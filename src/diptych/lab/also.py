"""What an experiment measures of its arms besides facts: words a row, questions answered from the captions alone, graphs of regions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from diptych.arrays.boxes import iou
from diptych.data.nodes import RELATED, said_of, things
from diptych.data.records import Record
from diptych.data.regions import Box, Region
from diptych.data.results import Result
from diptych.lab.swaps import exchanged, neighbours, told_right, turned
from diptych.language.index import Index
from diptych.language.parse import parse
from diptych.measure.answerability import GoldQuestion, hard_score
from diptych.measure.answerability_readers import rules_reader
from diptych.measure.intervals import bootstrap
from diptych.measure.text import words_of
from diptych.world.lookup import know
from diptych.world.questions import questions
from diptych.world.truth import Truth, Truths

LEAST = 0.5  # intersection over union of a node's box with that of the object it is
_SWAPS = {"relation_swaps_told": turned, "attribute_swaps_told": exchanged}
_TEXTS = {"composition": "arrangements", RELATED: "relations"}
_WORDS = "words of the captions that stand for a row"
_NODES = f"a node is right with an object's noun and its box by {LEAST} or more"
_EDGES = "places told between two nodes, right if they hold between their objects"
_TOLD = "true sentences that the captions bear out more than false ones, half where neither"
_HOW = {
    "node_recall": _NODES, "node_precision": _NODES, "node_duplicates": _NODES, "edge_recall": _EDGES, "edge_precision": _EDGES,
    "words_per_row": _WORDS, **{f"edge_precision_of_{name}": _EDGES for name in _TEXTS.values()},
    **dict.fromkeys((*_SWAPS, "swaps_told"), _TOLD),
}  # fmt: skip


@dataclass(slots=True)
class Table:
    """One metric: of every row what is summed above and below the line."""

    rows: list[tuple[float, float]] = field(default_factory=list)
    better: Literal["higher", "lower", "none"] = "higher"
    how: str = ""

    def result(self, name: str) -> Result:
        """The ratio of the sums, with its bootstrap interval over rows."""
        return bootstrap(np.array(self.rows, float).reshape(-1, 2), name=name, better=self.better, how=self.how)


Tables = Mapping[str, Table]
Also = Callable[[Sequence[Record], Truths], Tables]


def pooled(tables: Sequence[Table]) -> Table:
    """The rows of all seeds."""
    return replace(tables[0], rows=[row for one in tables for row in one.rows])


def answers(records: Sequence[Record], truths: Truths) -> Tables:
    """`words_per_row`, and `answers_right`: the share of questions about a scene that rules answer rightly from the captions alone.

    Two questions of each kind at most: what is there (yes or no), how many, colours, surfaces, places (yes or no). What the captions
    do not say is no to a yes/no question, and no answer to another. (`lab.answers` counts the questions that records bring themselves,
    of which some have no answer in the picture: there silence is none either way.)
    """
    words = Table(better="none", how=_WORDS)
    right = Table(how="from the captions alone, by rules; questions of five kinds")
    for record in records:
        said = _said(record)
        truth = truths[record.subject.key]
        asked = [(quiz, GoldQuestion(quiz.text, (quiz.answer,), quiz.statement)) for quiz in questions(truth, keys=("also",), each=2)]
        given = rules_reader(closed=True, kinds=truth.kinds)([(said, gold) for _, gold in asked])
        scores = [hard_score(one, (quiz.answer,)) if isinstance(one, str) else 0.0 for one, (quiz, _) in zip(given, asked, strict=True)]
        right.rows.append((sum(scores), len(scores)))
        words.rows.append((len(words_of(said)), 1))
    return {"words_per_row": words, "answers_right": right}


def graphs(records: Sequence[Record], truths: Truths) -> Tables:
    """Graphs of regions against the scene. A node is right that has an object's noun and its box by `LEAST`; of two on one object the
    second is a duplicate. An edge is a place that a composition or relation node tells between two nodes; it is right if it holds
    between their objects. Edges recall the pairs of an object and the nearest that it stands in a relation to.
    `swaps_told`: the share of true sentences that the captions bear out more than the same words of the wrong things, half where neither
    more; directions turned round, and colours exchanged, each between neighbours that look like nothing else there.
    """
    made = {name: Table(how=how) for name, how in _HOW.items()}
    made["node_duplicates"].better, made["words_per_row"].better = "lower", "none"
    for record in records:
        kept = record.status.kind == "kept"
        for name, pair in _graph(record if kept else Record(record.id, record.subject), truths[record.subject.key]).items():
            made[name].rows.append(pair)
        told = _swaps(record, truths[record.subject.key])
        for name, pair in (told | {"swaps_told": (sum(n for n, _ in told.values()), sum(of for _, of in told.values()))}).items():
            made[name].rows.append(pair)
        made["words_per_row"].rows.append((len(words_of(_said(record))), 1))
    return made


def _said(record: Record) -> str:
    return " ".join(f"{caption.text.rstrip('.')}." for caption in record.standing()) if record.status.kind == "kept" else ""


def _swaps(record: Record, truth: Truth) -> dict[str, tuple[float, float]]:
    captions = [parse(caption.text) for caption in record.standing()] if record.status.kind == "kept" else []
    known = know(truth)
    return {name: told_right(make(known), captions) for name, make in _SWAPS.items()}


def _graph(record: Record, truth: Truth) -> Mapping[str, tuple[float, float]]:
    listed = things(record)
    is_object, doubled = _stand_for(listed, truth)
    index = Index(truth.graph, truth.kinds)
    edges: dict[str, list[bool]] = {style: [] for style in _TEXTS}
    pairs: set[frozenset[int]] = set()
    for group in (region for region in record.regions if region.kind == "group"):
        for caption in said_of(record, group.id):
            for relation in caption.graph.relations if caption.graph else ():
                ends = [is_object.get(caption.graph.entities[end].region or "") for end in (relation.subject, relation.object)]  # type: ignore[union-attr]
                holds = None not in ends and ends[0] != ends[1] and index.related(relation.predicate, *ends)  # type: ignore[arg-type]
                edges[caption.style].append(holds)
                pairs |= {frozenset(ends)} if holds else set()  # type: ignore[arg-type]
    near = neighbours(know(truth))
    told = [holds for each in edges.values() for holds in each]
    return {
        "node_recall": (len(set(is_object.values())), len(truth.graph.entities)),
        "node_precision": (len(set(is_object.values())), len(listed)),
        "node_duplicates": (doubled, len(listed)),
        "edge_recall": (sum(pair in pairs for pair in near), len(near)),
        "edge_precision": (sum(told), len(told)),
    } | {f"edge_precision_of_{name}": (sum(edges[style]), len(edges[style])) for style, name in _TEXTS.items()}


def _stand_for(listed: Sequence[Region], truth: Truth) -> tuple[dict[str, int], int]:
    """Which object each node is, duplicates too, and how many of these there are."""
    boxes = {region.id: region.box for region in truth.regions}
    objects = [boxes[entity.region or ""] for entity in truth.graph.entities]
    table = iou([_row(node.box) for node in listed], [_row(box) for box in objects])
    index = Index(truth.graph, truth.kinds)
    for at, node in enumerate(listed):
        table[at, [n for n in range(len(objects)) if n not in index.matching(node.label)]] = 0.0
    found: dict[str, int] = {}
    doubled = 0
    for at in np.argsort(-table.max(axis=1, initial=0.0), kind="stable").tolist():
        free = [n for n in range(len(objects)) if table[at, n] >= LEAST and n not in found.values()]
        best = int(table[at].argmax()) if objects else 0
        if free:
            found[listed[at].id] = max(free, key=lambda n: table[at, n])
        elif objects and table[at, best] >= LEAST:
            found[listed[at].id] = best
            doubled += 1
    return found, doubled


def _row(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
