"""Captioners of transformers: equal to the plain call, whatever the batch; regions, draws, what they cannot heed."""

from dataclasses import replace

import pytest
import tiny_hf
import torch
from PIL import Image as Pillow
from transformers import (
    AutoImageProcessor,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
    BlipForConditionalGeneration,
    GitForCausalLM,
    VisionEncoderDecoderModel,
)

from diptych.data.errors import PictureError
from diptych.data.opening import crop
from diptych.data.pictures import Picture
from diptych.data.regions import Box
from diptych.models import hf_captioners
from diptych.models.abilities import Captioner, CaptionRequest, Described, Failed
from diptych.models.addresses import open_model
from diptych.models.hf import open_hf
from diptych.models.hf_florence import located, task

KINDS = {
    "blip": BlipForConditionalGeneration,
    "blip2": AutoModelForImageTextToText,
    "git": GitForCausalLM,
    "paligemma": AutoModelForImageTextToText,
    "vit_gpt2": VisionEncoderDecoderModel,
    "florence2": AutoModelForImageTextToText,
}
PROMPTS = {"florence2": "<CAPTION>", "paligemma": "<image>caption en"}
TOKENS = 24


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(hf_captioners, "TOKENS", TOKENS)


@pytest.fixture(scope="module")
def opened(checkpoint):
    made = {}

    def of(name: str, batch: int = 4):
        if (name, batch) not in made:
            made[name, batch] = open_model(f"hf:{checkpoint(tiny_hf.CAPTIONERS[name])}?batch={batch}", Captioner, {"hf": open_hf})
        return made[name, batch]

    return of


def asked(count: int = 4, **more) -> list[CaptionRequest]:
    return [CaptionRequest(tiny_hf.picture(n, 40 + 12 * n, 64 - 8 * n), **more) for n in range(count)]


def plain(folder, name: str, pil, prompt: str = "") -> str:
    """The caption as a user of transformers alone gets it."""
    model = KINDS[name].from_pretrained(folder).eval()
    if name == "vit_gpt2":
        words, inputs = AutoTokenizer.from_pretrained(folder), AutoImageProcessor.from_pretrained(folder)(pil, return_tensors="pt")
    else:
        processor = AutoProcessor.from_pretrained(folder)
        words, inputs = processor.tokenizer, processor(images=pil, return_tensors="np", **({"text": prompt} if prompt else {}))
    given = {key: torch.as_tensor(inputs[key]) for key in (inputs if prompt else ["pixel_values"]) if key != "labels"}
    made = model.generate(**given, max_new_tokens=TOKENS, do_sample=False)[0]
    made = made[inputs["input_ids"].shape[1] :] if name == "paligemma" else made
    return words.decode(made, skip_special_tokens=True).strip()


@pytest.mark.parametrize("name", KINDS)
def test_captions_of_a_batch_are_those_of_the_plain_call(name, opened, checkpoint):
    found = opened(name).caption(asked())
    assert found == opened(name, batch=1).caption(asked())
    said = [plain(checkpoint(tiny_hf.CAPTIONERS[name]), name, one.picture.pil(), PROMPTS.get(name, "")) for one in asked()]
    assert found == [Described(text) if text else Failed("it wrote nothing") for text in said]
    assert len(set(said)) > 2


@pytest.mark.parametrize("name", [name for name in KINDS if name != "florence2"])
def test_a_region_is_captioned_as_its_crop(name, opened, checkpoint):
    box = Box(0.1, 0.2, 0.7, 0.9)
    found = opened(name).caption([replace(one, region=box) for one in asked(2)])
    said = [plain(checkpoint(tiny_hf.CAPTIONERS[name]), name, crop(one.picture, box).pil(), PROMPTS.get(name, "")) for one in asked(2)]
    assert found == [Described(text) for text in said]
    assert found != opened(name).caption(asked(2))


