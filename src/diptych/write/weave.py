"""Weave what experts found in a picture into what a caption says: objects, attributes, words, places."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from diptych.arrays.boxes import iou
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.regions import Region
from diptych.language.meaning import exclude, same_value
from diptych.language.wordnet import same_thing

APART = 0.08  # of the picture's width: centres closer than this are neither left nor right of one another
DEEPER = 0.2  # of the picture's own depth range
SAME = 0.5  # intersection over union of two boxes of one thing


@dataclass(frozen=True, slots=True)
class Weaving:
    """What to take from the regions. With `conflicts` an expert's attribute is added beside one of the caption's that excludes it.

    A thing that the caption lacks is added from regions that score at least `threshold`: boxes that weaker evidence sufficed for, since
    the caption had asked, add none.
    """

    objects: bool = True
    attributes: bool = True
    words: bool = True
    places: bool = False
    conflicts: bool = False
    threshold: float = 0.0


def weave(graph: SceneGraph, regions: Sequence[Region], how: Weaving) -> SceneGraph:
    """The graph with more in it. Each object region stands for one entity of its noun: one the caption mentions, else a new one."""
    entities = list(graph.entities)
    stands = _matched(entities, distinct([region for region in regions if region.kind == "object"]))
    fresh: dict[tuple[str, tuple[str, ...]], int] = {}
    for region, index in stands:
        if index is not None:
            entities[index] = _grounded(entities[index], region, how)
        elif how.objects and (region.score is None or region.score >= how.threshold):
            alike = (region.label, region.attributes)
            if alike in fresh:
                # a detector misses some of several, so what it finds is a lower bound
                old = entities[fresh[alike]]
                entities[fresh[alike]] = replace(old, count=None, at_least=(old.at_least or 1) + 1)
            else:
                fresh[alike] = len(entities)
                entities.append(_entity(region, how.attributes))
    quotes = tuple(_quotes(graph, regions)) if how.words else ()
    woven = replace(graph, entities=tuple(entities), texts=(*graph.texts, *quotes))
    return replace(woven, relations=(*graph.relations, *placed(woven, regions))) if how.places else woven


def distinct(regions: Sequence[Region]) -> list[Region]:
    """One region for each thing: boxes of the same noun that overlap by `SAME` are one, with the attributes of all."""
    found: list[Region] = []
    boxes = [(r.box.left, r.box.top, r.box.right, r.box.bottom) for r in regions]
    alike = iou(boxes, boxes) >= SAME
    first: list[int] = []
    for number, region in enumerate(regions):
        twin = next((i for i, n in enumerate(first) if alike[n, number] and same_thing(regions[n].label, region.label)), None)
        if twin is None:
            found.append(region)
            first.append(number)
        else:
            known = found[twin]
            depth = known.depth if known.depth is not None else region.depth
            attributes = tuple(dict.fromkeys((*known.attributes, *region.attributes)))
            score = max((s for s in (known.score, region.score) if s is not None), default=None)
            found[twin] = replace(known, attributes=attributes, depth=depth, score=score)
    return found


def _matched(entities: Sequence[Entity], regions: Sequence[Region]) -> list[tuple[Region, int | None]]:
    """Each region with the entity of its noun that fits its attributes best and has room: a number takes that many, a plural all."""
    room = {i: (e.count if e.count is not None else len(regions)) for i, e in enumerate(entities) if not e.negated}
    pairs = [(i, n) for i in room for n, region in enumerate(regions) if same_thing(entities[i].noun, region.label)]
    taken: dict[int, int] = {}
    # sorting is stable: of those that fit alike, the first entity takes the first region
    for index, number in sorted(pairs, key=lambda pair: -fit(entities[pair[0]].values, regions[pair[1]].attributes)):
        if number not in taken and room[index] > 0:
            taken[number] = index
            room[index] -= 1
    return [(region, taken.get(number)) for number, region in enumerate(regions)]


def fit(said: Sequence[str], seen: Sequence[str]) -> int:
    """How many attributes agree, less those that exclude each other."""
    return sum(same_value(a, b) - exclude(a, b) for a in said for b in seen)


def _entity(region: Region, attributes: bool) -> Entity:
    said = tuple(Attribute(value, origins=(region.by,)) for value in region.attributes) if attributes else ()
    return Entity(region.label, 1, attributes=said, region=region.id, origins=(region.by,))


def _grounded(entity: Entity, region: Region, how: Weaving) -> Entity:
    """A single entity takes the region and its attributes, but none that excludes one of its own; of several only the first's region."""
    if entity.region is None:
        entity = replace(entity, region=region.id)
    if entity.count != 1 or not how.attributes:
        return entity
    new = tuple(
        Attribute(value, origins=(region.by,))
        for value in region.attributes
        if not any(same_value(value, said) or (exclude(value, said) and not how.conflicts) for said in entity.values)
    )
    return replace(entity, attributes=(*entity.attributes, *new))


