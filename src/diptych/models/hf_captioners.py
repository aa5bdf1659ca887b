"""Captioners of transformers: BLIP, BLIP-2, GIT, an encoder with a decoder, PaliGemma, Florence-2; a chat model captions by its prompts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import torch
from PIL import Image as Pillow
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    Blip2ForConditionalGeneration,
    BlipForConditionalGeneration,
    GitForCausalLM,
    PaliGemmaForConditionalGeneration,
    VisionEncoderDecoderModel,
)

from diptych.data.draws import digest
from diptych.data.errors import PictureError
from diptych.data.opening import crop
from diptych.models.abilities import Captioner, CaptionRequest, Described, Failed
from diptych.models.experts import unheeded
from diptych.models.hf_apart import apart
from diptych.models.hf_generating import Ask, endings, generated, settle
from diptych.models.hf_loading import Place, Room, config_of, in_batches, model_of, processor_of

OPTIONS = ("side",)  # of chat models
TOKENS = 128  # of a caption, at most
PALIGEMMA = "<image>caption en"  # what it was taught captions by (Beyer et al., 2024, arXiv:2407.07726, section 3.2)
Inputs = Callable[[Sequence[CaptionRequest], Sequence[Pillow.Image]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class HfCaptioner:
    """Greedy at temperature 0, whatever the draw; else each draw hangs on the picture, the request and its number alone.

    `inputs` prepares pictures. A region is cut out, unless `points`: then the model is shown the whole picture and told of the box.
    It has the styles it was trained on, and heeds no further wishes.
    """

    model: Any
    inputs: Inputs
    tokenizer: Any
    ends: frozenset[int]
    batch: Room
    revision: str
    points: bool = False
    refuses: Callable[[CaptionRequest], str] = lambda request: ""
    spent: Counter[str] = field(default_factory=Counter)

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """A caption of the picture, or of the region, for each request."""
        return in_batches(requests, self.batch, lambda some: apart(self._some, some))

    def _some(self, requests: Sequence[CaptionRequest]) -> list[Described | Failed]:
        shown = [self._shown(request) for request in requests]
        good = [n for n, one in enumerate(shown) if not isinstance(one, Failed)]
        found: list[Described | Failed] = [one if isinstance(one, Failed) else Described("") for one in shown]
        if not good:
            return found
        part = [requests[n] for n in good]
        inputs = self.inputs(part, [shown[n] for n in good])  # type: ignore[misc]
        made = generated(self.model, inputs, [Ask(_key(one), one.temperature, TOKENS) for one in part], self.ends)
        self.spent["tokens out"] += sum(map(len, made))
        for n, ids in zip(good, made, strict=True):
            text = self.tokenizer.decode(ids, skip_special_tokens=True).strip()
            found[n] = Described(text) if text else Failed("it wrote nothing")
        return found

    def _shown(self, request: CaptionRequest) -> Pillow.Image | Failed:
        if said := unheeded(request) or self.refuses(request):
            return Failed(said)
        try:
            part = request.picture if request.region is None else crop(request.picture, request.region)
            return (request.picture if self.points else part).pil()
        except PictureError as error:
            return Failed(str(error))


def opened(place: Place, ability: type) -> Captioner:
    """The captioner; AddressError for a model that writes nothing about pictures."""
    config = config_of(place)
    if config.model_type in _OWN:
        return _OWN[config.model_type](place, config)
    captioner: Captioner = import_module("diptych.models.hf_chat").opened(place, ability)
    return captioner


def _blip(place: Place, config: Any) -> HfCaptioner:
    model = model_of(place, BlipForConditionalGeneration)
    settle(model.text_decoder)
    # as its own `generate` has it: a caption ends with the separator
    return _captioner(place, config, model, processor_of(place).tokenizer, endings(config.text_config.sep_token_id))


def _blip2(place: Place, config: Any) -> HfCaptioner:
    model = model_of(place, Blip2ForConditionalGeneration)
    words = settle(model.language_model).generation_config
    return _captioner(place, config, model, processor_of(place, AutoTokenizer), endings(words.eos_token_id))


def _paligemma(place: Place, config: Any) -> HfCaptioner:
    model, processor = settle(model_of(place, PaliGemmaForConditionalGeneration)), processor_of(place)

    def inputs(_: Sequence[CaptionRequest], pictures: Sequence[Pillow.Image]) -> Mapping[str, Any]:
        # by way of numpy, since it turns what it has made to numpy, and from tensors that warns
        made = processor(text=[PALIGEMMA] * len(pictures), images=list(pictures), padding=True, return_tensors="np")
        return {name: torch.from_numpy(value) for name, value in made.items() if name != "labels"}

    ends = endings(model.generation_config.eos_token_id)
    return HfCaptioner(model, inputs, processor.tokenizer, ends, place.batch, place.commit)


def _git(place: Place, config: Any) -> HfCaptioner:
    model = settle(model_of(place, GitForCausalLM))
    return _captioner(place, config, model, processor_of(place).tokenizer, endings(model.generation_config.eos_token_id))


def _decoder(place: Place, config: Any) -> HfCaptioner:
    model = settle(model_of(place, VisionEncoderDecoderModel, may_lack=("encoder.pooler",)))
    return _captioner(place, config, model, processor_of(place, AutoTokenizer), endings(model.generation_config.eos_token_id))


def _florence(place: Place, config: Any) -> HfCaptioner:
    own = import_module("diptych.models.hf_florence")
    processor = processor_of(place)
    model = settle(model_of(place, own.KIND))
    ends = endings(model.generation_config.eos_token_id)
    return HfCaptioner(
        model, own.inputs_of(processor), processor.tokenizer, ends, place.batch, place.commit, points=True, refuses=own.refused
    )


def _captioner(place: Place, config: Any, model: Any, tokenizer: Any, ends: frozenset[int]) -> HfCaptioner:
    pixels = processor_of(place, AutoImageProcessor)

    def inputs(_: Sequence[CaptionRequest], pictures: Sequence[Pillow.Image]) -> Mapping[str, Any]:
        return {"pixel_values": pixels(images=list(pictures), return_tensors="pt")["pixel_values"]}

    return HfCaptioner(model, inputs, tokenizer, ends, place.batch, place.commit)


_OWN: Mapping[str, Callable[[Place, Any], HfCaptioner]] = {
    "blip": _blip,
    "blip-2": _blip2,
    "git": _git,
    "paligemma": _paligemma,
    "vision-encoder-decoder": _decoder,
    "florence2": _florence,
}


def _key(request: CaptionRequest) -> str:
    box = request.region
    where = () if box is None else (box.left, box.top, box.right, box.bottom)
    return digest(request.picture.key, request.style, *where, request.draw).hex()
