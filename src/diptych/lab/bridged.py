"""What effects of bridges share: an encoder whose two spaces lie apart, how far apart they lie, and a captioner to begin from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from diptych.data.draws import generator
from diptych.data.records import Caption, Record
from diptych.measure.modality_gap import modality_gap_of
from diptych.models.bridged_captioner import BridgedCaptioner, BridgedCaptionerConfig
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.language_model import LanguageModel, LanguageModelConfig
from diptych.train.batches import Random
from diptych.train.captioning import Captioning
from diptych.train.contrastive import Contrastive
from diptych.train.data import Data, Inputs
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.token_map import STOP
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


def listing_language(data: Data, out: Path, *, updates: int, seed: int, most: int = 8, each: int = 4) -> Path:
    """A language model of texts "WORD WORD ... : CAPTION": up to `most` words in any order, the caption's and others, then the caption."""
    words = data.inputs.tokenizer
    assert words is not None
    torch.manual_seed(seed)
    config = LanguageModelConfig(vocabulary=len(words), width=96, length=64, initializer_range=0.06)
    listed = replace(data, rows=[_listed(row, words, (seed, number), most) for number in range(each) for row in data.rows], columns={})
    model = LanguageModel(config)
    stage = Stage("language", Captioning(), Random(min(64, len(data))), updates, lr=3e-3)
    return train((stage,), model, listed.taking(Inputs(words, 64, columns=())), out, seed=seed)


def _listed(row: Record, words: PreTrainedTokenizerBase, keys: tuple[int, int], most: int) -> Record:
    """The row with one of its captions after a list of words; its id says which list."""
    rng = generator(*keys, row.id)
    kept = [word for word in words.get_vocab() if word.isalpha() and word not in STOP]
    text = row.captions[int(rng.integers(len(row.captions)))].text
    own = [word for word in dict.fromkeys(text.lower().replace(",", " ").replace(".", " ").split()) if word in kept][:most]
    others = [kept[int(place)] for place in rng.permutation(len(kept)) if kept[int(place)] not in own]
    shown = [*own, *others[: int(rng.integers(most - len(own) + 1))]]
    said = " ".join(shown[int(place)] for place in rng.permutation(len(shown)))
    id = f"{row.id}/list{keys[1]}"
    caption = Caption(f"{id}/told", f"{said} : {text}", style="told")
    return replace(row, id=id, captions=(caption,), chosen=(caption.id,))
