"""What is true of a rendered picture, keyed by the picture. Never in a record: only simulated experts, the lab and tests read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from diptych.data.graphs import SceneGraph
from diptych.data.regions import Region


@dataclass(frozen=True, slots=True)
class Truth:
    """The scene graph has one entity for each object (count 1, its category as noun, `region` set) and every relation that holds.

    `regions` carry box or mask, depth and the share of the object that is visible (as `score`); `kinds` maps a fine noun to its
    family's coarser one ("mug" to "cup"). Words written on an object are the graph's texts.
    """

    key: str
    graph: SceneGraph
    regions: tuple[Region, ...]
    kinds: Mapping[str, str]


class Truths(Protocol):
    """Truth by picture key; KeyError where there is none."""

    def __getitem__(self, key: str) -> Truth: ...
