"""`file:` on COCO instances, keypoints and panoptic segments, YOLO labels and JSON lines: by hand, by slow references, and hostile."""

import json
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from diptych.arrays.masks import decode
from diptych.data.errors import AddressError, InputError
from diptych.data.opening import crop
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Region
from diptych.models.abilities import Captioner, CaptionRequest, Detector, DetectRequest, Failed, Ocr, ReadRequest, Segmenter, SegmentRequest
from diptych.models.addresses import parse_address
from diptych.models.file_shapes import POINTS, Polygons, filled, spelt, unpacked
from diptych.models.file_yolo import names_of
from diptych.models.files import Annotations, open_file

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
real = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
PICTURE = Picture("key", 10, 8, lambda: Pillow.new("RGB", (10, 8)))


def opened(path: object, ability: type) -> Any:
    return open_file(parse_address(f"file:{path}"), ability)


def boxes(model: Any, id: str, *phrases: str) -> list[tuple[str, tuple[float, ...], float]]:
    (answer,) = model.detect([DetectRequest(PICTURE, phrases, record=id)])
    return [(d.phrase, tuple(round(v, 3) for v in (d.box.left, d.box.top, d.box.right, d.box.bottom)), d.score) for d in answer.found]


def mask(model: Any, id: str, *edges: float) -> np.ndarray:
    (answer,) = model.segment([SegmentRequest(PICTURE, (Box(*edges),), id)])
    assert not isinstance(answer, Failed), answer
    return decode(answer.masks[0])


# --- shapes


def inside(x: float, y: float, points: list[tuple[float, float]]) -> bool:
    """Even-odd rule, slowly: how often a ray to the left crosses an edge."""
    turned = False
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 <= y) != (y1 <= y) and x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x:
            turned = not turned
    return turned


@given(st.lists(st.tuples(st.integers(-40, 140), st.integers(-40, 120)), min_size=3, max_size=9))
def test_polygons_are_filled_at_pixel_middles(points) -> None:
    points = [(x / 10 + 0.013, y / 10 + 0.017) for x, y in points]  # no corner on a middle
    flat = [value for point in points for value in point]
    slow = [[inside(x + 0.5, y + 0.5, points) for x in range(10)] for y in range(8)]
    assert filled(Polygons([flat], (10, 8)), (0, 0)).tolist() == slow


def test_polygons_by_hand() -> None:
    square = [2, 1, 5, 1, 5, 3, 2, 3]
    drawn = filled(Polygons([square, [0, 0, 1, 0, 1, 1, 0, 1]], (6, 4)), (99, 99))
    assert drawn.astype(int).tolist() == [[1, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 1, 0], [0] * 6]
    assert filled(Polygons([[0, 0, 0.5, 0, 0.5, 1, 0, 1]]), (4, 2)).astype(int).tolist() == [[1, 1, 0, 0]] * 2


def test_run_lengths_by_hand() -> None:
    # column by column: five off, one on, three off of 3 x 3 is the last of the second column
    assert unpacked({"size": [3, 3], "counts": [5, 1, 3]}).astype(int).tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert spelt("513") == [5, 1, 3]
    assert spelt("0X1h0") == [0, 40, 24]  # 40 is 8 and more, then 1; 24 has the bit of the sign and so needs a 0 after it
    assert spelt("1111") == [1, 1, 1, 2]  # the fourth is told as a difference from the second


def packed(counts: list[int]) -> str:
    """Slowly, from the description of the format."""
    letters = ""
    for n, count in enumerate(counts):
        value = count - counts[n - 2] if n > 2 else count
        while True:
            bits, value = value & 31, value >> 5
            more = value != (-1 if bits & 16 else 0)
            letters += chr(48 + bits + (32 if more else 0))
            if not more:
                break
    return letters


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 1000), st.floats(0, 1))
def test_packed_run_lengths_come_back(height: int, width: int, seed: int, share: float) -> None:
    pixels = np.random.default_rng(seed).random((height, width)) < share
    flat = pixels.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat]).astype(int)) != 0)
    counts = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    for said in (counts, packed(counts)):
        assert (unpacked({"size": [height, width], "counts": said}) == pixels).all()


NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from(["size", "counts", "x"]), inner, max_size=3),
    max_leaves=12,
)


@given(NONSENSE, st.text(max_size=40))
def test_hostile_shapes_are_refused_or_drawn(said, letters) -> None:
    for call in (
        lambda: unpacked(said),
        lambda: filled(Polygons(said, (9, 7)), (0, 0)),
        lambda: unpacked({"size": [9, 7], "counts": letters}),
        lambda: unpacked({"size": said, "counts": [63]}),
    ):
        try:
            assert call().dtype == bool
        except InputError as error:
            assert len(str(error)) < 300


def test_shapes_that_would_fill_the_memory_are_refused() -> None:
    for call in (
        lambda: unpacked({"size": [1 << 20, 1 << 20], "counts": [1 << 40]}),
        lambda: filled(Polygons([[0.5] * (2 * POINTS + 2)], (9, 9)), (0, 0)),
        lambda: filled(Polygons([[0, 0, 1, 1, 2, 2]], (1 << 20, 1 << 20)), (0, 0)),
    ):
        with pytest.raises(InputError, match=r"at most|from 1 to"):
            call()


# --- COCO


@pytest.fixture
def instances(tmp_path: Path) -> Path:
    def note(id: int, bbox: list[float], kind: int, segmentation: Any, **more: Any) -> dict[str, Any]:
        return {"id": id, "image_id": 7, "category_id": kind, "bbox": bbox, "segmentation": segmentation, **more}

    coco = {
        "images": [{"id": 7, "file_name": "7.jpg", "width": 10, "height": 8}],
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "couch"}],
        "annotations": [
            note(1, [1, 1, 4, 4], 1, [[1, 1, 5, 1, 5, 5, 1, 5]]),
            note(2, [6, 0, 4, 8], 2, {"size": [8, 10], "counts": [48, 32]}),
            note(3, [0, 6, 2, 2], 2, [[1, 2]]),
        ],
    }
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(coco))
    return path


def test_instances_are_masks(instances: Path) -> None:
    model = opened(instances, Segmenter)
    dog = mask(model, "7", 0.1, 0.1, 0.5, 0.6)
    assert dog.shape == (8, 10) and dog.sum() == 16 and dog[1:5, 1:5].all()
    couch = mask(model, "7", 0.6, 0, 1, 1)
    assert couch.sum() == 32 and couch[:, 6:].all()
    nothing_there = mask(model, "7", 0.5, 0.9, 0.6, 1)  # the box itself
    assert nothing_there.sum() == 1
    broken, stranger = model.segment([SegmentRequest(PICTURE, (Box(0, 0.75, 0.2, 1),), "7"), SegmentRequest(PICTURE, (), "8")])
    assert isinstance(broken, Failed) and "a shape must be polygons" in broken.error and isinstance(stranger, Failed)
    assert boxes(opened(instances, Detector), "7", "dog") == [("dog", (0.1, 0.125, 0.5, 0.625), 1.0)]


def panoptic(tmp_path: Path, numbers: np.ndarray, **more: Any) -> Path:
    path = tmp_path / "panoptic_val.json"
    folder = tmp_path / "panoptic_val"
    folder.mkdir()
    rgb = np.stack([numbers % 256, numbers // 256 % 256, numbers // 65536], -1).astype(np.uint8)
    Pillow.fromarray(rgb).save(folder / "7.png")
    segments = [
        {"id": 5, "category_id": 1, "bbox": [0, 0, 5, 8], "iscrowd": 0},
        {"id": 5 + 256 * 3 + 65536 * 2, "category_id": 2, "bbox": [5, 0, 5, 8], "iscrowd": 0},
    ]
    note = {"image_id": 7, "file_name": "7.png", "segments_info": segments, **more}
    coco = {
        "images": [{"id": 7, "file_name": "7.jpg", "width": 10, "height": 8}],
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "grass"}],
        "annotations": [note],
    }
    path.write_text(json.dumps(coco))
    return path


