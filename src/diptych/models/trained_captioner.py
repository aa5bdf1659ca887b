"""Trained captioners of ours as Captioner, from their folder."""

# B pictures, M tokens, C width

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from diptych.data.errors import AddressError
from diptych.data.pictures import Picture
from diptych.models.abilities import CaptionRequest, Described, Failed
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_scorers import Scorer, scorer_of
from diptych.models.folders import from_folder, words_from_folder
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.models.trained_sight import shown
from diptych.models.words import tidied

BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class TrainedCaptioner:
    """Greedy at temperature 0, whatever the draw; else each draw hangs on the picture and its number alone.

    `see` gives what the captioner looks at, `scores` what is decoded from that of several pictures (B, ...). A captioner has no style but
    what it was trained on.
    """

    see: Callable[[Sequence[Picture]], list[Tensor | Failed]]
    scores: Callable[[Tensor], Scorer]
    tokenizer: PreTrainedTokenizerBase
    ways: Settings

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """A caption of the whole picture for each request."""
        found: dict[int, Described | Failed] = {}
        groups: dict[float, list[int]] = {}
        for n, request in enumerate(requests):
            if request.region is not None:
                found[n] = Failed("a trained captioner describes whole pictures, not regions: name another describer")
            else:
                groups.setdefault(request.temperature, []).append(n)
        for temperature, group in groups.items():
            for start in range(0, len(group), BATCH):
                part = group[start : start + BATCH]
                found.update(zip(part, self._some([requests[n] for n in part], temperature), strict=True))
        return [found[n] for n in range(len(requests))]

    @torch.inference_mode()
    def _some(self, requests: list[CaptionRequest], temperature: float) -> list[Described | Failed]:
        seen = self.see([request.picture for request in requests])
        good = [n for n, one in enumerate(seen) if isinstance(one, Tensor)]
        found: list[Described | Failed] = [one if isinstance(one, Failed) else Described("") for one in seen]
        if not good:
            return found
        given = torch.stack([seen[n] for n in good if isinstance(seen[n], Tensor)])  # type: ignore[misc]
        ways = replace(self.ways, method="sample", temperature=temperature) if temperature > 0 else self.ways
        keys = [f"{requests[n].picture.key} {requests[n].draw}" for n in good]
        told = decode(self.scores(given), ways, tokenizer=self.tokenizer, keys=keys)
        for n, one in zip(good, told, strict=True):
            found[n] = Described(tidied(one.text)) if one.text else Failed("it wrote nothing")
        return found


def opened(folder: Path, said: str, asked: Mapping[str, str] = MappingProxyType({})) -> TrainedCaptioner:
    """The captioner in a folder, in single precision and evaluation mode; `asked` are conditions and their buckets, others null."""
    model = from_folder(PrefixCaptioner, folder).float().eval().requires_grad_(False)
    tokenizer = words_from_folder(AutoTokenizer, folder)
    config, given = model.config, "tokens" if model.config.tower is None else "pixel_values"
    buckets = {name: _bucket(said, name, value, config.conditions) for name, value in asked.items()}

    def scores(seen: Tensor) -> Scorer:
        levels = {name: torch.full((len(seen),), bucket) for name, bucket in buckets.items()}
        return scorer_of(model, {given: seen, **levels}, len(seen))

    see = partial(shown, size=(config.tower or {}).get("size", 64), tokens=config.tower is None)
    return TrainedCaptioner(see, scores, tokenizer, Settings(most=config.length - 1))


def _bucket(said: str, name: str, value: str, known: Mapping[str, int]) -> int:
    if name not in known or not value.isdecimal() or int(value) >= known[name]:
        choices = ", ".join(f"{one} from 0 to {count - 1}" for one, count in known.items())
        raise AddressError(f"{said} takes no option {name}={value}: it takes family{', ' if choices else ''}{choices}")
    return int(value)
