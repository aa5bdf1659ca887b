"""What the matcher and the captioners learn from: what the region model sees of each scene, and captions as ids."""

# n scenes, K captions of a scene, T words

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from diptych.lab.nano_examples import Examples
from diptych.lab.nano_texts import STYLES, Told
from diptych.models.conv_tower import ConvTower
from diptych.models.pixels import unit
from diptych.models.region_boxes import table, things
from diptych.models.region_model import RegionModel
from diptych.models.words import word_tokenizer
from diptych.world.catalogue import BY_NOUN, COLOURS, MATERIALS, SIZES, WORDS
from diptych.world.phrasing import HELD_OUT, SEEN
from diptych.world.relations import PREDICATES

LENGTH = 96  # words of a caption, begin and end included
FALSE = 3  # false captions kept of a scene
Ids = Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """Tokens float16 (n, M, C); things float32 (n, K', F) as `region_boxes.table` tells of them; ids of true captions (n, K, T) and of
    false ones (n, 3, T), 0 where there is none.
    """

    tokens: Tensor
    things: Tensor
    true: Ids
    false: Ids


def heads(made: Examples, model: RegionModel, tokenizer: PreTrainedTokenizerBase) -> Heads:
    """All of it, on the region model's device."""
    seen = tokens(model.tower, made.pixels)
    false = [text for told in made.told for text in [*told.false, *[""] * FALSE][:FALSE]]
    return Heads(
        seen,
        tables(model, seen),
        ids([text for told in made.told for text in told.true], tokenizer, LENGTH).view(len(made), len(STYLES), -1).to(model.device),
        ids(false, tokenizer, LENGTH).view(len(made), FALSE, -1).to(model.device),
    )


@torch.inference_mode()
def tokens(tower: ConvTower, pixels: np.ndarray, batch: int = 512) -> Tensor:
    """float16 (n, M, C), on the tower's device."""
    parts = [pixels[start : start + batch] for start in range(0, len(pixels), batch)]
    return torch.cat([tower(unit(torch.from_numpy(part).to(tower.device))).half() for part in parts])


@torch.inference_mode()
def tables(model: RegionModel, tokens_nMC: Tensor, batch: int = 512) -> Tensor:
    """float32 (n, K', F), on the tokens' device."""
    parts = [things(model(tokens=part.float())) for part in torch.split(tokens_nMC, batch)]
    return torch.from_numpy(np.stack([table(found) for part in parts for found in part])).to(tokens_nMC.device)


def ids(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, length: int) -> Ids:
    """int16 (texts, length), padded with 0; a longer text is cut, without its end."""
    found = np.zeros((len(texts), length), np.int16)
    for start in range(0, len(texts), 100_000):
        for row, one in enumerate(tokenizer(list(texts[start : start + 100_000]), padding=False)["input_ids"], start):
            found[row, : min(len(one), length)] = one[:length]
    return torch.from_numpy(found)


def tokenizer_of(told: Iterable[Told]) -> PreTrainedTokenizerBase:
    """Words of what is said and asked, of the phrasings that training leaves out, and of the whole catalogue."""
    said = [text for one in told for text in (*one.true, *one.false, *(asked.text for asked in one.asked))]
    nouns = [f"{c.noun} {c.plural} {c.kind}" for c in BY_NOUN.values()]
    return word_tokenizer([*said, *nouns, *COLOURS, *SIZES, *MATERIALS, *WORDS, *PREDICATES, *map(str, range(100)), *_phrasings()])


def _phrasings() -> Iterable[str]:
    for words in (SEEN, HELD_OUT):
        for name in words.__dataclass_fields__:
            value = getattr(words, name)
            for one in value.values() if isinstance(value, dict) else [value]:
                yield from [one] if isinstance(one, str) else one
