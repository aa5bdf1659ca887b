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
    heap: list[tuple[float, str, Record]] = field(default_factory=list)

    def offer(self, record: Record) -> None:
        """Takes the record if it belongs to the sample so far."""
        item = (-uniform("report", record.id), record.id, record)
        if len(self.heap) < self.size:
            heapq.heappush(self.heap, item)
        elif self.size and item[:2] > self.heap[0][:2]:
            heapq.heapreplace(self.heap, item)

    def __len__(self) -> int:
        return len(self.heap)

    def __iter__(self) -> Iterator[Record]:
        return (record for _, _, record in sorted(self.heap, key=lambda item: item[:2], reverse=True))
