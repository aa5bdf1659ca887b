"""`nano:captioner-a` and `nano:captioner-b`: two captioners of different families, which therefore err differently."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from diptych.models.abilities import CaptionRequest, Described, Failed
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_scorers import Scorer, scorer_of
from diptych.models.nano_asked import seen
from diptych.models.nano_sight import load, words
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.models.recurrent_captioner import RecurrentCaptioner, RecurrentScorer
from diptych.models.words import tidied

STYLES = ("short", "dense", "spatial", "alt")  # by their numbers in training


@dataclass(frozen=True, slots=True, eq=False)
class NanoCaptioner:
    """Greedy at temperature 0, whatever the draw; else each draw hangs on the picture and its number alone."""

    model: Any
    scorer: Callable[[Any, Tensor, Tensor], Scorer]

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """A caption for each request, in the style asked for."""
        return seen(requests, lambda request: request.picture, _refused, self._some)

    def _some(self, requests: list[CaptionRequest], tokens_BMC: Tensor) -> list[Described | Failed]:
        found: dict[int, Described | Failed] = {}
        order = sorted(range(len(requests)), key=lambda n: requests[n].temperature)
        for temperature, group in groupby(order, key=lambda n: requests[n].temperature):
            own = list(group)
            styles = torch.tensor([STYLES.index(requests[n].style) for n in own])
            scorer = self.scorer(self.model, tokens_BMC[own], styles)
            most = self.model.config.length - 1
            ways = Settings("sample", most, temperature=temperature) if temperature > 0 else Settings(most=most)
            keys = [f"{requests[n].picture.key} {requests[n].draw}" for n in own]
            for n, one in zip(own, decode(scorer, ways, tokenizer=words(), keys=keys), strict=True):
                found[n] = Described(_finished(tidied(one.text), one.ended))
        return [found[n] for n in range(len(requests))]


def _refused(request: CaptionRequest) -> Failed | None:
    if request.region is not None or request.style == "region":
        return Failed("the nano captioners describe whole pictures: ask about a region with a detector, or name a real captioner")
    if request.style not in STYLES:
        return Failed(f"the nano captioners know the styles {', '.join(STYLES)}, not {request.style!r}")
    return None


def _finished(text: str, ended: bool) -> str:
    # what was cut off in mid-sentence is left out, where a whole sentence stands before it
    whole = text.rpartition(". ")[0]
    return text if ended or not whole else f"{whole}."


def attentive() -> NanoCaptioner:
    """Looks at the tokens of the picture anew for every word."""
    return NanoCaptioner(load(PrefixCaptioner, "captioner-a"), _attending)


def recurrent() -> NanoCaptioner:
    """Carries one vector of the picture from word to word."""
    return NanoCaptioner(load(RecurrentCaptioner, "captioner-b"), RecurrentScorer)


def _attending(model: Any, tokens_BMC: Tensor, style_B: Tensor) -> Scorer:
    return scorer_of(model, {"tokens": tokens_BMC, "style": style_B}, len(tokens_BMC))
