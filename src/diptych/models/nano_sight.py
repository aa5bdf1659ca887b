"""What the nano models see: pixels through the one shared tower, remembered for as long as several of them ask about the same pictures."""

# B pictures, M tokens, C width, K things, F numbers of each

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast
from transformers.utils import logging

from diptych.data.errors import PictureError
from diptych.data.pictures import Picture
from diptych.models.abilities import Failed
from diptych.models.nano_weights import WEIGHTS, folder
from diptych.models.pixels import shrunk, unit
from diptych.models.region_boxes import Found, table, things
from diptych.models.region_model import RegionModel

KEPT = 2048  # pictures remembered, 32 KiB of tokens each
BATCH = 64
Name = tuple[str, int, int]
Kept = OrderedDict[Name, Any]


class Sight:
    """The region model, whose tower is everybody's: tokens of pictures, and the things found in them."""

    def __init__(self) -> None:
        self.model: RegionModel = load(RegionModel, "region")
        self._tokens: Kept = OrderedDict()
        self._found: Kept = OrderedDict()
        self._lock = Lock()

    def tokens(self, pictures: Sequence[Picture]) -> list[Tensor | Failed]:
        """Tokens (M, C) of each picture; one that cannot be decoded fails alone."""
        return self._each(self._tokens, pictures, self._see)

    def found(self, pictures: Sequence[Picture]) -> list[Found | Failed]:
        """The things found in each picture."""
        return self._each(self._found, pictures, self._find)

    def told(self, pictures: Sequence[Picture]) -> list[Tensor | Failed]:
        """Things (K, F) of each picture, as `region_boxes.table` tells of them."""
        return [one if isinstance(one, Failed) else torch.from_numpy(table(one)) for one in self.found(pictures)]

    def _each(self, kept: Kept, pictures: Sequence[Picture], see: Callable[[list[Picture]], list[Any]]) -> list[Any]:
        with self._lock:
            found = {name: kept[name] for picture in pictures if (name := _name(picture)) in kept}
        new = list({_name(picture): picture for picture in pictures if _name(picture) not in found}.items())
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            found.update(zip((name for name, _ in part), see([picture for _, picture in part]), strict=True))
        with self._lock:
            for name, _ in new:
                if not isinstance(found[name], Failed):
                    kept[name] = found[name]
            while len(kept) > KEPT:
                kept.popitem(last=False)
        return [found[_name(picture)] for picture in pictures]

    @torch.inference_mode()
    def _see(self, pictures: list[Picture]) -> list[Tensor | Failed]:
        pixels = [_pixels(picture, self.model.tower.config.size) for picture in pictures]
        good = [one for one in pixels if not isinstance(one, Failed)]
        seen = iter(self.model.tower(unit(torch.stack(good))).clone() if good else ())
        return [one if isinstance(one, Failed) else next(seen) for one in pixels]

    @torch.inference_mode()
    def _find(self, pictures: list[Picture]) -> list[Found | Failed]:
        tokens = self.tokens(pictures)
        good = [one for one in tokens if not isinstance(one, Failed)]
        found = iter(things(self.model(tokens=torch.stack(good))) if good else ())
        return [one if isinstance(one, Failed) else next(found) for one in tokens]


def _name(picture: Picture) -> Name:
    # a rendered picture has one key at every size
    return picture.key, picture.width, picture.height


def _pixels(picture: Picture, size: int) -> Tensor | Failed:
    try:
        return torch.from_numpy(shrunk(picture.pil(), size).copy())
    except PictureError as error:
        return Failed(str(error))


@lru_cache(1)
def sight() -> Sight:
    """The one of this process."""
    return Sight()


@lru_cache(16)
def load(kind: Any, name: str) -> Any:
    """A shipped model in single precision, in evaluation mode, from its folder and nowhere else."""
    logging.disable_progress_bar()
    return kind.from_pretrained(folder(name), local_files_only=True, use_safetensors=True, dtype=torch.float32).eval().requires_grad_(False)


@lru_cache(1)
def words() -> PreTrainedTokenizerBase:
    """The tokenizer of all nano models."""
    found: PreTrainedTokenizerBase = PreTrainedTokenizerFast.from_pretrained(WEIGHTS / "words", local_files_only=True)
    return found


def spelt(texts: Sequence[str], length: int) -> tuple[Tensor, Tensor]:
    """Ids and mask (B, T), of at most `length` words each."""
    made = words()(list(texts), padding=True, truncation=True, max_length=length, return_tensors="pt")
    return made["input_ids"], made["attention_mask"]
