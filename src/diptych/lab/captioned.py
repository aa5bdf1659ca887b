"""What experiments with captioners share: encoders and captioners to begin with, captions written, captions that tell all."""

from pathlib import Path
from typing import Any

import torch

from diptych.lab.protocols_captions import written
from diptych.lab.worlds import Corpus, Telling, corpus
from diptych.models.decoding_settings import Settings
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.folders import from_folder
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive, SameText
from diptych.train.data import Data
from diptych.train.loop import train
from diptych.train.plan import Stage

MOST = 40  # words of a caption


def encoder_on(data: Data, out: Path, *, width: int, updates: int, seed: int) -> Path:
    """A dual encoder trained on the data's captions and cached tokens, equal captions counted as right.

    Two blocks of the text tower: one alone, asked at its first token, cannot see which words stand side by side. What is read from each
    token is averaged, so that colours and numbers are learnt from a few thousand pictures.
    """
    torch.manual_seed(seed + width)
    words = data.inputs.tokenizer
    assert words is not None
    shape: dict[str, Any] = {"width": width, "dimension": width, "blocks": 2, "length": data.inputs.length, "squeeze": 64}
    config = DualEncoderConfig(vocabulary=len(words), **shape, pool="mean", reads_tokens=True)
    stage = Stage("contrastive", Contrastive(belongs=SameText()), Random(min(96, len(data))), updates, lr=1.5e-3)
    return train((stage,), DualEncoder(config), data, out, seed=seed + width)


def captioner_for(data: Data, out: Path, *, width: int = 96, seed: int = 0) -> Path:
    """A captioner that has learnt nothing yet, in a folder to begin from."""
    torch.manual_seed(seed)
    words = data.inputs.tokenizer
    assert words is not None
    PrefixCaptioner(PrefixCaptionerConfig(vocabulary=len(words), width=width, length=data.inputs.length)).save_pretrained(out)
    words.save_pretrained(out)
    return out


def captions_by(folder: Path, data: Data) -> list[str]:
    """The likeliest caption of each row by the captioner of a folder."""
    return written(from_folder(PrefixCaptioner, folder), data, Settings("greedy", MOST))


def told_in_full(known: Corpus, seed: int = 0) -> list[str]:
    """A true caption of each row that names everything with its colour and its number: what a perfect captioner would say."""
    return [told[0].text for told in corpus(known.address, Telling(), seed=seed).told]
