"""Which rows a page shows, in bounded memory and the same whatever their order."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from diptych.data.draws import uniform
from diptych.data.records import Record


@dataclass(slots=True)
class Sample:
    """The `size` records whose ids draw lowest: a fair sample of all that were offered."""

    size: int
    heap: list[tuple[float, str, int, Record]] = field(default_factory=list)  # the number keeps two records of one id apart
    offered: list[int] = field(default_factory=lambda: [0])

    def offer(self, record: Record) -> None:
        """Takes the record if it belongs to the sample so far."""
        self.offered[0] += 1
        item = (-uniform("report", record.id), record.id, -self.offered[0], record)
        if len(self.heap) < self.size:
            heapq.heappush(self.heap, item)
        elif self.size and item[:3] > self.heap[0][:3]:
            heapq.heapreplace(self.heap, item)

    def __len__(self) -> int:
        return len(self.heap)

    def __iter__(self) -> Iterator[Record]:
        return (item[-1] for item in sorted(self.heap, key=lambda item: item[:3], reverse=True))
