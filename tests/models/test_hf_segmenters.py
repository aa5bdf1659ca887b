"""Segmenters of transformers, tiny and with random weights: the same as the plain call, whatever the batch."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_hf_3 as tiny
import torch
import transformers

from diptych.arrays.masks import box_of, decode
from diptych.data.errors import AddressError
from diptych.data.regions import Box
from diptych.models.abilities import DepthEstimator, Detector, Failed, Segmenter, SegmentRequest, Segments

FINDERS = ("mask2former", "maskformer", "oneformer")
ALL = ("sam", *FINDERS)
BOXES = (Box(0.1, 0.2, 0.6, 0.9), Box(0, 0, 1, 1), Box(0.4, 0.4, 0.5, 0.5))


@pytest.fixture
def folders(checkpoint: Callable[[Callable[[Path], Path]], Path]) -> dict[str, Path]:
    return {name: checkpoint(getattr(tiny, name)) for name in ALL}


@pytest.mark.parametrize("name", ALL)
def test_a_batch_answers_as_one_by_one(folders: dict[str, Path], name: str) -> None:
    asked = [SegmentRequest(picture, BOXES[: n % 4]) for n, picture in enumerate(tiny.pictures())]
    one, four = (tiny.model(f"hf:{folders[name]}?batch={size}", Segmenter) for size in (1, 4))
    together = four.segment([*asked, SegmentRequest(tiny.unseen(asked[0].picture), BOXES)])
    assert isinstance(together[-1], Failed) and "is broken" in together[-1].error
    assert together[0] == Segments(())
    for request, found in zip(asked, together[:-1], strict=True):
        assert isinstance(found, Segments) and len(found.masks) == len(request.boxes)
        assert {(mask.width, mask.height) for mask in found.masks} <= {(request.picture.width, request.picture.height)}
        assert found == one.segment([request])[0]


def test_sam_draws_what_the_plain_call_draws(folders: dict[str, Path]) -> None:
    processor = transformers.SamProcessor.from_pretrained(folders["sam"])
    model = transformers.SamModel.from_pretrained(folders["sam"]).eval()
    shares = []
    for picture in tiny.pictures():
        width, height = picture.width, picture.height
        boxes = [[[box.left * width, box.top * height, box.right * width, box.bottom * height] for box in BOXES]]
        made = processor(images=picture.pil(), input_boxes=boxes, return_tensors="pt")
        sizes = made["original_sizes"], made["reshaped_input_sizes"]
        with torch.inference_mode():
            outputs = model(**made.to(torch.float32), multimask_output=False)
        wanted = processor.post_process_masks(outputs.pred_masks, *sizes)[0][:, 0].numpy()
        given = tiny.model(f"hf:{folders['sam']}", Segmenter).segment([SegmentRequest(picture, BOXES)])[0]
        drawn = np.stack([decode(mask) for mask in given.masks])
        assert (drawn == wanted).all()
        shares.append(wanted.mean())
    assert all(0.02 < share < 0.98 for share in shares), "masks that are full or empty would prove nothing"


def test_sam_reads_boxes_exactly_in_any_precision(folders: dict[str, Path]) -> None:
    segmenter = tiny.model(f"hf:{folders['sam']}?dtype=bfloat16", Segmenter)
    seen = torch.zeros(1, 16, 8, 8)
    boxes = torch.tensor([[[10.0, 10.0, 40.0, 40.0], [10.0, 10.0, 40.0, 40.1]]])
    given = segmenter.model(image_embeddings=seen, input_boxes=boxes, multimask_output=False).pred_masks
    assert given.dtype == torch.float32 and not torch.equal(given[0, 0], given[0, 1]), "a tenth of a pixel in 64 is lost in bfloat16"
    assert segmenter.model.vision_encoder.dtype == torch.bfloat16
    assert all(isinstance(one, Segments) for one in segmenter.segment([SegmentRequest(picture, BOXES) for picture in tiny.pictures()]))


@pytest.mark.parametrize("name", FINDERS)
def test_a_box_gets_the_instance_that_fits_it(folders: dict[str, Path], name: str) -> None:
    processor = transformers.AutoProcessor.from_pretrained(folders[name])
    model = transformers.AutoModelForUniversalSegmentation.from_pretrained(folders[name]).eval()
    segmenter = tiny.model(f"hf:{folders[name]}", Segmenter)
    drawn = 0
    for picture in tiny.pictures():
        more = {"task_inputs": ["instance"]} if name == "oneformer" else {}
        made = processor(images=picture.pil(), return_tensors="pt", **more)
        with torch.inference_mode():
            outputs = model(**made)
        sure = outputs.class_queries_logits[0].softmax(-1)[:, :-1].amax(-1) >= 0.5
        logits = outputs.masks_queries_logits[0][sure]
        boxes = tuple(dict.fromkeys(box_of(mask.numpy()) for mask in logits > 0 if mask.any()))
        assert boxes, "random weights that are sure of nothing would prove nothing"
        given = segmenter.segment([SegmentRequest(picture, boxes)])[0]
        size = (picture.height, picture.width)
        wanted = torch.nn.functional.interpolate(logits[None], size=size, mode="bilinear", align_corners=False)[0] > 0
        for box, mask in zip(boxes, given.masks, strict=True):
            first = next(n for n, one in enumerate(logits > 0) if box_of(one.numpy()) == box)
            assert (decode(mask) == wanted[first].numpy()).all()
            drawn += 1
    assert drawn >= 4


@pytest.mark.parametrize("name", FINDERS)
def test_a_box_that_no_instance_fits_stands_for_itself(folders: dict[str, Path], name: str) -> None:
    picture = tiny.pictures()[1]  # 64 x 48
    small = Box(0.25, 0.5, 0.3, 0.6)
    mask = tiny.model(f"hf:{folders[name]}", Segmenter).segment([SegmentRequest(picture, (small,))])[0].masks[0]
    # columns 16 to 18 and rows 24 to 28 have their middle in it
    wanted = np.zeros((48, 64), bool)
    wanted[24:29, 16:19] = True
    assert (decode(mask) == wanted).all()


def test_another_architecture_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(AddressError, match="sam finds no boxes"):
        tiny.model(f"hf:{folders['sam']}", Detector)
    with pytest.raises(AddressError, match="a sam is none of dpt"):
        tiny.model(f"hf:{folders['sam']}", DepthEstimator)
