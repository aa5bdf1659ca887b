"""Models that find instances, asked for boxes: Mask2Former, MaskFormer, OneFormer.

Cheng et al., 2021, arXiv:2107.06278 and arXiv:2112.01527; Jain et al., 2022, arXiv:2211.06220.
"""

# B pictures, Q instances, C classes, H x W pixels, N boxes

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoImageProcessor, AutoModelForUniversalSegmentation

from diptych.arrays.boxes import iou
from diptych.arrays.masks import box_of, encode
from diptych.data.regions import Box, Mask
from diptych.models.abilities import Failed, SegmentRequest, Segments
from diptych.models.hf_loading import Place, model_of, processor_of
from diptych.models.hf_sight import Inputs, answered, moved, pixels_of

TASK = "the task is instance"  # what OneFormer is told
SAME = 0.3  # intersection over union from which an instance is taken to be what a box means
SURE = 0.5  # chance from which an instance is one


@dataclass(frozen=True, slots=True, eq=False)
class InstanceSegmenter:
    """For each box the instance whose own box fits it best; the box itself, filled, where none reaches `SAME`."""

    place: Place
    model: Any
    processor: Any
    task: Tensor | None  # OneFormer's words
    revision: str = ""

    def segment(self, requests: list[SegmentRequest]) -> list[Segments | Failed]:
        """Masks for each request, in the order of its boxes."""
        return answered(requests, self.place, self._prepared, self._masks)

    def _prepared(self, request: SegmentRequest) -> Inputs:
        return pixels_of(self.processor, request.picture)

    def _masks(self, requests: list[SegmentRequest], inputs: Inputs) -> list[Segments]:
        words = {} if self.task is None else {"task_inputs": self.task.expand(len(requests), -1)}
        outputs = self.model(**inputs, **words)
        # the last class is "nothing"
        chances_BQ = outputs.class_queries_logits.float().softmax(-1)[..., :-1].amax(-1).cpu()
        masks_BQHW = outputs.masks_queries_logits.float().cpu()
        return [
            Segments(_chosen(request, masks_BQHW[n][chances_BQ[n] >= SURE], shown(inputs, n)))
            for n, request in enumerate(requests)
        ]  # fmt: skip


def shown(inputs: Inputs, n: int) -> tuple[float, float]:
    """Which share of the model's height and width the picture fills; the rest is padding."""
    mask = inputs.get("pixel_mask")
    if mask is None:
        return 1.0, 1.0
    return float(mask[n, :, 0].float().mean()), float(mask[n, 0].float().mean())


def _chosen(request: SegmentRequest, masks_QHW: Tensor, share: tuple[float, float]) -> tuple[Mask, ...]:
    # boxes are compared on the model's own grid: only masks that are chosen are drawn at the picture's size
    height, width = (max(1, round(side * part)) for side, part in zip(masks_QHW.shape[1:], share, strict=True))
    masks_QHW = masks_QHW[:, :height, :width]
    found = [box_of(mask) for mask in (masks_QHW > 0).numpy()]
    fits_NQ = iou([_corners(box) for box in request.boxes], [_corners(box) for box in found])
    made: list[Mask] = []
    for n, box in enumerate(request.boxes):
        best = int(fits_NQ[n].argmax()) if found else -1
        drawn = best >= 0 and fits_NQ[n, best] >= SAME
        made.append(_drawn(masks_QHW[best], request.picture.width, request.picture.height) if drawn else filled(box, request))
    return tuple(made)


def _corners(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.right, box.bottom


def _drawn(mask_HW: Tensor, width: int, height: int) -> Mask:
    drawn = torch.nn.functional.interpolate(mask_HW[None, None], size=(height, width), mode="bilinear", align_corners=False)
    return encode((drawn[0, 0] > 0).numpy())


def filled(box: Box, request: SegmentRequest) -> Mask:
    """The pixels whose centre lies in the box."""
    x_W = (np.arange(request.picture.width) + 0.5) / request.picture.width
    y_H = (np.arange(request.picture.height) + 0.5) / request.picture.height
    inside_W, inside_H = (x_W >= box.left) & (x_W <= box.right), (y_H >= box.top) & (y_H <= box.bottom)
    return encode(inside_H[:, None] & inside_W[None, :])


def made(place: Place, config: Any) -> InstanceSegmenter:
    """The segmenter of a folder or a name."""
    task = None
    if config.model_type == "oneformer":
        spelt = processor_of(place).tokenizer(
            TASK, padding="max_length", max_length=config.task_seq_len, truncation=True, return_tensors="pt"
        )
        task = moved(spelt["input_ids"] * spelt["attention_mask"], place)
    model = model_of(place, AutoModelForUniversalSegmentation)
    return InstanceSegmenter(place, model, processor_of(place, AutoImageProcessor), task, place.commit)