def test_panoptic_segments_are_boxes_and_masks(tmp_path: Path) -> None:
    numbers = np.full((8, 10), 5 + 256 * 3 + 65536 * 2, np.uint32)
    numbers[:, :5] = 5
    numbers[0, 0] = 0
    path = panoptic(tmp_path, numbers)
    assert [one[0] for one in boxes(opened(path, Detector), "7.jpg")] == ["dog", "grass"]
    model = opened(path, Segmenter)
    assert (mask(model, "7", 0, 0, 0.5, 1) == (numbers == 5)).all() and mask(model, "7", 0.5, 0, 1, 1).sum() == 40
    (tmp_path / "panoptic_val" / "7.png").unlink()
    (gone,) = model.segment([SegmentRequest(PICTURE, (Box(0, 0, 0.5, 1),), "7")])
    assert isinstance(gone, Failed)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"file_name": 3}, "must name a PNG"),
        ({"image_id": 99}, "it has no 99"),
        ({"segments_info": [{"id": 1, "category_id": 1}]}, "it has no 'bbox'"),
        ({"segments_info": [{"id": 1, "category_id": 1, "bbox": [0, 0, float("nan"), 1]}]}, "a box must be"),
        ({"segments_info": ["x"]}, "is no panoptic one"),
    ],
)
def test_hostile_panoptic_files(tmp_path: Path, more, why) -> None:
    with pytest.raises(AddressError, match=why):
        opened(panoptic(tmp_path, np.zeros((8, 10), np.uint32), **more), Segmenter)