def test_florence_is_told_of_regions_in_its_own_words(opened, checkpoint):
    box = Box(0.1, 0.29, 0.7, 1.0)
    told = "<loc_100><loc_290><loc_700><loc_999>"
    assert located(box) == told
    assert located(Box(-0.5, 0.0, 0.0004, 0.9999)) == "<loc_0><loc_0><loc_0><loc_999>"
    found = opened("florence2").caption([replace(one, region=box) for one in asked(3)])
    said = [plain(checkpoint(tiny_hf.florence2), "florence2", one.picture.pil(), f"<REGION_TO_DESCRIPTION>{told}") for one in asked(3)]
    assert found == [Described(text) if text else Failed("it wrote nothing") for text in said]
    assert any(said) and said != [getattr(one, "text", "") for one in opened("florence2").caption(asked(3))]


def test_florence_has_a_task_for_each_style(opened):
    styles = {"short": "<CAPTION>", "spatial": "<DETAILED_CAPTION>", "dense": "<MORE_DETAILED_CAPTION>"}
    assert {style: task(replace(asked(1)[0], style=style)) for style in styles} == styles
    mixed = [replace(one, style=style) for one, style in zip(asked(3), styles, strict=True)]
    found = opened("florence2").caption([*mixed, replace(mixed[0], style="poem")])
    assert found[:3] == opened("florence2", batch=1).caption(mixed)
    assert isinstance(found[3], Failed) and "captions in the styles short, alt, region, fused, spatial, dense, got 'poem'" in found[3].error


@pytest.mark.parametrize("name", KINDS)
def test_draws_hang_on_the_picture_and_their_number(name, opened):
    warm = [replace(one, temperature=1.0, draw=draw) for one in asked(2) for draw in (0, 1)]
    found = opened(name).caption([*warm, *asked(2)])
    assert found[:4] == opened(name, batch=1).caption(warm)
    assert found[4:] == opened(name, batch=1).caption([replace(one, draw=3) for one in asked(2)])
    assert len(set(found[:4])) == 4


def test_regions_and_pictures_that_look_alike_have_draws_of_their_own(opened):
    flat, twin = (Picture(key * 64, 48, 48, lambda: Pillow.new("RGB", (48, 48), "red")) for key in "ab")
    shown = [CaptionRequest(flat, region=Box(0.5 * n, 0, 0.5 * n + 0.5, 1)) for n in range(2)] + [CaptionRequest(twin)]
    assert len({one.text for one in opened("blip").caption(shown)}) == 1  # they do look alike
    warm = opened("blip").caption([replace(one, temperature=1.0) for one in shown])
    assert len({one.text for one in warm}) == 3


@pytest.mark.parametrize("name", KINDS)
def test_what_cannot_be_heeded_or_opened_fails_alone(name, opened):
    def broken():
        raise PictureError("the file ends early")

    (good,) = asked(1)
    wishes = {"question": "which?", "texts": ("a",), "examples": ("a",), "hints": ("a",), "words": 9}
    bad = [replace(good, **{wish: value}) for wish, value in wishes.items()]
    outside = replace(good, region=Box(1.2, 0.0, 1.5, 1.0))
    found = opened(name).caption([*bad, good, CaptionRequest(Picture("b", 40, 40, broken)), outside])
    assert [one.error for one in found[:5]] == [f"a captioner without prompts cannot heed {wish}: name a chat model" for wish in wishes]
    assert found[5] == opened(name).caption([good])[0]
    assert found[6] == Failed("the file ends early")
    assert isinstance(found[7], Failed) and "cannot be cut out" in found[7].error


def test_a_picture_that_cannot_be_prepared_fails_alone(opened):
    usual = opened("blip")

    def inputs(requests, pictures):
        if any(picture.height == 2 for picture in pictures):
            raise ValueError("height\nof 2")
        return usual.inputs(requests, pictures)

    good, thin = asked(3), CaptionRequest(tiny_hf.picture(1, 30, 2))
    found = replace(usual, inputs=inputs).caption([*good[:2], thin, good[2]])
    assert found == [*usual.caption(good[:2]), Failed("height of 2"), *usual.caption(good[2:])]
