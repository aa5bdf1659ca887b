"""What effects of bridges share: an encoder whose two spaces lie apart, how far apart they lie, and a captioner to begin from."""

from pathlib import Path

import numpy as np
import torch

from diptych.measure.modality_gap import modality_gap_of
from diptych.models.bridged_captioner import BridgedCaptioner, BridgedCaptionerConfig
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive
from diptych.train.data import Data
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.vectors import Floats

_TOWERS = ("squeeze", "head", "text")  # all but the scale


def gapped_encoder(data: Data, out: Path, *, updates: int, seed: int, lr: float = 4e-4) -> Path:
    """A dual encoder on cached tokens at the temperature at which CLIP ends, .01, from the first update.

    A small encoder that learns its temperature from .07 closes the gap of its two beginnings, and nothing is left to be bridged; at .01
    it does not (Liang et al., 2022, arXiv:2203.02053).
    """
    torch.manual_seed(seed)
    words = data.inputs.tokenizer
    assert words is not None
    model = DualEncoder(DualEncoderConfig(vocabulary=len(words), reads_tokens=True, scale=100.0, length=data.inputs.length))
    stage = Stage("pairs", Contrastive(), Random(min(128, len(data))), updates, lr=lr, trainable=_TOWERS)
    return train((stage,), model, data, out, seed=seed)


def bridged_start(data: Data, out: Path, *, source: int, seed: int) -> Path:
    """A captioner of vectors that has learnt nothing yet."""
    torch.manual_seed(seed)
    words = data.inputs.tokenizer
    assert words is not None
    language = {"vocabulary": len(words), "width": 96, "length": data.inputs.length + 2}
    BridgedCaptioner(BridgedCaptionerConfig(source, language=language, initializer_range=0.06)).save_pretrained(out)
    words.save_pretrained(out)
    return out


def gap_table(pictures_ND: Floats, texts_ND: Floats) -> dict[str, float]:
    """`gap`, `cosine_paired`, `cosine_others` and `separable` of `measure.modality_gap`, and `cosine_texts` of unrelated texts."""
    found = {one.name: one.value for one in modality_gap_of(pictures_ND, texts_ND, resamples=0)}
    half = len(texts_ND) // 2
    unrelated = float(np.mean(texts_ND[:half] @ texts_ND[half : 2 * half].T))
    return {name: value for name, value in found.items() if name != "gap_share"} | {"cosine_texts": unrelated}
