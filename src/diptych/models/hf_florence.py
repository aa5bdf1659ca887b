"""Florence-2's own words: a task for each style, regions by its location tokens (Xiao et al., 2023, arXiv:2311.06242, section 3)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PIL import Image as Pillow
from transformers import Florence2ForConditionalGeneration

from diptych.data.regions import Box
from diptych.models.abilities import CaptionRequest

KIND = Florence2ForConditionalGeneration
TASKS = {
    "short": "<CAPTION>",
    "alt": "<CAPTION>",
    "region": "<CAPTION>",
    "fused": "<DETAILED_CAPTION>",
    "spatial": "<DETAILED_CAPTION>",
    "dense": "<MORE_DETAILED_CAPTION>",
}
BINS = 1000  # of each side


def refused(request: CaptionRequest) -> str:
    """Why a request cannot be answered; empty where it can."""
    return "" if request.style in TASKS else f"Florence-2 captions in the styles {', '.join(TASKS)}, got {request.style!r}"


def task(request: CaptionRequest) -> str:
    """The task prompt: that of the style, or of describing the region."""
    return TASKS[request.style] if request.region is None else f"<REGION_TO_DESCRIPTION>{located(request.region)}"


def located(box: Box) -> str:
    """The box as location tokens: left, top, right, bottom in thousandths, rounded down."""
    # a thousandth short by rounding alone belongs to the next
    sides = (int(side * BINS + 1e-6) for side in (box.left, box.top, box.right, box.bottom))
    return "".join(f"<loc_{min(max(side, 0), BINS - 1)}>" for side in sides)


def inputs_of(processor: Any) -> Callable[[Sequence[CaptionRequest], Sequence[Pillow.Image]], Mapping[str, Any]]:
    """What prepares requests and their pictures."""

    def inputs(requests: Sequence[CaptionRequest], pictures: Sequence[Pillow.Image]) -> Mapping[str, Any]:
        made: Mapping[str, Any] = processor(text=[task(one) for one in requests], images=list(pictures), padding=True, return_tensors="pt")
        return made

    return inputs
