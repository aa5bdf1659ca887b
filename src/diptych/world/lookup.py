"""What simulated experts may know of a picture: its truth, or a crop's share of its parent's, arranged for quick answers."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from diptych.data.crops import inside, root_of, shared, window_of
from diptych.data.graphs import SceneGraph
from diptych.data.pictures import Picture
from diptych.data.regions import Box, Region
from diptych.language.index import Index
from diptych.models.abilities import Failed
from diptych.world.catalogue import BY_NOUN, CATEGORIES, COLOURS, MATERIALS, NUMBER, SIZES
from diptych.world.truth import Truth, Truths

ABSENT = Failed("sim: experts know only the world; name a real model")
PLAIN = {"size": "medium", "material": "matte"}  # truth leaves these unsaid
SLOTS: Mapping[str, tuple[str, ...]] = {
    "colour": tuple(COLOURS),
    "size": tuple(word for word in SIZES if word != PLAIN["size"]),
    "material": tuple(word for word in MATERIALS if word != PLAIN["material"]),
}
SLOT_OF = {word: slot for slot, words in SLOTS.items() for word in words}
KEPT = 4096  # pictures remembered
PAINTED = 65_536  # painted pictures remembered


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of the picture, by its index in the truth's graph; `values` maps colour, size and material to words."""

    index: int
    noun: str
    values: Mapping[str, str]
    region: Region
    box: Box  # in the picture looked at
    words: str = ""
    words_box: Box | None = None

    @property
    def clear(self) -> bool:
        """Neither small nor mostly hidden."""
        seen = self.region.score
        return self.box.area >= 0.01 and (seen is None or seen >= 0.5)


@dataclass(frozen=True, slots=True)
class Known:
    """A picture's truth. `near` lists what each thing is related to and how, nearest first; `kin` and `others` are absent categories."""

    key: str
    graph: SceneGraph
    kinds: Mapping[str, str]
    things: tuple[Thing, ...]
    groups: tuple[tuple[Thing, ...], ...]  # by noun, largest box first
    near: Mapping[int, tuple[tuple[str, int], ...]]
    kin: tuple[int, ...]  # numbers in the catalogue, of families that the picture shows
    others: tuple[int, ...]
    index: Index = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Truth for pictures and for crops of them, arranged once. `painted` holds what simulated painters drew in this process."""

    truths: Truths
    painted: "OrderedDict[str, Callable[[], Truth]]" = field(default_factory=OrderedDict)
    seen: "OrderedDict[tuple[str, Box | None], Known]" = field(default_factory=OrderedDict)

    def find(self, picture: Picture) -> Known | None:
        """What is true of the picture; None where there is no truth."""
        box = window_of(picture)
        name = (picture.key, box)
        known = self.seen.get(name)
        if known is None:
            truth = self._truth(root_of(picture).key)
            if truth is None:
                return None
            known = self.seen[name] = know(truth, picture.key, box)
            if len(self.seen) > KEPT:
                self.seen.popitem(last=False)
        return known

    def add(self, key: str, truth: Callable[[], Truth]) -> None:
        """Keeps the truth of a painted picture, made when asked for."""
        self.painted[key] = truth
        if len(self.painted) > PAINTED:
            self.painted.popitem(last=False)

    def _truth(self, key: str) -> Truth | None:
        if key in self.painted:
            return self.painted[key]()
        try:
            return self.truths[key]
        except KeyError:
            return None


def know(truth: Truth, key: str = "", window: Box | None = None) -> Known:
    """The truth arranged; with a window, of the objects that have half their box or more in it."""
    things, graph = _things(truth, window)
    families = {BY_NOUN[t.noun].family for t in things if t.noun in BY_NOUN}
    present = {t.noun for t in things}
    absent = [c for c in CATEGORIES if c.noun not in present]
    groups: dict[str, list[Thing]] = {}
    for thing in sorted(things, key=lambda t: -t.box.area):
        groups.setdefault(thing.noun, []).append(thing)
    return Known(
        key or truth.key,
        graph,
        truth.kinds,
        things,
        tuple(tuple(group) for group in groups.values()),
        _near(graph, things),
        tuple(NUMBER[c.noun] for c in absent if c.family in families),
        tuple(NUMBER[c.noun] for c in absent if c.family not in families),
        Index(graph, truth.kinds),
    )


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    both = shared(one, other)
    union = one.area + other.area - both
    return both / union if union > 0 else 0.0


def _things(truth: Truth, window: Box | None) -> tuple[tuple[Thing, ...], SceneGraph]:
    regions = {region.id: region for region in truth.regions}
    words = {quote.entity: quote.words for quote in truth.graph.texts if quote.entity is not None}
    written = {region.parents[0][0]: region.box for region in truth.regions if region.kind == "text" and region.parents}
    kept: dict[int, int] = {}
    things: list[Thing] = []
    for old, entity in enumerate(truth.graph.entities):
        region = regions[entity.region or ""]
        box = region.box if window is None else inside(region.box, window)
        if box is None:
            continue
        kept[old] = len(things)
        values = {SLOT_OF[v]: v for v in entity.values if v in SLOT_OF}
        spot = written.get(region.id)
        spot = spot if spot is None or window is None else inside(spot, window)
        things.append(Thing(len(things), entity.noun, values, region, box, words.get(old, ""), spot))
    if window is None:
        return tuple(things), truth.graph
    graph = SceneGraph(
        tuple(truth.graph.entities[old] for old in kept),
        tuple(
            replace(r, subject=kept[r.subject], object=kept[r.object])
            for r in truth.graph.relations
            if r.subject in kept and r.object in kept
        ),
        tuple(replace(q, entity=kept[q.entity]) for q in truth.graph.texts if q.entity is not None and q.entity in kept),
    )
    return tuple(things), graph


def _near(graph: SceneGraph, things: tuple[Thing, ...]) -> dict[int, tuple[tuple[str, int], ...]]:
    found: dict[int, list[tuple[float, str, int]]] = {}
    for relation in graph.relations:
        apart = _apart(things[relation.subject].box, things[relation.object].box)
        found.setdefault(relation.subject, []).append((apart, relation.predicate, relation.object))
    # contact before direction where both hold of one pair
    return {
        i: tuple((p, o) for _, p, o in sorted(rows, key=lambda row: (row[0], row[1] not in ("on", "next to")))) for i, rows in found.items()
    }


def _apart(one: Box, other: Box) -> float:
    across = (one.left + one.right - other.left - other.right) / 2
    down = (one.top + one.bottom - other.top - other.bottom) / 2
    return float((across * across + down * down) ** 0.5)
