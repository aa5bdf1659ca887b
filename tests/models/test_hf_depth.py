"""Depth models of transformers, tiny and with random weights: the same as the plain call, whatever the batch, and the right way round."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_hf_3 as tiny
import torch
import transformers
from safetensors.torch import load_file, save_file

from diptych.models.abilities import Depth, DepthEstimator, DepthRequest, Failed
from diptych.models.hf_depth import stretched
from diptych.models.hf_sight import answered

NEARNESS = {"depth_anything": True, "metric_depth": False, "dpt": True, "glpn": False}


@pytest.fixture
def folders(checkpoint: Callable[[Callable[[Path], Path]], Path]) -> dict[str, Path]:
    return {name: checkpoint(getattr(tiny, name)) for name in NEARNESS}


@pytest.mark.parametrize("name", NEARNESS)
def test_a_batch_answers_as_one_by_one(folders: dict[str, Path], name: str) -> None:
    asked = [DepthRequest(picture) for picture in tiny.pictures()]
    one, four = (tiny.model(f"hf:{folders[name]}?batch={size}", DepthEstimator) for size in (1, 4))
    together = four.depth([*asked, DepthRequest(tiny.unseen(asked[0].picture))])
    assert isinstance(together[-1], Failed) and "is broken" in together[-1].error
    for request, found in zip(asked, together[:-1], strict=True):
        assert isinstance(found, Depth) and found.map.shape == (request.picture.height, request.picture.width)
        assert found.map.dtype == np.float32 and found.map.min() == 0 and found.map.max() == 1
        assert np.abs(found.map - one.depth([request])[0].map).max() < 1e-5


@pytest.mark.parametrize(("name", "nearness"), NEARNESS.items())
def test_the_map_is_that_of_the_plain_call(folders: dict[str, Path], name: str, nearness: bool) -> None:
    processor = transformers.AutoImageProcessor.from_pretrained(folders[name])
    model = transformers.AutoModelForDepthEstimation.from_pretrained(folders[name]).eval()
    for picture in tiny.pictures():
        with torch.inference_mode():
            outputs = model(**processor(images=picture.pil(), return_tensors="pt"))
        wanted = processor.post_process_depth_estimation(outputs, target_sizes=[(picture.height, picture.width)])[0][
            "predicted_depth"
        ].numpy()
        given = tiny.model(f"hf:{folders[name]}", DepthEstimator).depth([DepthRequest(picture)])[0].map
        low, high = wanted.min(), wanted.max()
        assert high - low > 1e-4 * abs(high)
        assert np.allclose(given, (high - wanted if nearness else wanted - low) / (high - low), atol=1e-5)


@pytest.mark.parametrize("name", ["dpt", "depth_anything"])
def test_weights_that_are_never_used_may_be_missing(folders: dict[str, Path], name: str, tmp_path: Path) -> None:
    asked = [DepthRequest(tiny.pictures()[0])]
    wanted = tiny.model(f"hf:{folders[name]}", DepthEstimator).depth(asked)[0].map
    for path in folders[name].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    left = {key: value for key, value in weights.items() if "fusion_stage.layers.0.residual_layer1" not in key}
    assert len(left) < len(weights)
    save_file(left, tmp_path / "model.safetensors", {"format": "pt"})
    assert np.array_equal(tiny.model(f"hf:{tmp_path}", DepthEstimator).depth(asked)[0].map, wanted)


def test_stretched_by_hand() -> None:
    metres = np.array([[2.0, 4.0], [3.0, 10.0]], np.float32)
    assert stretched(metres, nearness=False).tolist() == [[0.0, 0.25], [0.125, 1.0]]
    assert stretched(metres, nearness=True).tolist() == [[1.0, 0.75], [0.875, 0.0]]
    assert stretched(np.full((2, 2), 7.0, np.float32), nearness=True).tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("name", NEARNESS)
def test_pictures_of_one_pixel_spoil_nobody(folders: dict[str, Path], name: str) -> None:
    tiniest = tiny.noise(1, 1)
    asked = [DepthRequest(tiniest), DepthRequest(tiny.pictures()[0])]
    first, second = tiny.model(f"hf:{folders[name]}", DepthEstimator).depth(asked)
    assert isinstance(first, Failed) or first.map.tolist() == [[0.0]]
    assert isinstance(second, Depth)


def test_a_picture_that_is_far_wider_than_high_fails_alone(folders: dict[str, Path]) -> None:
    wide = tiny.noise(60_000, 40)
    failed, seen = tiny.model(f"hf:{folders['depth_anything']}", DepthEstimator).depth(
        [DepthRequest(wide), DepthRequest(tiny.pictures()[0])]
    )
    assert isinstance(seen, Depth)
    assert isinstance(failed, Failed) and "cannot bring the picture to its size" in failed.error


def test_what_would_fill_the_memory_is_not_shown(folders: dict[str, Path]) -> None:
    place = tiny.model(f"hf:{folders['dpt']}", DepthEstimator).place
    shown: list[tuple[int, ...]] = []

    def call(sizes: list[int], inputs: dict[str, torch.Tensor]) -> list[int]:
        shown.append(tuple(inputs["pixel_values"].shape))
        return sizes

    found = answered([1024, 4097, 16, 1024, 512, 512, 512], place, lambda width: {"pixel_values": torch.zeros(1, 3, 1024, width)}, call)
    assert isinstance(found[1], Failed) and "4195328 pixels" in found[1].error
    assert [found[0], *found[2:]] == [1024, 16, 1024, 512, 512, 512]
    # a megapixel at once on a CPU
    assert shown == [*[(1, 3, 1024, 1024)] * 2, (1, 3, 1024, 16), (2, 3, 1024, 512), (1, 3, 1024, 512)]


def test_maps_of_large_pictures_are_smaller(folders: dict[str, Path]) -> None:
    found = tiny.model(f"hf:{folders['dpt']}", DepthEstimator).depth([DepthRequest(tiny.noise(2048, 512))])[0]
    assert found.map.shape == (256, 1024)
