"""Ground what captions mention: which region of the picture each entity is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.data.graphs import Entity, SceneGraph
from diptych.data.limits import in_unit
from diptych.data.records import Caption, Record
from diptych.data.regions import Region
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.models.abilities import Detection, Detections, Detector, DetectRequest
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class Ground:
    """Gives each entity that is not negated the best box for its noun with its attributes; one caption's entities share no box."""

    detector: str
    of: str = "chosen"
    threshold: float = 0.35

    def __post_init__(self) -> None:
        in_unit("threshold", self.threshold)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("detect", self.detector)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[DetectRequest]:
            phrases = tuple(dict.fromkeys(phrase(entity) for caption in self._split(record) for entity in wanted(caption.graph)))
            return [DetectRequest(context.picture(record.subject), phrases, self.threshold, record.id)] if phrases else []

        answers = ask(records, requests, context.open(self.detector, Detector).detect, context)

        def told(record: Record, given: tuple[Detections, ...]) -> Record:
            return self._grounded(record, given[0].found if given else (), context.place)

        return take(records, answers, ("Ground", self.detector), told)

    def _split(self, record: Record) -> list[Caption]:
        return [caption for caption in captions_of(record, self.of) if caption.graph is not None]

    def _grounded(self, record: Record, seen: tuple[Detection, ...], place: str) -> Record:
        good = sorted((one for one in seen if one.score >= self.threshold), key=lambda one: -one.score)
        regions: dict[str, list[Region]] = {}
        for number, one in enumerate(good):
            region = Region(f"{record.id}/{place}.r{number}", one.box, label=one.phrase, attributes=one.attributes, score=one.score,
                            by=self.detector)  # fmt: skip
            regions.setdefault(one.phrase, []).append(region)
        graphs = {caption.id: grounded(caption.graph or SceneGraph(), regions) for caption in self._split(record)}
        captions = tuple(replace(c, graph=graphs.get(c.id, c.graph)) for c in record.captions)
        return replace(record, captions=captions).add(regions=[region for group in regions.values() for region in group])


def wanted(graph: SceneGraph | None) -> list[Entity]:
    """Entities that a box can stand for and that have none yet."""
    return [entity for entity in graph.entities if not entity.negated and entity.region is None] if graph else []


def phrase(entity: Entity) -> str:
    """What to ask a detector for."""
    return " ".join((*entity.values, entity.noun))


def grounded(graph: SceneGraph, regions: Mapping[str, list[Region]]) -> SceneGraph:
    """The graph with a region for each entity that has one left, in order of mention."""
    taken: set[tuple[float, ...]] = set()
    entities: list[Entity] = []
    for entity in graph.entities:
        region = (
            None if entity.negated or entity.region else next((r for r in regions.get(phrase(entity), ()) if place(r) not in taken), None)
        )
        if region is not None:
            taken.add(place(region))
        entities.append(entity if region is None else replace(entity, region=region.id))
    return replace(graph, entities=tuple(entities))


def place(region: Region) -> tuple[float, ...]:
    """Where a region is, to tell boxes apart."""
    box = region.box
    return (box.left, box.top, box.right, box.bottom)
