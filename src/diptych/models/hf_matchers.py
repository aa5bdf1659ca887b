"""Matchers of transformers: cosines of CLIP, SigLIP and their like, and BLIP's head that tells whether a text fits a picture."""

# B pairs, V pictures among them

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import BlipForImageTextRetrieval

from diptych.data.errors import AddressError, InputError
from diptych.models.abilities import Failed, Matched, Matcher, MatchRequest
from diptych.models.hf_embedders import BLIP_RETRIEVAL, dual
from diptych.models.hf_kinds import DUALS
from diptych.models.hf_loading import Place, config_of, model_of, processor_of
from diptych.models.hf_shown import shown_once
from diptych.models.hf_sight import Inputs, answered
from diptych.models.hf_words import as_text, read_as, room_of, unreadable


def opened(place: Place, ability: type) -> Matcher:
    """A Matcher; AddressError for a model that does not see and read."""
    config, place = config_of(place), place.exact
    if config.model_type in DUALS:
        return dual(place, config)
    if BLIP_RETRIEVAL in (config.architectures or ()):
        return BlipMatcher(place, model_of(place, BlipForImageTextRetrieval), as_text(processor_of(place)), place.commit)
    known = ", ".join(DUALS)
    raise AddressError(f"{place.said} is of type {config.model_type}, which is no Matcher here: name one of {known}, or a {BLIP_RETRIEVAL}")


@dataclass(frozen=True, slots=True, eq=False)
class BlipMatcher:
    """The probability that the text fits, from 0 to 1: each text is read with the picture in sight.

    Li et al., 2022, arXiv:2201.12086. For cosines of its towers ask it as Embedder.
    """

    place: Place
    model: Any
    processor: Any
    revision: str = ""
    cosines: bool = False  # for metrics of cosines

    def match(self, requests: list[MatchRequest]) -> list[Matched | Failed]:
        """Each picture is seen once for all its texts of one batch; a text beyond the model's room is cut."""
        groups: dict[str, list[int]] = {}
        for n, request in enumerate(requests):
            groups.setdefault(request.picture.key, []).append(n)
        order = [n for group in groups.values() for n in group]
        found = dict(zip(order, self._in_order([requests[n] for n in order]), strict=True))
        return [found[n] for n in range(len(requests))]

    def _in_order(self, requests: Sequence[MatchRequest]) -> list[Matched | Failed]:
        pixels = shown_once(self.processor)

        def prepare(request: MatchRequest) -> Inputs:
            if why := unreadable(request.text):
                raise InputError(why.error)
            return pixels(request.picture)

        return answered(requests, self.place, prepare, self._scores)

    def _scores(self, requests: list[MatchRequest], given: Inputs) -> list[Matched]:
        keys = [one.picture.key for one in requests]
        first = {key: keys.index(key) for key in keys}
        seen_VMC = self.model.vision_model(pixel_values=given["pixel_values"][list(first.values())]).last_hidden_state
        seen_BMC = seen_VMC[[list(first).index(key) for key in keys]]
        room = room_of(self.processor.tokenizer, self.model.config.text_config)
        made = self.processor(text=[one.text for one in requests], return_tensors="pt", padding=True, truncation=True, max_length=room)
        said = self.model.text_encoder(
            **read_as(made, self.place), encoder_hidden_states=seen_BMC,
            encoder_attention_mask=torch.ones(seen_BMC.shape[:2], dtype=torch.long, device=seen_BMC.device),
        )  # fmt: skip
        fits_B = self.model.itm_head(said.last_hidden_state[:, 0]).float().softmax(-1)[:, 1]
        return [Matched(one) for one in fits_B.tolist()]
