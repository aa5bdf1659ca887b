"""Vectors of pictures and of texts by models of transformers, and how well two of them fit."""

# B pictures or texts, D width of the space

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from diptych.data.pictures import Picture
from diptych.models.abilities import Embedded, EmbedRequest, Failed, Matched, MatchRequest
from diptych.models.hf_loading import Place
from diptych.models.hf_sight import Inputs, answered
from diptych.models.hf_words import by_length, unreadable


@dataclass(frozen=True, slots=True, eq=False)
class Seeing:
    """What becomes of a picture: its pixels by the model's own processor, and (B, D) of those."""

    pixels: Callable[[Picture], Inputs]
    vectors: Callable[[Inputs], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """An Embedder, and where it has both sides a Matcher by cosine. A side that the model has not fails its requests."""

    place: Place
    sees: Seeing | None
    reads: Callable[[Sequence[str]], Tensor] | None  # (B, D) of texts
    revision: str = ""

    def embed(self, requests: list[EmbedRequest]) -> list[Embedded | Failed]:
        """Vectors of pictures and of texts, in the order asked for."""
        shown = {n: one.picture for n, one in enumerate(requests) if one.picture is not None}
        said = [n for n in range(len(requests)) if n not in shown]
        given = dict(zip(shown, self.pictures(list(shown.values())), strict=True))
        given |= dict(zip(said, self.texts([requests[n].text for n in said]), strict=True))
        found = [given[n] for n in range(len(requests))]
        return [one if isinstance(one, Failed) else Embedded(one.numpy()) for one in found]

    def match(self, requests: list[MatchRequest]) -> list[Matched | Failed]:
        """The cosine of picture and text, from -1 to 1."""
        pictures = self.pictures([one.picture for one in requests])
        return [_cosine(*pair) for pair in zip(pictures, self.texts([one.text for one in requests]), strict=True)]

    def pictures(self, pictures: Sequence[Picture]) -> list[Tensor | Failed]:
        """Vectors (D,), each picture seen once however often it is asked about."""
        sees = self.sees
        if sees is None:
            return [Failed(f"{self.place.said} reads texts alone: name a model that sees pictures")] * len(pictures)
        asked = {picture.key: picture for picture in pictures}

        def vectors(some: list[Picture], given: Inputs) -> list[Tensor]:
            return list(sees.vectors(given).float().cpu())

        given = answered(list(asked.values()), self.place, sees.pixels, vectors)
        found = dict(zip(asked, given, strict=True))
        return [found[picture.key] for picture in pictures]

    def texts(self, texts: Sequence[str]) -> list[Tensor | Failed]:
        """Vectors (D,), each text read once; what goes beyond the model's room is not read."""
        reads = self.reads
        if reads is None:
            return [Failed(f"{self.place.said} sees pictures alone: name a model that reads texts")] * len(texts)
        found: dict[str, Tensor | Failed] = {text: why for text in texts if (why := unreadable(text))}
        asked = list(dict.fromkeys(text for text in texts if text not in found))
        found |= dict(zip(asked, by_length(asked, self.place, len, lambda some: list(reads(some).float().cpu())), strict=True))
        return [found[text] for text in texts]


def _cosine(one: Tensor | Failed, other: Tensor | Failed) -> Matched | Failed:
    for side in (one, other):
        if isinstance(side, Failed):
            return side
    with torch.inference_mode():
        return Matched(float(normalize(one, dim=-1) @ normalize(other, dim=-1)))  # type: ignore[arg-type]
