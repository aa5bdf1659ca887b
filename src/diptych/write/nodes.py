"""Grow a graph of described regions: describe a region, find in it what the description names, describe that, and so on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from diptych.arrays.boxes import iou, within
from diptych.data.crops import outside
from diptych.data.limits import at_least, in_unit, some
from diptych.data.nodes import ROOT, WHOLE, above, hung, is_root, nodes, said_of, things
from diptych.data.opening import crop
from diptych.data.records import Caption, Record
from diptych.data.regions import Box, Region
from diptych.engine.context import Context
from diptych.language.parse import parse
from diptych.language.wordnet import same_thing
from diptych.models.abilities import Captioner, CaptionRequest, Described, Detection, Detections, Detector, DetectRequest
from diptych.models.calls import ask, take

EXPECTED = 5  # things in a picture that nobody has looked at yet
MOST = 20  # things looked for in one region
NO_THINGS = frozenset(
    ("left", "right", "top", "bottom", "side", "front", "back", "middle", "center", "centre", "corner", "edge", "background", "foreground")
)


@dataclass(frozen=True, slots=True)
class DescribeNodes:
    """Captions for every node that has none: the root, made where it is missing, in each of the styles `whole`, others in `style`.

    Of the last of the styles `whole` the root has `details` captions, by as many draws.
    """

    captioner: str
    whole: tuple[str, ...] = ("short", "dense")
    style: str = "region"
    details: int = 1

    def __post_init__(self) -> None:
        some("whole", self.whole)
        at_least("details", self.details, 1)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        new = [region for region in nodes(record) if not said_of(record, region.id)]
        number = sum(self._draws() if is_root(region) else 1 for region in new) if nodes(record) else self._draws()
        return {f"caption calls to {self.captioner}": number or EXPECTED}

    def _draws(self) -> int:
        return len(self.whole) - 1 + self.details

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        records = [record if nodes(record) else _rooted(record, context.place) for record in records]
        wanted = {record.id: list(self._wanted(record)) for record in records}

        def requests(record: Record) -> list[CaptionRequest]:
            picture = context.picture(record.subject) if wanted[record.id] else None
            return [
                CaptionRequest(
                    picture, style, None if is_root(node) else node.box, draw=draw, temperature=float(draw > 0), record=record.id
                )
                for node, style, draw in wanted[record.id]
                if picture is not None
            ]

        answers = ask(records, requests, context.open(self.captioner, Captioner).caption, context)

        def told(record: Record, given: tuple[Described, ...]) -> Record:
            return record.add(
                captions=[
                    Caption(f"{record.id}/{context.place}.{number}", one.text, self.captioner, style, region=node.id)
                    for number, (one, (node, style, _)) in enumerate(zip(given, wanted[record.id], strict=True))
                ]
            )

        return take(records, answers, ("DescribeNodes", self.captioner), told)

    def _wanted(self, record: Record) -> Iterable[tuple[Region, str, int]]:
        for node in nodes(record):
            if node.kind == "group" or said_of(record, node.id):
                continue
            if not is_root(node):
                yield node, self.style, 0
                continue
            yield from ((node, style, 0) for style in self.whole)
            yield from ((node, self.whole[-1], draw) for draw in range(1, self.details))


def _rooted(record: Record, place: str) -> Record:
    return record.add(regions=[Region(f"{record.id}/{place}.image", WHOLE, "crop", ROOT)])


@dataclass(frozen=True, slots=True)
class FindNodes:
    """Looks in every node just described for the things that its captions name, and makes nodes of them.

    Captions without a graph are those just written; they are split. A thing named once and alone is single, any other several. A box must
    score over `threshold` and have `pixels`; boxes of one name that overlap by `nms` (of a single thing, of several) are one; of a single
    thing those within `near` of the best score stay, of any at most `top`. A part covers at most `largest` of what it is a part of. A box
    that lies by `same` in a node of its name is that node, which gets one more parent, unless this hangs under it. A caption that repeats
    its parent's names no parts.
    """

    detector: str
    threshold: float = 0.35
    pixels: int = 5000
    nms: tuple[float, float] = (0.05, 0.2)
    near: float = 0.05
    top: int = 6
    largest: float = 0.8
    same: float = 0.85

    def __post_init__(self) -> None:
        for name in ("threshold", "near", "largest", "same"):
            in_unit(name, getattr(self, name))
        at_least("top", self.top, 1)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {f"detect calls to {self.detector}": len(_fresh(record)) or 1}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        fresh = {record.id: _fresh(record) for record in records}
        records = [_split(record) for record in records]
        names = {record.id: [(node, named(record, node)) for node in fresh[record.id]] for record in records}

        def requests(record: Record) -> list[DetectRequest]:
            wanted = [(node, single) for node, single in names[record.id] if single]
            picture = context.picture(record.subject) if wanted else None
            return [
                DetectRequest(picture if is_root(node) else crop(picture, node.box), tuple(single), self.threshold, record.id)
                for node, single in wanted
                if picture is not None
            ]

        answers = ask(records, requests, context.open(self.detector, Detector).detect, context)

        def told(record: Record, given: tuple[Detections, ...]) -> Record:
            wanted = [(node, single) for node, single in names[record.id] if single]
            for (node, single), seen in zip(wanted, given, strict=True):
                record = self._grown(record, node, single, seen, context)
            return record

        return take(records, answers, ("FindNodes", self.detector), told)

    def _grown(self, record: Record, node: Region, single: Mapping[str, bool], seen: Detections, context: Context) -> Record:
        size = context.picture(record.subject)
        for noun, alone in single.items():
            found = [replace(one, box=outside(one.box, node.box)) for one in seen.found if one.phrase == noun]
            large = [one for one in found if _sides(one.box) and one.box.area * size.width * size.height >= self.pixels]
            fitting = [one for one in large if is_root(node) or one.box.area <= self.largest * node.box.area]
            for one in self._kept(fitting, alone):
                record = self._with(record, node, noun, one, context.place)
        return record

    def _kept(self, found: Sequence[Detection], alone: bool) -> list[Detection]:
        kept: list[Detection] = []
        for one in sorted(found, key=lambda one: -one.score):
            apart = not kept or float(iou([_row(one.box)], [_row(other.box) for other in kept]).max()) <= self.nms[0 if alone else 1]
            good = one.score > self.threshold and (not alone or not kept or one.score >= kept[0].score - self.near)
            if apart and good and len(kept) < self.top:
                kept.append(one)
        return kept

    def _with(self, record: Record, node: Region, noun: str, one: Detection, place: str) -> Record:
        link = (node.id, noun)
        alike = [other for other in things(record) if same_thing(other.label, noun)]
        inside = within([_row(one.box)], [_row(other.box) for other in alike])[0] if alike else []
        for other, share in zip(alike, inside, strict=True):
            # two boxes found together are two things, however near
            if share >= self.same and link not in other.parents and other.id != node.id:
                # what a part lies in ("a mug on a table") is not a part of it in turn
                return record if other.id in above(record, node.id) else hung(record, {other.id: (link,)})
        number = sum(region.id.startswith(f"{record.id}/{place}.r") for region in record.regions)
        kind: Literal["object", "part"] = "object" if is_root(node) else "part"
        region = Region(f"{record.id}/{place}.r{number}", one.box, kind, noun, one.attributes, score=one.score, by=self.detector,
                        parents=(link,))  # fmt: skip
        return record.add(regions=[region])


@dataclass(frozen=True, slots=True)
class Searched:
    """Releases a record in whose nodes nothing is left to look for: all that was described was searched."""

    def __call__(self, record: Record) -> bool:
        return bool(nodes(record)) and not _fresh(record)


def named(record: Record, node: Region) -> dict[str, bool]:
    """What a node's captions name as things in it, in order of mention, and whether it is a single one."""
    captions = said_of(record, node.id)
    above = {c.text for parent, _ in node.parents for c in said_of(record, parent)}
    found: dict[str, bool] = {}
    for caption in captions:
        if caption.graph is None or caption.text in above:
            continue
        here = [e for e in caption.graph.entities if not e.negated and _is_thing(e.noun)]
        for entity in here:
            if is_root(node) or not same_thing(entity.noun, node.label):
                alone = entity.count in (1, None) and entity.at_least is None and sum(e.noun == entity.noun for e in here) == 1
                found[entity.noun] = found.get(entity.noun, True) and alone
    return dict(list(found.items())[:MOST])


def _is_thing(noun: str) -> bool:
    return noun not in NO_THINGS and not noun.isdecimal()


def _fresh(record: Record) -> list[Region]:
    """Nodes with captions that were not split yet."""
    return [node for node in nodes(record) if any(caption.graph is None for caption in said_of(record, node.id))]


def _split(record: Record) -> Record:
    ids = {node.id for node in _fresh(record)}
    captions = (replace(c, graph=parse(c.text)) if c.region in ids and c.graph is None else c for c in record.captions)
    return replace(record, captions=tuple(captions)) if ids else record


def _sides(box: Box) -> bool:
    return box.left < box.right and box.top < box.bottom


def _row(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
