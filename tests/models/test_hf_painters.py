"""Painters of diffusers, tiny and with random weights: the same as the plain call, whatever the batch."""

import io
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import tiny_hf_3 as tiny
import torch
from PIL import Image as Pillow

from diptych.data.errors import AddressError
from diptych.models.abilities import Captioner, Failed, Painted, Painter, PaintRequest
from diptych.models.hf_painters import png, seed

pytest.importorskip("diffusers", reason="diffusers not installed")

import tiny_painter
from diffusers import StableDiffusionPipeline

ASKED = [PaintRequest(text, size, draw) for text, size, draw in (("a dog", 32, 0), ("a dog", 32, 1), ("two cats", 32, 0), ("", 20, 0))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_painter.pipeline(tmp_path_factory.mktemp("painter"))


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_painter.pipeline(tmp_path_factory.mktemp("restless"), restless=True)


def pixels(painted: object) -> np.ndarray:
    assert isinstance(painted, Painted), painted
    return np.asarray(painted.picture.pil(), int)


@pytest.mark.parametrize("which", ["folder", "restless"])
def test_a_batch_paints_as_one_by_one(which: str, request: pytest.FixtureRequest) -> None:
    where = request.getfixturevalue(which)
    one, four = (tiny.model(f"hf:{where}?steps=3&batch={size}", Painter) for size in (1, 4))
    together = four.paint([*ASKED, PaintRequest("a dog", 0)])
    assert isinstance(together[-1], Failed) and "size must lie in" in together[-1].error
    for asked, painted in zip(ASKED, together[:-1], strict=True):
        assert pixels(painted).shape == (asked.size, asked.size, 3)
        # a batch adds in another order: a colour may be rounded to its neighbour
        assert np.abs(pixels(painted) - pixels(one.paint([asked])[0])).max() <= 1
    first, other, *_ = together
    assert np.abs(pixels(first) - pixels(other)).max() > 8, "another draw is another picture"
    assert first.picture.key != other.picture.key


def test_the_picture_is_that_of_the_plain_call(folder: Path) -> None:
    plain = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None, requires_safety_checker=False)
    plain.set_progress_bar_config(disable=True)
    painter = tiny.model(f"hf:{folder}?steps=3&guidance=2.5", Painter)
    noise = torch.Generator().manual_seed(seed(ASKED[1]))
    wanted = plain("a dog", num_inference_steps=3, guidance_scale=2.5, generator=noise).images[0]
    assert (pixels(painter.paint([ASKED[1]])[0]) == np.asarray(wanted, int)).all()
    assert wanted.size == (32, 32) and np.asarray(wanted).std() > 5


def test_a_painting_goes_by_its_file(folder: Path) -> None:
    painter = tiny.model(f"hf:{folder}?steps=2", Painter)
    first, again = painter.paint([ASKED[0]])[0], painter.paint([ASKED[0]])[0]
    assert first.picture.key == again.picture.key
    held = io.BytesIO()
    first.picture.pil().save(held, "PNG")
    assert first.picture.key == sha256(held.getvalue()).hexdigest()
    shown = Pillow.open(io.BytesIO(png(Pillow.new("RGB", (7, 5), (9, 9, 9)), 3)))
    assert shown.size == (3, 3) and shown.getcolors() == [(9, (9, 9, 9))]


def test_what_the_safety_checker_blanked_fails_alone(folder: Path) -> None:
    painter = tiny.model(f"hf:{folder}?steps=1", Painter)
    plain = type(painter.pipeline).__call__

    def checked(*given, **more):
        made = plain(*given, **more)
        made.nsfw_content_detected = [prompt == "two cats" for prompt in more["prompt"]]
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(painter.pipeline), "__call__", checked)
        found = painter.paint(ASKED)
    assert [isinstance(one, Failed) for one in found] == [False, False, True, False]
    assert "safety checker" in found[2].error


def test_no_code_and_no_pickles(folder: Path, tmp_path: Path) -> None:
    def copied(name: str) -> Path:
        made = tmp_path / name
        for path in folder.rglob("*"):
            if path.is_file():
                (made / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
                (made / path.relative_to(folder)).write_bytes(path.read_bytes())
        return made

    pickled = copied("pickled")
    next((pickled / "unet").glob("*.safetensors")).rename(pickled / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(AddressError, match="its unet as a pickle"):
        tiny.model(f"hf:{pickled}", Painter)
    for library in ("subprocess", "own_scheduler"):
        coded = copied(library)
        index = json.loads((coded / "model_index.json").read_text())
        (coded / "scheduler" / "own_scheduler.py").write_text("raise SystemExit('ran')")
        (coded / "model_index.json").write_text(json.dumps({**index, "scheduler": [library, "Popen"]}))
        with pytest.raises(AddressError, match="scheduler needs code of its own"):
            tiny.model(f"hf:{coded}", Painter)


def test_mistakes_are_told(folder: Path, tmp_path: Path) -> None:
    for query, said in (
        ("steps=0", "steps must be"),
        ("steps=many", "steps must be"),
        ("guidance=high", "guidance must be a number"),
        ("guidance=nan", "from 0 to 100"),
    ):
        with pytest.raises(AddressError, match=said):
            tiny.model(f"hf:{folder}?{query}", Painter)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(AddressError, match="does not open as a Painter"):
        tiny.model(f"hf:{tmp_path}", Painter)
    with pytest.raises(AddressError):
        tiny.model(f"hf:{folder}", Captioner)