def _quotes(graph: SceneGraph, regions: Sequence[Region]) -> list[Quote]:
    """Words read in the picture that the caption does not say, each once however many things bear them."""
    said = {quote.words.casefold() for quote in graph.texts}
    read: dict[str, Region] = {}
    for region in regions:
        if region.kind == "text":
            read.setdefault(region.label.casefold(), region)
    return [Quote(region.label, origins=(region.by,)) for words, region in read.items() if words not in said]


def placed(graph: SceneGraph, regions: Sequence[Region]) -> list[Relation]:
    """For each grounded entity, where it is from the nearest one before it: left or right, in front or behind.

    Only of things that are one of their noun: "the ring left of the cube" helps nobody where there are three rings.
    """
    nouns = Counter(entity.noun for entity in graph.entities if not entity.negated)
    by_id = {region.id: region for region in regions}
    seen: list[tuple[int, Region]] = []
    stated = {frozenset((relation.subject, relation.object)) for relation in graph.relations}
    found: list[Relation] = []
    for index, entity in enumerate(graph.entities):
        region = by_id.get(entity.region or "")
        if region is None or entity.count != 1 or entity.negated or nouns[entity.noun] > 1:
            continue
        other = min(seen, key=lambda one: gap(one[1], region), default=None)
        seen.append((index, region))
        if other is None or frozenset((index, other[0])) in stated:
            continue
        found.extend(Relation(index, predicate, other[0], origins=(region.by,)) for predicate in where(region, other[1]))
    return found


def where(one: Region, other: Region) -> list[str]:
    """How `one` lies to `other` as the viewer sees it; nothing where it is too close to call.

    Left or right where each centre lies outside the other's span and the two are not much farther apart in depth than across; else
    in front or behind where their depths differ. Nearness is left unsaid: boxes that touch may be of things far apart.
    """
    across = middle(one) - middle(other)
    deep = one.depth - other.depth if one.depth is not None and other.depth is not None else 0.0
    beside = abs(across) > APART and not inside(middle(one), other) and not inside(middle(other), one)
    if beside and abs(deep) <= DEEPER:
        return ["left of" if across < 0 else "right of"]
    if abs(deep) > DEEPER:
        return ["in front of" if deep < 0 else "behind"]
    return []


def middle(region: Region) -> float:
    """Its centre across the picture."""
    return (region.box.left + region.box.right) / 2


def inside(place: float, region: Region) -> bool:
    """Whether a place across the picture lies in the region's span."""
    return region.box.left <= place <= region.box.right


def gap(one: Region, other: Region) -> float:
    """Distance between two boxes, 0 where they touch, plus a depth difference where both are known."""
    across = max(0.0, max(one.box.left, other.box.left) - min(one.box.right, other.box.right))
    down = max(0.0, max(one.box.top, other.box.top) - min(one.box.bottom, other.box.bottom))
    deep = abs(one.depth - other.depth) if one.depth is not None and other.depth is not None else 0.0
    return float((across**2 + down**2 + deep**2) ** 0.5)