def test_a_png_outside_its_folder_is_not_looked_at(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    Pillow.new("RGB", (10, 8), (5, 0, 0)).save(tmp_path / "secret.png")
    path = panoptic(inner, np.zeros((8, 10), np.uint32), file_name="../secret.png")
    (answer,) = opened(path, Segmenter).segment([SegmentRequest(PICTURE, (Box(0, 0, 0.5, 1),), "7")])
    assert isinstance(answer, Failed) and "secret.png" in answer.error


HURT = st.sampled_from(
    [
        ("images", "id"),
        ("images", "width"),
        ("images", "file_name"),
        ("categories", "id"),
        ("categories", "name"),
        ("annotations", "image_id"),
    ]
    + [("annotations", key) for key in ("bbox", "segmentation", "category_id", "segments_info", "file_name")]
    + [(key, "") for key in ("images", "categories", "annotations")]
)


@settings(max_examples=150)
@given(HURT, NONSENSE, st.booleans())
def test_coco_of_anything(tmp_path_factory, hurt: tuple[str, str], said, whole: bool) -> None:
    """One part of a good file is replaced by nonsense: it is refused by name, or each request is answered or fails."""
    key, part = hurt
    note = {
        "id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 1, 4, 4], "segmentation": [[1, 1, 5, 1, 5, 5]], "file_name": "7.png",
    }  # fmt: skip
    if whole:
        note = {"image_id": 7, "file_name": "7.png", "segments_info": [{"id": 5, "category_id": 1, "bbox": [0, 0, 5, 8]}]}
    coco: dict[str, Any] = {
        "images": [{"id": 7, "file_name": "7.jpg", "width": 10, "height": 8}],
        "categories": [{"id": 1, "name": "dog"}],
        "annotations": [note],
    }
    if part:
        coco[key][0][part] = said
    else:
        coco[key] = said
    path = tmp_path_factory.mktemp("coco") / "it.json"
    path.write_text(json.dumps(coco))
    with suppress(AddressError):
        opened(path, Detector).detect([DetectRequest(PICTURE, ("dog",), record="7")])
    with suppress(AddressError):
        (answer,) = opened(path, Segmenter).segment([SegmentRequest(PICTURE, (Box(0.1, 0.1, 0.5, 0.6),), "7")])
        assert isinstance(answer, Failed) or len(answer.masks) == 1


@real
def test_real_instances_with_keypoints() -> None:
    path = SHARED / "pose/coco/test_coco.json"
    notes = [n for n in json.loads(path.read_text())["annotations"] if n["image_id"] == 785]
    (note,) = notes
    size = {i["id"]: (i["width"], i["height"]) for i in json.loads(path.read_text())["images"]}[785]
    found = boxes(opened(path, Detector), "000000000785.jpg", "person")
    assert len(found) == 1 and found[0][1][0] == pytest.approx(note["bbox"][0] / size[0], abs=1e-3)
    drawn = mask(opened(path, Segmenter), "785", *found[0][1])
    assert drawn.shape == size[::-1] and drawn.sum() == pytest.approx(note["area"], rel=0.02)  # COCO's own area of the shape


# --- YOLO


def yolo(tmp_path: Path, names: str, **labels: str) -> Path:
    folder = tmp_path / "labels" / "val"
    folder.mkdir(parents=True)
    (tmp_path / "data.yaml").write_text(names)
    for name, text in labels.items():
        (folder / f"{name}.txt").write_text(text)
    return tmp_path


NAMES = "path: .\nnames:\n  0: dog  # the best\n  1: 'traffic light'\nnc: 2\n"


def test_yolo_labels(tmp_path: Path) -> None:
    root = yolo(tmp_path, NAMES, a="0 0.5 0.5 0.2 0.5\n1 .1 .1 .2 .2 .75\n", b="", c="0 0 0 .5 0 .5 1 0 1\n")
    for place in (root, root / "data.yaml", root / "labels"):
        model = opened(place, Detector)
        assert boxes(model, "images/a.jpg") == [("dog", (0.4, 0.25, 0.6, 0.75), 1.0), ("traffic light", (0, 0, 0.2, 0.2), 0.75)]
        assert boxes(model, "b.png") == [] and boxes(model, "c", "dog") == [("dog", (0, 0, 0.5, 1), 1.0)]
    left = mask(opened(root, Segmenter), "c.jpg", 0, 0, 0.5, 1)
    assert left.shape == (8, 10) and left[:, :5].all() and not left[:, 5:].any()


def test_yolo_labels_beside_pictures_with_a_list_of_classes(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("dog\ncat\n")
    (tmp_path / "a.txt").write_text("1 .5 .5 1 1\n")
    Pillow.new("RGB", (4, 4)).save(tmp_path / "a.png")
    assert boxes(opened(tmp_path, Detector), "a.png") == [("cat", (0, 0, 1, 1), 1.0)]


def test_poses_are_read_as_their_boxes(tmp_path: Path) -> None:
    root = yolo(tmp_path, "kpt_shape: [2, 3]\nnames: [person]\n", a="0 .5 .5 .4 .4 .1 .1 2 .2 .2 1\n")
    assert boxes(opened(root, Detector), "a") == [("person", (0.3, 0.3, 0.7, 0.7), 1.0)]


@pytest.mark.parametrize(
    ("names", "label", "why"),
    [
        (NAMES, "0 320 240 10 10", "fractions of the picture"),
        (NAMES, "0 .5 nan .1 .1", "fractions of the picture"),
        (NAMES, "7 .5 .5 .1 .1", "class 7 has no name"),
        (NAMES, "dog .5 .5 .1 .1", "line 1: a line must be the number of a class"),
        (NAMES, "0 .5 .5 .1 .1 1.04", "a score must lie in"),
        (NAMES, "0 .5 .5 -.1 .1", "line 1"),
        (NAMES, "0 .5 .5 .1 .1 .5 .5 .5", "polygons"),
        (NAMES, "0", "polygons"),
        (NAMES, "0 .5 .5 .1 .1\n" * 10_001, "at most 10000"),
        ("nc: 3\n", "0 .5 .5 .1 .1", "names"),
        ("names: []\n", "0 .5 .5 .1 .1", "names no classes"),
        ("names: [a" + "x" * 300 + "]\n", "0 .5 .5 .1 .1", "too many or too long"),
    ],
)
def test_yolo_labels_that_are_wrong(tmp_path: Path, names: str, label: str, why: str) -> None:
    with pytest.raises(AddressError, match=why):
        opened(yolo(tmp_path, names, a=label) / "data.yaml", Detector)


def test_two_files_of_one_name_are_two_rows(tmp_path: Path) -> None:
    for name, label in (("train", "0 0 0 .5 0 .5 1 0 1"), ("val", "0 .5 0 1 0 1 1 .5 1")):
        (tmp_path / name / "labels").mkdir(parents=True)
        (tmp_path / name / "labels/a.txt").write_text(label)
    (tmp_path / "data.yaml").write_text("names: [dog]")
    model = opened(tmp_path, Segmenter)
    assert boxes(model, "train/a") == [("dog", (0, 0, 0.5, 1), 1.0)] and boxes(model, "val/a") == [("dog", (0.5, 0, 1, 1), 1.0)]
    assert mask(model, "train/a", 0, 0, 0.5, 1)[:, :5].all() and mask(model, "val/a", 0.5, 0, 1, 1)[:, 5:].all()
    (either,) = model.detect([DetectRequest(PICTURE, record="a.jpg")])
    assert isinstance(either, Failed)
    (tmp_path / "labels/val").mkdir(parents=True)
    (tmp_path / "labels/val/a.txt").write_text("")
    with pytest.raises(AddressError, match="two files of labels are called val/a"):
        opened(tmp_path, Segmenter)


def test_names_with_many_blanks_are_refused_at_once() -> None:
    started = monotonic()
    with pytest.raises(InputError, match="too long"):
        names_of("names: [a" + " " * 1_000_000 + "b]")
    assert monotonic() - started < 5  # a minute and more where every run of blanks is tried anew


WORD = st.text(st.sampled_from("abcXYZ 019-_.é"), min_size=1, max_size=8).map(str.strip).filter(lambda w: w and w[0].isalpha())


@given(st.lists(WORD, min_size=1, max_size=8))
def test_names_in_every_form_of_yaml(names: list[str]) -> None:
    known = dict(enumerate(names))
    for text in (
        "names: [" + ", ".join(names) + "]",
        "names: [" + ",\n  ".join(f"'{name}'" for name in names) + ",\n]\nnc: 3",
        'names: ["' + '", "'.join(names) + '"]  # all',
        "names:\n" + "".join(f"- {name}\n" for name in names) + "train: x\n",
        "names:\n" + "".join(f"  {n}: {name}  # {n}\n" for n, name in known.items()),
        "train: x\nnames: {" + ", ".join(f"{n}: '{name}'" for n, name in known.items()) + "}\n",
    ):
        assert names_of(text) == known, text


@given(st.text(max_size=200))
def test_names_of_anything(text: str) -> None:
    with suppress(InputError):
        assert names_of("names:" + text)


@settings(max_examples=60)
@given(st.text(st.sampled_from("0123456789. -e\nnaif\t"), max_size=60))
def test_labels_of_anything(tmp_path_factory, text: str) -> None:
    root = yolo(tmp_path_factory.mktemp("yolo"), NAMES, a=text)
    try:
        for _, box, _ in boxes(opened(root, Detector), "a"):
            assert all(0 <= edge <= 1 for edge in box)
    except AddressError as error:
        assert "a.txt" in str(error)


@real
def test_real_yolo_labels() -> None:
    model = opened(SHARED / "coco128/object_detection/config.yaml", Detector)
    assert boxes(model, "images/train2017/000000000042.jpg") == [("dog", (0.335, 0.086, 0.879, 0.596), 1.0)]
    shapes = opened(SHARED / "coco128/instance_segmentation", Segmenter)
    dog = mask(shapes, "000000000042", 0.335, 0.086, 0.879, 0.596)
    assert 0 < dog.sum() < 0.544 * 0.51 * 80


# --- JSON lines


def lines(tmp_path: Path, *rows: Any) -> Path:
    path = tmp_path / "seen.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


SEEN = {
    "id": "7",
    "caption": "a dog by a sign",
    "width": 10,
    "height": 8,
    "objects": [
        {"label": "dog", "box": [0.1, 0.125, 0.5, 0.625], "score": 0.9, "polygons": [[0.1, 0.125, 0.5, 0.125, 0.5, 0.625]]},
        {"label": "sign", "bbox": [6, 0, 4, 8]},
    ],
    "words": [{"text": "STOP", "box": [0.7, 0.1, 0.9, 0.3], "score": 0.8}],
}  # fmt: skip


def test_lines_serve_every_ability(tmp_path: Path) -> None:
    path = lines(tmp_path, SEEN, {"image": "photos/8.jpg", "objects": []}, {"id": 17, "image": "photos/9.jpg", "objects": []})
    model = opened(path, Detector)
    assert boxes(model, "7", "dog", "sign") == [("sign", (0.6, 0.0, 1.0, 1.0), 1.0), ("dog", (0.1, 0.125, 0.5, 0.625), 0.9)]
    assert boxes(model, "8.jpg") == [] and boxes(model, "9.jpg") == []
    (words,) = opened(path, Ocr).read([ReadRequest(PICTURE, "7")])
    assert [(word.words, word.score) for word in words.found] == [("STOP", 0.8)]
    (said,) = opened(path, Captioner).caption([CaptionRequest(PICTURE, record="7")])
    assert said.text == "a dog by a sign"
    assert 0 < mask(opened(path, Segmenter), "7", 0.1, 0.125, 0.5, 0.625).sum() < 16


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("{broken", "line 2"),
        ({"objects": "dog"}, "must be a list"),
        ({"objects": [7]}, "must list"),
        ({"objects": [{"label": "dog"}]}, "given as box, in fractions, or bbox"),
        ({"objects": [{"label": "dog", "bbox": [1, 2, 3, 4]}]}, "needs the picture's width and height"),
        ({"objects": [{"label": "dog", "box": [0.5, 0.5, 0.1, 0.9]}]}, "left, top, right, bottom"),
        ({"objects": [{"label": "dog", "box": [0, 0, "x", 1]}]}, "left, top, right, bottom"),
        ({"objects": [{"box": [0, 0, 1, 1]}]}, "needs a label"),
        ({"objects": [{"label": "dog", "box": [0, 0, 1, 1], "score": 2}]}, "from 0 to 1"),
        ({"objects": [{"label": "dog", "box": [0, 0, 1, 1], "polygons": [[0, 0]]}]}, "must be polygons"),
    ],
)
def test_lines_that_are_wrong_are_named(tmp_path: Path, row, why) -> None:
    with pytest.raises(AddressError, match=why) as error:
        opened(lines(tmp_path, SEEN, row), Detector)
    assert "line 2" in str(error.value)


