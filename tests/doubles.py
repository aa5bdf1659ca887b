"""Scripted experts and small records for tests of steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image as Pillow

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Mask
from diptych.engine.context import Context
from diptych.models.abilities import (
    Answered,
    AskRequest,
    CaptionRequest,
    Depth,
    DepthRequest,
    Described,
    Detection,
    Detections,
    DetectRequest,
    Failed,
    Matched,
    MatchRequest,
    ReadRequest,
    SegmentRequest,
    Segments,
    Word,
    Words,
)
from diptych.models.rules import Rules


@dataclass
class Scripted:
    """Answers by tables; what a table lacks gets the default. `asked` remembers every request."""

    captions: dict[str, str] = field(default_factory=dict)  # record id -> text
    boxes: dict[str, list[float]] = field(default_factory=dict)  # phrase -> scores
    inventory: list[Detection] = field(default_factory=list)
    unjudged: tuple[str, ...] = ()  # phrases the detector has no class for
    answers: dict[str, str] = field(default_factory=dict)  # question -> answer
    words: list[str] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)  # text -> score
    masks: list[Mask] = field(default_factory=list)
    distances: Any = None  # a depth map
    fails: set[str] = field(default_factory=set)  # record ids
    asked: list[Any] = field(default_factory=list)

    def _all(self, requests: list[Any], one: Callable[[Any], Any]) -> list[Any]:
        self.asked += requests
        return [Failed("scripted failure") if request.record in self.fails else one(request) for request in requests]

    def caption(self, requests: list[CaptionRequest]) -> list[Any]:
        return self._all(requests, lambda r: Described(self.captions.get(r.record, "a dog")))

    def detect(self, requests: list[DetectRequest]) -> list[Any]:
        def found(request: DetectRequest) -> Detections:
            if not request.phrases:
                return Detections(tuple(self.inventory))
            boxes = (Detection(p, box(n), s) for p in request.phrases for n, s in enumerate(self.boxes.get(p, [])))
            return Detections(tuple(boxes), self.unjudged)

        return self._all(requests, found)

    def answer(self, requests: list[AskRequest]) -> list[Any]:
        return self._all(requests, lambda r: Answered(self.answers.get(r.question, "no"), 0.9))

    def read(self, requests: list[ReadRequest]) -> list[Any]:
        return self._all(requests, lambda r: Words(tuple(Word(w, box(n), 0.9) for n, w in enumerate(self.words))))

    def segment(self, requests: list[SegmentRequest]) -> list[Any]:
        return self._all(requests, lambda r: Segments(tuple(self.masks)))

    def depth(self, requests: list[DepthRequest]) -> list[Any]:
        return self._all(requests, lambda r: Depth(self.distances))

    def match(self, requests: list[MatchRequest]) -> list[Any]:
        return self._all(requests, lambda r: Matched(self.scores.get(r.text, 0.0)))


def box(place: int = 0) -> Box:
    return Box(0.1 * place, 0.1, 0.1 * place + 0.1, 0.3)


def context(**doubles: Any) -> Context:
    """`double:NAME` opens the double of that name, `rules:` the embedded writer."""

    def opener(address: str, ability: type) -> Any:
        return Rules() if address == "rules:" else doubles[address.removeprefix("double:")]

    return Context(opener, picture, place="1")


def picture(image: Image) -> Picture:
    return Picture(image.key or image.path, 8, 8, lambda: Pillow.new("RGB", (8, 8)))


def dogs() -> SceneGraph:
    """Two brown dogs on a couch."""
    return SceneGraph(
        (Entity("dog", 2, attributes=(Attribute("brown", (4, 9)),), span=(10, 14), count_span=(0, 3)), Entity("couch", 1, span=(20, 25))),
        (Relation(0, "on", 1, (15, 17)),),
    )


def record(*captions: Caption, id: str = "r") -> Record:
    """A record for which its first caption stands."""
    return Record(id, Image(f"{id}.png", key=f"key-{id}"), captions, chosen=tuple(caption.id for caption in captions[:1]))


def proposed(id: str, graph: SceneGraph | None, by: str = "double:teller", text: str = "two brown dogs on a couch") -> Caption:
    return Caption(id, text, by, "short", graph=graph)
