"""`nano:matcher` and `nano:embedder`: one dual encoder, which scores texts against pictures and gives the vectors themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from diptych.models.abilities import Embedded, EmbedRequest, Failed, Matched, MatchRequest
from diptych.models.nano_asked import answered
from diptych.models.nano_sight import BATCH, load, sight, spelt
from diptych.models.things_encoder import ThingsEncoder


@dataclass(frozen=True, slots=True, eq=False)
class NanoMatcher:
    """Cosines from -1 to 1, and the vectors they are of."""

    model: ThingsEncoder

    def match(self, requests: list[MatchRequest]) -> list[Matched | Failed]:
        """The cosine of picture and text."""
        return answered(requests, sight().told([request.picture for request in requests]), self._match)

    def _match(self, requests: list[MatchRequest], told: list[Tensor]) -> list[Matched]:
        pictures_BD = normalize(self.model.get_image_features(tokens=torch.stack(told)), dim=-1)
        cosine_B = (pictures_BD * normalize(self._texts([request.text for request in requests]), dim=-1)).sum(-1)
        return [Matched(score) for score in cosine_B.tolist()]

    @torch.inference_mode()
    def embed(self, requests: list[EmbedRequest]) -> list[Embedded | Failed]:
        """Vectors of pictures and of texts, in the order asked for."""
        shown = {n: request.picture for n, request in enumerate(requests) if request.picture is not None}
        said = [n for n in range(len(requests)) if n not in shown]
        found: dict[int, Embedded | Failed] = {}
        for n, told in zip(shown, sight().told(list(shown.values())), strict=True):
            found[n] = told if isinstance(told, Failed) else Embedded(self.model.get_image_features(tokens=told[None])[0].numpy())
        for start in range(0, len(said), BATCH):
            part = said[start : start + BATCH]
            for n, vector in zip(part, self._texts([requests[n].text for n in part]).numpy(), strict=True):
                found[n] = Embedded(vector)
        return [found[n] for n in range(len(requests))]

    def _texts(self, texts: Sequence[str]) -> Tensor:
        return self.model.get_text_features(*spelt(texts, self.model.config.length))


def matcher() -> NanoMatcher:
    """The one shipped."""
    return NanoMatcher(load(ThingsEncoder, "matcher"))
