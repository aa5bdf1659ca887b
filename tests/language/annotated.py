"""Scores a parse against annotations: one-to-one matches of objects, attributes and relations, repeated nouns counted."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from diptych.data.graphs import SceneGraph
from diptych.language.meaning import same_value
from diptych.language.predicates import equivalent, split
from diptych.language.wordnet import same_thing

HERE = Path(__file__).parent / "annotations"
SHARED = Path(__file__).parents[2] / "../shared/data"
KINDS = ("objects", "attributes", "relations", "pairs")
Row = dict[str, Any]


def annotations(part: str, name: str = "agreed") -> list[Row]:
    return [json.loads(line) for line in (HERE / part / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def _captions(file: str) -> dict[str, str]:
    text = (SHARED / file).read_text(encoding="utf-8")
    if file.endswith("joined.json"):
        found = {}
        for row in json.loads(text):
            found |= {f"{row['image_id']}/references/{n}": t for n, t in enumerate(row.get("references") or [])}
            found |= {f"{row['image_id']}/predictions/{n}": t for n, t in (row.get("predictions") or {}).items()}
        return found
    decoder, rows, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        at += len(text[at:]) - len(text[at:].lstrip())
        row, at = decoder.raw_decode(text, at)
        rows.append(row)
    return {str(row["question_id"]): row["text"] for row in rows}


def text_of(row: Row) -> str:
    return _captions(row["file"])[row["id"]].strip()


def said(graph: SceneGraph) -> Row:
    """What a parse says, in the annotations' form."""
    nouns = [entity.noun for entity in graph.entities]
    there = [not entity.negated for entity in graph.entities]
    return {
        "objects": [noun for noun, yes in zip(nouns, there, strict=True) if yes],
        "attributes": [[e.noun, value] for e in graph.entities if not e.negated for value in e.values],
        "relations": [
            [nouns[r.subject], r.predicate, nouns[r.object]] for r in graph.relations if there[r.subject] and there[r.object]
        ],
    }  # fmt: skip


def _thing(one: str, other: str) -> bool:
    return one == other or same_thing(one, other)


def _attribute(one: Sequence[str], other: Sequence[str]) -> bool:
    return _thing(one[0], other[0]) and (one[1] == other[1] or same_value(one[1], other[1]))


def _relation(one: Sequence[str], other: Sequence[str]) -> bool:
    return _pair(one, other) and _predicate(one[1], other[1])


def _predicate(one: str, other: str) -> bool:
    """Equal, equivalent, or a preposition beside the same with a verb ("in", "ride in")."""
    if one == other or equivalent(one, other) is not None:
        return True
    (verb, place), (other_verb, other_place) = split(one), split(other)
    return bool(place) and place == other_place and not (verb and other_verb and verb != other_verb)


def _pair(one: Sequence[str], other: Sequence[str]) -> bool:
    return _thing(one[0], other[0]) and _thing(one[-1], other[-1])


SAME: dict[str, Callable[[Any, Any], bool]] = {"objects": _thing, "attributes": _attribute, "relations": _relation, "pairs": _pair}


def matched(found: Iterable[Any], wanted: Iterable[Any], same: Callable[[Any, Any], bool]) -> tuple[int, list[Any]]:
    """How many pairs, exact ones first, each item in one pair; and what was found beyond them."""
    left, over, hits = list(wanted), [], 0
    rest = []
    for item in found:
        if item in left:
            left.remove(item)
            hits += 1
        else:
            rest.append(item)
    for item in rest:
        twin = next((other for other in left if same(item, other)), None)
        if twin is None:
            over.append(item)
        else:
            left.remove(twin)
            hits += 1
    return hits, over


def tally(found: Row, wanted: Row, kind: str) -> tuple[int, int, int]:
    """matched, found and wanted; what is optional counts on neither side."""
    name = "relations" if kind == "pairs" else kind
    hits, over = matched(found[name], wanted[name], SAME[kind])
    spared, _ = matched(over, wanted.get("optional", {}).get(name, ()), SAME[kind])
    return hits, len(found[name]) - spared, len(wanted[name])


def f1(rows: Iterable[tuple[int, int, int]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over all rows."""
    hits, found, wanted = (sum(column) for column in zip(*rows, strict=True))
    return hits / max(1, found), hits / max(1, wanted), 2 * hits / max(1, found + wanted)
