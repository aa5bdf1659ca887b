"""`nano:captioner-a` and `nano:captioner-b`: two captioners of different families, which therefore err differently."""

from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from diptych.models.abilities import CaptionRequest, Described, Failed
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_scorers import scorer_of
from diptych.models.nano_asked import answered
from diptych.models.nano_sight import load, sight, words
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.models.set_captioner import SetCaptioner, told
from diptych.models.words import tidied

STYLES = ("short", "dense", "spatial", "alt")  # by their numbers in training


@dataclass(frozen=True, slots=True, eq=False)
class NanoCaptioner:
    """Greedy at temperature 0, whatever the draw; else each draw hangs on the picture and its number alone."""

    model: PrefixCaptioner

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """A caption for each request, in the style asked for."""
        return answered(requests, _looked_at(requests), self._some)

    def _some(self, requests: list[CaptionRequest], tokens: list[Tensor]) -> list[Described | Failed]:
        tokens_BMC, found = torch.stack(tokens), dict[int, Described | Failed]()
        order = sorted(range(len(requests)), key=lambda n: requests[n].temperature)
        for temperature, group in groupby(order, key=lambda n: requests[n].temperature):
            own = list(group)
            styles = torch.tensor([STYLES.index(requests[n].style) for n in own])
            scorer = scorer_of(self.model, {"tokens": tokens_BMC[own], "style": styles}, len(own))
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
    if request.question or request.texts or request.examples or request.hints or request.words:
        return Failed("the nano captioners heed no question, texts, examples, hints or number of words: name sim:captioner or a chat model")
    return None


def _finished(text: str, ended: bool) -> str:
    # what was cut off in mid-sentence is left out, where a whole sentence stands before it
    whole = text.rpartition(". ")[0]
    return text if ended or not whole else f"{whole}."


@dataclass(frozen=True, slots=True, eq=False)
class NanoTeller:
    """Tells of the set of things that it sees; draws and temperature change nothing."""

    model: SetCaptioner

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """A caption for each request, in the style asked for."""
        return answered(requests, _looked_at(requests), self._some)

    def _some(self, requests: list[CaptionRequest], tokens: list[Tensor]) -> list[Described]:
        seen = self.model.seen(torch.stack(tokens))
        return [Described(told(things, request.style)) for request, things in zip(requests, seen, strict=True)]


def _looked_at(requests: list[CaptionRequest]) -> list[Tensor | Failed]:
    refused = [_refused(request) for request in requests]
    tokens = iter(sight().tokens([request.picture for request, no in zip(requests, refused, strict=True) if no is None]))
    return [next(tokens) if no is None else no for no in refused]


def attentive() -> NanoCaptioner:
    """Looks at the tokens of the picture anew for every word."""
    return NanoCaptioner(load(PrefixCaptioner, "captioner-a"))


def teller() -> NanoTeller:
    """Sees a set of things and puts it into words by rules."""
    return NanoTeller(load(SetCaptioner, "captioner-b"))
