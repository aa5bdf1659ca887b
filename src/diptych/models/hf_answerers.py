"""Answerers of transformers: ViLT, BLIP for visual questions, and chat models in that role."""

# B questions, L answers or words known

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import BlipForQuestionAnswering, ViltForQuestionAnswering

from diptych.data.errors import InputError
from diptych.models.abilities import Answered, Answerer, AskRequest, Failed
from diptych.models.decoding_steps import Noise
from diptych.models.hf_generating import settle
from diptych.models.hf_loading import Place, config_of, model_of, processor_of
from diptych.models.hf_shown import shown_once
from diptych.models.hf_sight import Inputs, answered
from diptych.models.hf_words import as_text, room_of, too_long, unreadable

OPTIONS = ("side",)  # of chat models
WORDS = 20  # of an answer, at most


def opened(place: Place, ability: type) -> Answerer:
    """ViLT or BLIP for questions, else a chat model as Answerer."""
    config = config_of(place)
    if config.model_type == "vilt":
        place = place.exact
        vilt = _with_all_patches(model_of(place, ViltForQuestionAnswering))
        return ViltAnswerer(place, vilt, as_text(processor_of(place)), place.commit)
    if "BlipForQuestionAnswering" in (config.architectures or ()):
        place = place.exact
        blip = model_of(place, BlipForQuestionAnswering)
        settle(blip.text_decoder)
        return BlipAnswerer(place, blip, as_text(processor_of(place)), place.commit)
    from diptych.models import hf_chat  # noqa: PLC0415 - only chat models need it

    return hf_chat.opened(place, ability)


def _with_all_patches(model: Any) -> Any:
    model.config.max_image_length = -1  # of more patches than it says, some would be left out by lot
    return model


class Drawing:
    """For each row its own noise over the temperature, so that the greatest is a draw; rows at temperature 0 stay as they are."""

    def __init__(self, requests: list[AskRequest]):
        self.warmth_B = torch.tensor([one.temperature for one in requests])
        self.noise = Noise(0, [(f"{one.picture.key} {one.question}", one.draw) for one in requests])

    def __call__(self, ids_BT: Tensor | None, logits_BL: Tensor) -> Tensor:
        """(B, L), asked for each word in turn."""
        warm = self.warmth_B.nonzero()[:, 0].tolist()
        if not warm:
            return logits_BL
        found = logits_BL.float().clone()
        drawn = self.noise.draw(warm, logits_BL.shape[1]).to(found.device)
        found[warm] = found[warm] / self.warmth_B[warm, None].to(found.device) + drawn
        return found


@dataclass(frozen=True, slots=True, eq=False)
class ViltAnswerer:
    """One of the answers that the model knows, with its odds: answers do not exclude each other, as in its training.

    Kim et al., 2021, arXiv:2102.03334. A question beyond the model's room fails.
    """

    place: Place
    model: Any
    processor: Any
    revision: str = ""

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """The likeliest answer each, or at a temperature one drawn."""
        return asked(requests, self.place, self.processor, room_of(self.processor.tokenizer, self.model.config), self._some)

    def _some(self, requests: list[AskRequest], given: Inputs) -> list[Answered]:
        # it shuffles the patches by torch's own draws: always in one way, and nobody else's draws change
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            logits_BL = self.model(**given).logits.float()
        best_B = Drawing(requests)(None, logits_BL).argmax(-1)
        odds_B = logits_BL.sigmoid().gather(1, best_B[:, None])[:, 0]
        names = self.model.config.id2label
        return [Answered(str(names[n]), odds) for n, odds in zip(best_B.tolist(), odds_B.tolist(), strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class BlipAnswerer:
    """An answer in words, with the probability of all of it.

    Li et al., 2022, arXiv:2201.12086. A question beyond the model's room fails, and so does an empty answer.
    """

    place: Place
    model: Any
    processor: Any
    revision: str = ""

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """Word by word the likeliest, or at a temperature drawn."""
        return asked(requests, self.place, self.processor, room_of(self.processor.tokenizer, self.model.config.text_config), self._some)

    def _some(self, requests: list[AskRequest], given: Inputs) -> list[Answered | Failed]:
        made = self.model.generate(
            **given, logits_processor=[Drawing(requests)], max_new_tokens=WORDS, do_sample=False, num_beams=1,
            return_dict_in_generate=True, output_logits=True,
        )  # fmt: skip
        ids_BT = made.sequences[:, 1:]
        log_BTL = torch.stack(made.logits, 1).float().log_softmax(-1)
        log_BT = log_BTL.gather(-1, ids_BT[..., None])[..., 0]
        padding = ids_BT == self.model.config.text_config.pad_token_id
        odds_B = log_BT.masked_fill(padding, 0.0).sum(1).exp().tolist()
        texts = self.processor.batch_decode(ids_BT, skip_special_tokens=True)
        return [
            Answered(text.strip(), odds) if text.strip() else Failed("it answered nothing")
            for text, odds in zip(texts, odds_B, strict=True)
        ]


def asked(requests: list[AskRequest], place: Place, processor: Any, room: int, call: Any) -> list[Answered | Failed]:
    """Answers by `call` over questions of one length about pictures of one shape: nothing is padded, so company changes no answer."""
    pixels = shown_once(processor)

    def prepare(request: AskRequest) -> Inputs:
        if why := unreadable(request.question):
            raise InputError(why.error)
        made = processor.tokenizer(request.question, return_tensors="pt")
        if long := too_long(made["input_ids"].shape[1], room, "the question is one"):
            raise InputError(long.error)
        return {**_tokens(made, processor), **pixels(request.picture)}

    return answered(requests, place, prepare, call)


def _tokens(made: Any, processor: Any) -> Inputs:
    unused = getattr(processor, "unused_input_names", ())
    return {name: value for name, value in made.items() if name not in unused}
