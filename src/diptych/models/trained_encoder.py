"""Trained dual encoders of ours as Embedder and Matcher, from their folder; and whatever encoder a captioner of vectors sees through."""

# B pictures or texts, S side in pixels, D width of the common space

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from diptych.data.pictures import Picture
from diptych.models.abilities import Embedded, EmbedRequest, Failed, Matched, MatchRequest
from diptych.models.dual import picture_vectors, text_vectors
from diptych.models.pretrained import Dual, dual_of
from diptych.models.trained_sight import shown

BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class TrainedEncoder:
    """Cosines from -1 to 1, and the vectors they are of. One that reads a frozen tower's tokens sees through the shipped tower."""

    dual: Dual

    def match(self, requests: list[MatchRequest]) -> list[Matched | Failed]:
        """The cosine of picture and text."""
        pictures = self.pictures([request.picture for request in requests])
        texts_BD = normalize(self.texts([request.text for request in requests]), dim=-1) if requests else torch.zeros(0, 1)
        return [
            one if isinstance(one, Failed) else Matched(float(normalize(one, dim=-1) @ text))
            for one, text in zip(pictures, texts_BD, strict=True)
        ]

    def embed(self, requests: list[EmbedRequest]) -> list[Embedded | Failed]:
        """Vectors of pictures and of texts, in the order asked for."""
        seen = {n: request.picture for n, request in enumerate(requests) if request.picture is not None}
        said = [n for n in range(len(requests)) if n not in seen]
        found: dict[int, Embedded | Failed] = {}
        for n, vector in zip(seen, self.pictures(list(seen.values())), strict=True):
            found[n] = vector if isinstance(vector, Failed) else Embedded(vector.numpy())
        if said:
            found |= {n: Embedded(v.numpy()) for n, v in zip(said, self.texts([requests[n].text for n in said]), strict=True)}
        return [found[n] for n in range(len(requests))]

    @torch.inference_mode()
    def pictures(self, pictures: Sequence[Picture]) -> list[Tensor | Failed]:
        """Vectors (D,), each picture seen once however often it is asked about; a picture that cannot be decoded fails alone."""
        dual = self.dual
        given = "tokens" if dual.reads_tokens else "pixel_values"
        asked = {picture.key: picture for picture in pictures}
        found: dict[str, Tensor | Failed] = {}
        keys = list(asked)
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            seen = shown([asked[key] for key in part], dual.size, dual.mean, dual.std, tokens=dual.reads_tokens)
            good = [(key, one) for key, one in zip(part, seen, strict=True) if not isinstance(one, Failed)]
            found.update((key, one) for key, one in zip(part, seen, strict=True) if isinstance(one, Failed))
            if good:
                stacked = torch.stack([one for _, one in good]).to(dual.model.device)
                vectors_BD = picture_vectors(dual.model, {given: stacked}).float().cpu()
                found.update(zip([key for key, _ in good], vectors_BD, strict=True))
        return [found[picture.key] for picture in pictures]

    @torch.inference_mode()
    def texts(self, texts: Sequence[str]) -> Tensor:
        """Vectors (B, D), not normalised."""
        parts = [self._texts(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return torch.cat(parts)

    def _texts(self, texts: Sequence[str]) -> Tensor:
        dual = self.dual
        made = dual.tokenizer(list(texts), padding=True, truncation=True, max_length=dual.length, return_tensors="pt")
        device = dual.model.device
        return text_vectors(dual.model, made["input_ids"].to(device), made["attention_mask"].to(device)).float().cpu()


def opened(folder: Path, said: str) -> TrainedEncoder:
    """The encoder in a folder, in single precision and evaluation mode, on the accelerator where there is one."""
    dual = dual_of(said)
    dual.model.float().eval().requires_grad_(False).to("cuda" if torch.cuda.is_available() else "cpu")
    return TrainedEncoder(dual)
