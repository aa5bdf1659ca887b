"""A record's described regions as a graph: which regions are nodes, what hangs under them, what was said of them.

The whole picture is a region too, the root. Every other node names its parents with the phrase that links them; a node may have several.
"""

from dataclasses import replace

from diptych.data.records import Caption, Record
from diptych.data.regions import Box, Region

ROOT = "image"  # label of the root
RELATED = "relation"  # label of a group of things that stand in relations
WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def is_root(region: Region) -> bool:
    """Whether the region is the whole picture as a node."""
    return region.kind == "crop" and region.label == ROOT and not region.parents


def nodes(record: Record) -> tuple[Region, ...]:
    """The root and all that hangs under it, parents before children; what was asked about and denied, and what hangs under that
    alone, is left out.
    """
    gone = denied(record)
    found: dict[str, Region] = {}
    for region in record.regions:
        if region.id not in gone and (is_root(region) or any(parent in found for parent, _ in region.parents)):
            found[region.id] = region
    return tuple(found.values())


def denied(record: Record) -> frozenset[str]:
    """Ids of regions that the last question about them was answered with no."""
    last = {question.about: question.answers for question in record.questions}
    return frozenset(about for about, answers in last.items() if any(_is_no(answer.text) for answer in answers))


def _is_no(text: str) -> bool:
    first = text.lower().split(maxsplit=1)[:1]
    return bool(first) and first[0].strip(".,!;:\"'*") == "no"


def things(record: Record) -> tuple[Region, ...]:
    """Nodes that are a thing or a part of one: neither root nor group."""
    return tuple(region for region in nodes(record) if region.kind in ("object", "part"))


def children(record: Record, parent: str) -> dict[str, list[Region]]:
    """Things under a node, by the phrase that links them."""
    found: dict[str, list[Region]] = {}
    for region in things(record):
        for id, phrase in region.parents:
            if id == parent:
                found.setdefault(phrase, []).append(region)
    return found


def above(record: Record, region: str) -> frozenset[str]:
    """Ids of all that a region hangs under, at whatever distance."""
    parents = {one.id: [id for id, _ in one.parents] for one in record.regions}
    found: set[str] = set()
    waiting = list(parents.get(region, ()))
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += parents.get(id, ())
    return frozenset(found)


def said_of(record: Record, region: str) -> tuple[Caption, ...]:
    """Captions of a node."""
    return tuple(caption for caption in record.captions if caption.region == region)


def hung(record: Record, under: dict[str, tuple[tuple[str, str], ...]]) -> Record:
    """The record with further parents, by the id of the child; a link that is there is not made twice."""

    def with_parents(region: Region) -> Region:
        more = tuple(link for link in under.get(region.id, ()) if link not in region.parents)
        return replace(region, parents=(*region.parents, *more)) if more else region

    return replace(record, regions=tuple(map(with_parents, record.regions)))
