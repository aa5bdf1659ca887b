"""What the nano models see: pixels through the one shared tower, remembered for as long as several of them ask about the same pictures."""

# B pictures, M tokens, C width

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging

from diptych.data.errors import PictureError
from diptych.data.pictures import Picture
from diptych.models.abilities import Failed
from diptych.models.nano_weights import WEIGHTS, folder
from diptych.models.pixels import shrunk
from diptych.models.region_model import RegionModel

KEPT = 2048  # pictures remembered, 32 KiB each
BATCH = 64


class Sight:
    """The region model, whose tower is everybody's."""

    def __init__(self) -> None:
        self.model: RegionModel = load(RegionModel, "region")
        self.size: int = self.model.tower.config.size
        self._kept: OrderedDict[tuple[str, int, int], Tensor] = OrderedDict()
        self._lock = Lock()

    @torch.inference_mode()
    def tokens(self, pictures: Sequence[Picture]) -> list[Tensor | Failed]:
        """Tokens (M, C) of each picture; a picture that cannot be decoded fails alone."""
        found: dict[tuple[str, int, int], Tensor | Failed] = {}
        with self._lock:
            for picture in pictures:
                if (name := _name(picture)) in self._kept:
                    self._kept.move_to_end(name)
                    found[name] = self._kept[name]
        new = {_name(picture): picture for picture in pictures if _name(picture) not in found}
        pixels: dict[tuple[str, int, int], Tensor] = {}
        for name, picture in new.items():
            try:
                pixels[name] = torch.from_numpy(shrunk(picture.pil(), self.size).copy())
            except PictureError as error:
                found[name] = Failed(str(error))
        names = list(pixels)
        for start in range(0, len(names), BATCH):
            part = names[start : start + BATCH]
            seen = self.model.tower(unit(torch.stack([pixels[name] for name in part])))
            found.update(zip(part, seen, strict=True))
        self._keep({name: found[name] for name in names})
        return [found[_name(picture)] for picture in pictures]

    def _keep(self, new: dict[tuple[str, int, int], Any]) -> None:
        with self._lock:
            for name, tokens in new.items():
                self._kept[name] = tokens.clone()
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)


def _name(picture: Picture) -> tuple[str, int, int]:
    # a rendered picture has one key at every size
    return picture.key, picture.width, picture.height


@lru_cache(1)
def sight() -> Sight:
    """The one of this process."""
    return Sight()


def load(kind: Any, name: str) -> Any:
    """A shipped model in single precision, in evaluation mode, from its folder and nowhere else."""
    logging.disable_progress_bar()
    return kind.from_pretrained(folder(name), local_files_only=True, use_safetensors=True, dtype=torch.float32).eval().requires_grad_(False)


@lru_cache(1)
def words() -> PreTrainedTokenizerBase:
    """The tokenizer of all nano models."""
    return AutoTokenizer.from_pretrained(WEIGHTS / "words", local_files_only=True)


def unit(pixels: Tensor) -> Tensor:
    """Bytes (B, S, S, 3) as floats (B, 3, S, S) from -1 to 1."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def spelt(texts: Sequence[str], length: int) -> tuple[Tensor, Tensor]:
    """Ids and mask (B, T), of at most `length` words each."""
    made = words()(list(texts), padding=True, truncation=True, max_length=length, return_tensors="pt")
    return made["input_ids"], made["attention_mask"]
