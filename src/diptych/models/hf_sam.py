"""SAM: a mask for each box. Kirillov et al., 2023, arXiv:2304.02643."""

# B pictures, N boxes

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import SamModel

from diptych.arrays.masks import encode
from diptych.data.regions import Mask
from diptych.models.abilities import Failed, SegmentRequest, Segments
from diptych.models.hf_loading import Place, model_of, processor_of
from diptych.models.hf_sight import Inputs, answered, pixels_of

BOXES = 64  # decoded at once


@dataclass(frozen=True, slots=True, eq=False)
class SamSegmenter:
    """Pictures are encoded in batches, boxes decoded picture by picture; of each box the one mask meant for prompts that leave no doubt."""

    place: Place
    model: Any
    processor: Any
    revision: str = ""

    def segment(self, requests: list[SegmentRequest]) -> list[Segments | Failed]:
        """Masks for each request, in the order of its boxes."""
        return answered(requests, self.place, self._prepared, self._masks)

    def _prepared(self, request: SegmentRequest) -> Inputs:
        return pixels_of(self.processor.image_processor, request.picture)

    def _masks(self, requests: list[SegmentRequest], inputs: Inputs) -> list[Segments]:
        seen_B = self.model.get_image_embeddings(inputs["pixel_values"])
        return [
            Segments(
                tuple(mask for start in range(0, len(request.boxes), BOXES) for mask in self._some(request, start, inputs, n, seen_B[n]))
            )
            for n, request in enumerate(requests)
        ]

    def _some(self, request: SegmentRequest, start: int, inputs: Inputs, n: int, seen: Tensor) -> list[Mask]:
        whole, shown = inputs["original_sizes"][n].tolist(), inputs["reshaped_input_sizes"][n].tolist()
        boxes = request.boxes[start : start + BOXES]
        # in pixels of the picture as it is shown to the model
        corners_1N4 = torch.tensor([[[box.left, box.top, box.right, box.bottom] for box in boxes]]) * torch.tensor([shown[1], shown[0]] * 2)
        given = self.model(image_embeddings=seen[None].float(), input_boxes=corners_1N4.to(self.place.device), multimask_output=False)
        # drawn one by one: at the size of a photo many at once would fill the memory
        drawn = (
            self.processor.image_processor.post_process_masks(mask[None, None, None], [whole], [shown])[0][0, 0]
            for mask in given.pred_masks[0].float().cpu()[:, 0]
        )
        return [encode(mask.numpy()) for mask in drawn]


def made(place: Place, config: Any) -> SamSegmenter:
    """The segmenter of a folder or a name."""
    model = model_of(place, SamModel)
    # the small part that reads boxes: bfloat16 knows but 256 places from edge to edge
    for part in (model.shared_image_embedding, model.prompt_encoder, model.mask_decoder):
        part.float()
    return SamSegmenter(place, model, processor_of(place), place.commit)
