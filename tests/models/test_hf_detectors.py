"""Detectors of transformers, tiny and with random weights: the same as the plain call, whatever the batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_hf_3 as tiny
import torch
import transformers

from diptych.data.errors import AddressError
from diptych.models.abilities import Detections, Detector, DetectRequest, Failed, Segmenter
from diptych.models.hf_boxes import corners, detections

PHRASES = ("dog", "red cube", "brown dog")
OWLS = ("owlvit", "owlv2")
GROUNDED = ("grounding_dino", "mm_grounding_dino")
CLASSES = ("rt_detr", "detr", "yolos")
ALL = (*OWLS, *GROUNDED, *CLASSES)
Rows = list[tuple[str, float, tuple[float, ...]]]  # phrase, score, left top right bottom


@pytest.fixture
def folders(checkpoint: Callable[[Callable[[Path], Path]], Path]) -> dict[str, Path]:
    return {name: checkpoint(getattr(tiny, name)) for name in ALL}


def rows(found: Any) -> Rows:
    assert isinstance(found, Detections), found
    return [(one.phrase, one.score, (one.box.left, one.box.top, one.box.right, one.box.bottom)) for one in found.found]


def alike(given: Rows, wanted: Rows, within: float = 1e-5) -> None:
    def order(found: Rows) -> Rows:
        return sorted(found, key=lambda row: (row[0], round(row[1], 4), row[2]))

    assert len(given) == len(wanted) > 0
    for mine, theirs in zip(order(given), order(wanted), strict=True):
        assert mine[0] == theirs[0] and np.allclose([mine[1], *mine[2]], [theirs[1], *theirs[2]], atol=within)


def requests(phrases: tuple[str, ...] = PHRASES) -> list[DetectRequest]:
    return [DetectRequest(picture, phrases) for picture in tiny.pictures()]


@pytest.mark.parametrize("name", ALL)
def test_a_batch_answers_as_one_by_one(folders: dict[str, Path], name: str) -> None:
    asked = requests() if name not in CLASSES else requests(())
    one, four = (tiny.model(f"hf:{folders[name]}?batch={size}", Detector) for size in (1, 4))
    together = four.detect([*asked, DetectRequest(tiny.unseen(asked[0].picture), PHRASES)])
    assert isinstance(together[-1], Failed) and "is broken" in together[-1].error
    for request, found in zip(asked, together[:-1], strict=True):
        alike(rows(found), rows(one.detect([request])[0]))
        assert [row[1] for row in rows(found)] == sorted((row[1] for row in rows(found)), reverse=True)
        assert all(0 <= side <= 1 for row in rows(found) for side in row[2])
    fourth = rows(together[0])[3][1] - 1e-5
    some = four.detect([DetectRequest(asked[0].picture, asked[0].phrases, threshold=fourth)])
    assert 4 <= len(rows(some[0])) == sum(row[1] >= fourth for row in rows(together[0])) < len(rows(together[0]))


def plain(scores_KP: Any, boxes_K4: Any, size: tuple[int, int], phrases: tuple[str, ...]) -> Rows:
    """What must be found, by the book: boxes in pixels, best first, without empty ones and those that overlap a better one by half."""
    found: Rows = []
    width, height = size
    for p, phrase in enumerate(phrases):
        kept: list[tuple[float, tuple[float, ...]]] = []
        for k in np.argsort(-scores_KP[:, p], kind="stable"):
            left, top, right, bottom = (min(max(side, 0.0), 1.0) for side in boxes_K4[k] / [width, height, width, height])
            if right > left and bottom > top and all(overlap((left, top, right, bottom), other) < 0.5 for _, other in kept):
                kept.append((float(scores_KP[k, p]), (left, top, right, bottom)))
        found += [(phrase, *row) for row in kept]
    return found


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    whole = sum(max(0.0, x[2] - x[0]) * max(0.0, x[3] - x[1]) for x in (a, b)) - shared
    return shared / whole if whole else 0.0


@pytest.mark.parametrize("name", [*OWLS, *GROUNDED])
def test_phrases_score_as_in_the_plain_call(folders: dict[str, Path], name: str) -> None:
    processor = transformers.AutoProcessor.from_pretrained(folders[name])
    model = transformers.AutoModelForZeroShotObjectDetection.from_pretrained(folders[name]).eval()
    for request in requests():
        made = processor(images=request.picture.pil(), text=[list(PHRASES)], return_tensors="pt")
        with torch.inference_mode():
            outputs = model(**made)
        size = (request.picture.height, request.picture.width)
        boxes = processor.post_process_grounded_object_detection(outputs, threshold=-1.0, target_sizes=[size])[0]["boxes"]
        chances = outputs.logits[0].sigmoid()
        if name in GROUNDED:
            text = "dog. red cube. brown dog."
            spans = processor.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
            places = [(text.index(phrase), text.index(phrase) + len(phrase)) for phrase in ("dog", "red cube", "brown dog")]
            tokens = [[n for n, (low, high) in enumerate(spans) if first <= low < high <= last] for first, last in places]
            assert [len(one) for one in tokens] == [1, 2, 2]
            chances = torch.stack([chances[:, one].mean(1) for one in tokens], 1)
        wanted = plain(chances.numpy(), boxes.numpy(), request.picture.pil().size, PHRASES)
        alike(rows(tiny.model(f"hf:{folders[name]}", Detector).detect([request])[0]), wanted)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_those_of_the_plain_call(folders: dict[str, Path], name: str) -> None:
    processor = transformers.AutoImageProcessor.from_pretrained(folders[name])
    model = transformers.AutoModelForObjectDetection.from_pretrained(folders[name]).eval()
    detector = tiny.model(f"hf:{folders[name]}", Detector)
    names = {0: "dog", 1: "ball", 2: "traffic light"}
    for request in requests(()):
        with torch.inference_mode():
            outputs = model(**processor(images=request.picture.pil(), return_tensors="pt"))
        width, height = request.picture.pil().size
        seen = processor.post_process_object_detection(outputs, threshold=0.0, target_sizes=[(height, width)])[0]
        boxes = (seen["boxes"].numpy() / [width, height, width, height]).clip(0, 1)
        wanted = [
            (names[label], score, tuple(box))
            for label, score, box in zip(seen["labels"].tolist(), seen["scores"].tolist(), boxes.tolist(), strict=True)
        ]
        alike(rows(detector.detect([request])[0]), wanted)


def test_phrases_are_matched_with_classes(folders: dict[str, Path]) -> None:
    detector = tiny.model(f"hf:{folders['rt_detr']}", Detector)
    picture = tiny.pictures()[0]
    whatever, asked = detector.detect(
        [DetectRequest(picture), DetectRequest(picture, ("puppy", "ball", "traffic light", "sofa", "brown dog"))]
    )
    names = [row[0] for row in rows(whatever)]
    assert set(names) <= {"dog", "ball", "traffic light"}
    assert asked.unjudged == ("sofa",)
    # which dog it is a detector of classes cannot say: its dogs answer for all of them, as annotations do
    meant = {"dog": ("puppy", "brown dog"), "ball": ("ball",), "traffic light": ("traffic light",)}
    assert sorted(one.phrase for one in asked.found) == sorted(phrase for name in names for phrase in meant[name])


@pytest.mark.parametrize("name", [*OWLS, *GROUNDED])
def test_phrases_do_not_compete(folders: dict[str, Path], name: str) -> None:
    detector = tiny.model(f"hf:{folders[name]}", Detector)
    first, none = detector.detect([*requests()[:1], *requests(())[:1]])
    assert isinstance(none, Failed) and "ask for phrases" in none.error
    assert {row[0] for row in rows(first)} == set(PHRASES), "each phrase has boxes of its own"
    if name in OWLS:  # a prompt is read as a whole by the others
        for phrase in PHRASES:
            alone = detector.detect([DetectRequest(requests()[0].picture, (phrase,))])[0]
            alike([row for row in rows(first) if row[0] == phrase], rows(alone))


@pytest.mark.parametrize("name", [*OWLS, *GROUNDED])
def test_what_cannot_be_asked_for_is_left_unjudged(folders: dict[str, Path], name: str) -> None:
    detector = tiny.model(f"hf:{folders[name]}", Detector)
    long = "red " * 30 + "cube"
    found = detector.detect([DetectRequest(tiny.pictures()[0], ("dog", long, " ")), DetectRequest(tiny.pictures()[0], (" ", long))])
    assert found[0].unjudged == (long, " ") and {one.phrase for one in found[0].found} == {"dog"}
    assert found[1] == Detections((), (" ", long))


@pytest.mark.parametrize("name", GROUNDED)
def test_phrases_beyond_one_prompt_are_asked_in_several(folders: dict[str, Path], name: str) -> None:
    detector = tiny.model(f"hf:{folders[name]}", Detector)  # it reads 24 tokens: 22 beside its marks
    many = (
        "dog",
        "red cube",
        "cat",
        "two dogs",
        "brown dog",
        "a ball",
        "cube",
        "red ball",
        "a red dog",
        "brown cat",
    )  # 2+3+2+4+3+3+2+3 = 22
    picture = tiny.pictures()[1]
    whole, first, rest = detector.detect([DetectRequest(picture, many), DetectRequest(picture, many[:8]), DetectRequest(picture, many[8:])])
    alike(rows(whole), rows(first) + rows(rest))


@pytest.mark.parametrize("name", GROUNDED)
def test_a_phrase_cannot_close_itself(folders: dict[str, Path], name: str) -> None:
    detector = tiny.model(f"hf:{folders[name]}", Detector)
    picture = tiny.pictures()[1]
    for written in ("Red. cube", "red; cube?", "[red] cube"):
        given, wanted = detector.detect([DetectRequest(picture, (written, "dog")), DetectRequest(picture, ("red cube", "dog"))])
        alike([(row[0].replace(written, "red cube"), *row[1:]) for row in rows(given)], rows(wanted))


def test_boxes_by_hand() -> None:
    boxes = corners(np.array([[0.5, 0.5, 0.4, 0.2], [0.5, 0.5, 0.4, 0.3], [0.1, 0.1, 0.4, 0.2]], np.float32))
    assert np.allclose(boxes, [[0.3, 0.4, 0.7, 0.6], [0.3, 0.35, 0.7, 0.65], [-0.1, 0.0, 0.3, 0.2]])
    scores = np.array([[0.9, 0.1], [0.8, 0.7], [0.3, 0.2]], np.float32)
    found = detections(("dog", "cat"), scores, boxes, 0.2)
    # the first two overlap by 2/3: of a dog only the better is kept, of a cat only the second reaches the threshold
    assert [(one.phrase, round(one.score, 3)) for one in found] == [("dog", 0.9), ("cat", 0.7), ("dog", 0.3), ("cat", 0.2)]
    assert found[2].box.left == 0.0 and found[2].box.right == pytest.approx(0.3)


def test_another_architecture_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(AddressError, match="owlv2 is none of sam"):
        tiny.model(f"hf:{folders['owlv2']}", Segmenter)


@pytest.mark.parametrize("name", ["owlv2", "grounding_dino", "rt_detr"])
def test_pictures_of_any_shape_are_seen_or_fail_alone(folders: dict[str, Path], name: str) -> None:
    phrases = () if name in CLASSES else PHRASES
    odd = [tiny.noise(*size) for size in ((1, 1), (3, 20), (20, 3), (1, 300), (5000, 3))]
    asked = [DetectRequest(picture, phrases) for picture in (*odd, tiny.pictures()[0])]
    found = tiny.model(f"hf:{folders[name]}", Detector).detect(asked)
    alike(rows(found[-1]), rows(tiny.model(f"hf:{folders[name]}", Detector).detect(asked[-1:])[0]))
    for one in found[:-1]:
        assert isinstance(one, Detections) or "cannot bring the picture to its size" in one.error


def test_a_large_picture_is_made_smaller_before_it_is_padded_to_a_square(folders: dict[str, Path]) -> None:
    detector = tiny.model(f"hf:{folders['owlv2']}", Detector)
    wide = tiny.noise(4000, 8)
    shown: list[Any] = []
    processor = detector.processor.image_processor

    class Watched:
        def __call__(self, images: Any, **more: Any) -> Any:
            shown.append(images.shape)
            return processor(images=images, **more)

    object.__setattr__(detector, "processor", type("Parts", (), {"image_processor": Watched(), "tokenizer": detector.processor.tokenizer}))
    assert isinstance(detector.detect([DetectRequest(wide, PHRASES)])[0], Detections)
    assert shown == [(4, 2048, 3)]
