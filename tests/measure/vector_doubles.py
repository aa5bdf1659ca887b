"""Scripted embedders, matchers and painters for tests of image-text scores."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image as Pillow

from diptych.data.pictures import Picture
from diptych.models.abilities import Embedded, EmbedRequest, Failed, Matched, MatchRequest, Painted, PaintRequest


def picture(key: str) -> Picture:
    return Picture(key, 8, 8, lambda: Pillow.new("RGB", (8, 8)))


def pictures(*ids: str) -> dict[str, Picture]:
    return {id: picture(f"key-{id}") for id in ids}


@dataclass
class FixedEmbedder:
    """Vectors by picture key or text, in the type given; what the table lacks fails."""

    vectors: dict[str, Any]
    dtype: Any = np.float32
    asked: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def embed(self, requests: list[EmbedRequest]) -> list[Any]:
        self.batches.append(len(requests))
        return [self._one(request.picture.key if request.picture else request.text) for request in requests]

    def _one(self, name: str) -> Embedded | Failed:
        self.asked.append(name)
        if name not in self.vectors:
            return Failed(f"no vector of {name}")
        with np.errstate(over="ignore"):
            return Embedded(np.asarray(self.vectors[name]).astype(self.dtype))


@dataclass
class FixedMatcher:
    """Scores by (picture key, text); what the table lacks fails."""

    scores: dict[tuple[str, str], float]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def match(self, requests: list[MatchRequest]) -> list[Any]:
        self.asked += [(request.picture.key, request.text) for request in requests]
        return [
            Matched(self.scores[key]) if (key := (request.picture.key, request.text)) in self.scores else Failed("no score")
            for request in requests
        ]


@dataclass
class FixedPainter:
    """A painting's key is "text/draw"; drawings in `fails` fail."""

    fails: set[tuple[str, int]] = field(default_factory=set)
    asked: list[PaintRequest] = field(default_factory=list)

    def paint(self, requests: list[PaintRequest]) -> list[Any]:
        self.asked += requests
        return [
            Failed("no paint") if (request.text, request.draw) in self.fails else Painted(picture(f"{request.text}/{request.draw}"))
            for request in requests
        ]