@settings(max_examples=60)
@given(NONSENSE, st.sampled_from(["box", "bbox", "label", "score", "attributes", "polygons", "segmentation"]))
def test_lines_of_anything(tmp_path_factory, said, key: str) -> None:
    row = {"id": "8", "width": 9, "height": 9, "objects": [{"label": "dog", "box": [0, 0, 1, 1], key: said}]}
    path = lines(tmp_path_factory.mktemp("lines"), SEEN, row)
    try:
        (answer,) = opened(path, Segmenter).segment([SegmentRequest(PICTURE, (Box(0, 0, 1, 1),), "8")])
    except AddressError:
        return
    assert isinstance(answer, Failed) or len(answer.masks) == 1


def test_boxes_under_the_threshold_are_left_out_and_the_best_come_first(tmp_path: Path) -> None:
    objects = [{"label": "dog", "box": [0, 0, n / 10, 1], "score": n / 10} for n in (3, 9, 6)]
    model = opened(lines(tmp_path, {"id": "7", "objects": objects}), Detector)
    for phrases in ((), ("dog",)):
        (answer,) = model.detect([DetectRequest(PICTURE, phrases, 0.6, "7")])
        assert [one.score for one in answer.found] == [0.9, 0.6]


def test_a_crop_is_answered_in_its_own_fractions(tmp_path: Path) -> None:
    row = {"id": "7", "objects": [{"label": "dog", "box": [0.5, 0.5, 0.75, 1]}, {"label": "cat", "box": [0, 0, 0.4, 1]}]}
    path = lines(tmp_path, {**row, "words": [{"text": "IN", "box": [0.5, 0, 1, 0.5]}, {"text": "OUT", "box": [0, 0, 0.5, 1]}]})
    right = crop(PICTURE, Box(0.5, 0, 1, 1))
    (seen,) = opened(path, Detector).detect([DetectRequest(right, record="7")])
    assert [(one.phrase, one.box) for one in seen.found] == [("dog", Box(0, 0.5, 0.5, 1))]
    (read,) = opened(path, Ocr).read([ReadRequest(right, "7")])
    assert [(one.words, one.box) for one in read.found] == [("IN", Box(0, 0, 1, 0.5))]


