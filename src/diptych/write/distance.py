"""How far each region is: the mean relative depth under its mask."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diptych.arrays.masks import decode
from diptych.data.records import Record
from diptych.data.regions import Mask, Region
from diptych.engine.context import Context
from diptych.models.abilities import Depth, DepthEstimator, DepthRequest, Failed, Segmenter, SegmentRequest
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class MeasureDepth:
    """Gives the record's object regions a mask and the mean depth in it, 0 nearest to 1 farthest (Pi et al., 2024, arXiv:2406.07502)."""

    segmenter: str
    depth: str

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {**calls_to("segment", self.segmenter), **calls_to("depth", self.depth)}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def boxes(record: Record) -> list[SegmentRequest]:
            found = tuple(region.box for region in objects(record))
            return [SegmentRequest(context.picture(record.subject), found, record.id)] if found else []

        def maps(record: Record) -> list[DepthRequest]:
            # one that could not be segmented has failed
            wanted = record.status.kind == "kept" and objects(record)
            return [DepthRequest(context.picture(record.subject), record.id)] if wanted else []

        segments = ask(records, boxes, context.open(self.segmenter, Segmenter).segment, context)
        masks = dict(zip([record.id for record in records], segments, strict=True))
        records = take(records, segments, ("MeasureDepth", self.segmenter), lambda record, given: record)
        depths = ask(records, maps, context.open(self.depth, DepthEstimator).depth, context)

        def told(record: Record, given: tuple[Depth, ...]) -> Record:
            found = masks[record.id]
            return record if isinstance(found, Failed) or not given else _measured(record, found[0].masks, given[0].map)

        return take(records, depths, ("MeasureDepth", self.depth), told)


def objects(record: Record) -> tuple[Region, ...]:
    """The regions that are objects and have no depth yet."""
    return tuple(region for region in record.regions if region.kind == "object" and region.depth is None)


def _measured(record: Record, masks: tuple[Mask, ...], depth: NDArray[np.float32]) -> Record:
    new = {
        region.id: replace(region, shape=mask, depth=mean_depth(mask, depth)) for region, mask in zip(objects(record), masks, strict=True)
    }
    return replace(record, regions=tuple(new.get(region.id, region) for region in record.regions))


def mean_depth(mask: Mask, depth: NDArray[np.float32]) -> float | None:
    """Mean of the depth map under the mask, the map read at the mask's pixel centres; None for an empty mask."""
    rows, columns = np.nonzero(decode(mask))
    if not len(rows):
        return None
    height, width = depth.shape
    y = np.minimum((rows + 0.5) * height / mask.height, height - 1).astype(int)
    x = np.minimum((columns + 0.5) * width / mask.width, width - 1).astype(int)
    return float(depth[y, x].mean())