def test_shapes_are_those_of_whole_pictures(instances: Path) -> None:
    (answer,) = opened(instances, Segmenter).segment([SegmentRequest(crop(PICTURE, Box(0, 0, 0.5, 1)), (Box(0, 0, 1, 1),), "7")])
    assert isinstance(answer, Failed) and "whole pictures" in answer.error


def test_a_region_has_its_own_captions_and_nothing_more_is_heeded(tmp_path: Path) -> None:
    part = Region("7/a", Box(0.1, 0.1, 0.5, 0.6), label="dog")
    said = (Caption("1", "a dog and a cat"), Caption("2", "a brown dog", region="7/a"), Caption("3", "a cat", region="gone"))
    model = Annotations("it", {"7": Record("7", Image(""), said, (part,))}, {})

    def told(**wishes: Any) -> str:
        (answer,) = model.caption([CaptionRequest(record="7", **({"picture": PICTURE} | wishes))])
        return answer.error if isinstance(answer, Failed) else answer.text

    assert told() == "a dog and a cat" and told(region=Box(0.1, 0.1, 0.5, 0.5)) == "a brown dog"
    assert told(picture=crop(PICTURE, Box(0.1, 0.1, 0.5, 0.6))) == "a brown dog"
    assert "no caption of this region" in told(region=Box(0.6, 0.6, 1, 1)) and "has no caption for" in told(draw=1)
    for wish in ({"question": "What?"}, {"hints": ("a cat",)}, {"texts": ("a",)}, {"examples": ("a",)}, {"words": 3}):
        assert "cannot heed " + next(iter(wish)) in told(**wish)


@pytest.mark.parametrize(
    ("note", "why"),
    [({"bbox": [0, 0, -5, 2]}, "width and height"), ({"bbox": [0, 0, float("nan"), 2]}, "finite"), ({"score": float("nan")}, "finite")],
)
def test_a_row_that_cannot_be_read_does_not_say_that_nothing_is_there(instances: Path, note, why) -> None:
    coco = json.loads(instances.read_text())
    coco["annotations"][0] |= note
    instances.write_text(json.dumps(coco))
    (answer,) = opened(instances, Detector).detect([DetectRequest(PICTURE, ("dog",), record="7")])
    assert isinstance(answer, Failed) and why in answer.error


def test_a_segmenter_needs_shapes(tmp_path: Path) -> None:
    path = tmp_path / "captions.jsonl"
    path.write_text('{"id": "1", "caption": "a dog"}\n')
    with pytest.raises(AddressError, match="has no shapes"):
        opened(path, Segmenter)
    with pytest.raises(AddressError, match=r"does not exist|cannot answer"):
        opened(f"{tmp_path}/nothing.yaml", Detector)
