"""Rewards by frozen encoders: how well a caption fits its picture, whether it finds it among others, whether it is grammatical.

A policy learns to please the encoder it is rewarded by: evaluate with another one.
"""

# B pictures, K captions of each, D width of the common space

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from diptych.data.errors import InputError
from diptych.models.dual import picture_vectors, scale_of, text_vectors
from diptych.models.dual_encoder import DualEncoder
from diptych.models.folders import folder_at, from_folder, stamp, words_from_folder
from diptych.models.grammar_head import GrammarEncoder
from diptych.models.pretrained import CLIP_MEAN, CLIP_STD, dual_of
from diptych.train.batch import Batch
from diptych.train.data import PIXELS, Data, Inputs, tokens
from diptych.train.rewards import Captions, Rewards


@dataclass(frozen=True, slots=True)
class Cosine:
    """`scale` * max(cosine, 0) of a caption and its picture (CLIPScore, Hessel et al., 2021, arXiv:2104.08718, without references).

    `encoder` is the folder of a dual encoder, kept frozen; `prompt` stands before each caption.
    """

    encoder: str
    scale: float = 2.5
    prompt: str = ""

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        text_BKD, picture_BD = encoded(self.encoder, captions, rows, data, self.prompt)
        return _array(self.scale * torch.einsum("bkd,bd->bk", text_BKD, picture_BD).clamp_min(0))


@dataclass(frozen=True, slots=True)
class SelfRetrieval:
    """log softmax over the batch's pictures of scale * cosine, at a caption's own (Dessi et al., 2023, arXiv:2304.01662; Gaur et al.,
    2024, arXiv:2409.03025). Random batches saturate; batches of alike pictures make it hard, too hard ones make it noise.

    `scale` 0 is the encoder's own; its size decides how much there is to learn, more than anything else.
    """  # fmt: skip

    encoder: str
    scale: float = 0.0
    prompt: str = ""

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        text_BKD, picture_BD = encoded(self.encoder, captions, rows, data, self.prompt)
        scale = self.scale or scale_of(frozen(self.encoder)[0])
        found_BKB = (scale * text_BKD @ picture_BD.T).log_softmax(-1)
        return _array(found_BKB[torch.arange(len(rows)), :, torch.arange(len(rows))])


@dataclass(frozen=True, slots=True)
class Grammatical:
    """The probability that a caption is grammatical, by the head of a folder that `train.grammar` trained."""

    encoder: str

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        model, inputs = frozen(self.encoder)
        if not isinstance(model, GrammarEncoder):
            raise InputError(f"{self.encoder} has no grammar head: train one on it with train.grammar")
        ids, mask = tokens([text for said in captions for text in said], inputs)
        with torch.inference_mode():
            return _array(model.grammar(ids.to(model.device), mask.to(model.device)).softmax(-1)[:, 1].view(len(rows), -1))


@torch.inference_mode()
def encoded(folder: str, captions: Captions, rows: NDArray[np.int64], data: Data, prompt: str = "") -> tuple[Tensor, Tensor]:
    """Unit vectors of captions (B, K, D) and of their pictures (B, D)."""
    model, inputs = frozen(folder)
    ids, mask = tokens([f"{prompt} {text}".strip() for said in captions for text in said], inputs)
    shown = data.taking(inputs).tensors(Batch(rows))
    picture_BD = picture_vectors(model, {name: one.to(model.device) for name, one in shown.items()})
    text_RD = text_vectors(model, ids.to(model.device), mask.to(model.device))
    return F.normalize(text_RD, dim=-1).view(len(rows), -1, text_RD.shape[-1]), F.normalize(picture_BD, dim=-1)


def frozen(folder: str) -> tuple[Any, Inputs]:
    """An encoder of a folder, PATH or hf:./PATH, and how it takes its inputs; InputError where it is none.

    Opened once in a process, and again where its folder holds another by now.
    """
    return _frozen(folder, stamp(folder))


@lru_cache(4)
def _frozen(folder: str, written: int) -> tuple[Any, Inputs]:
    path = folder_at(folder).resolve() / "config.json"
    if not path.is_file():
        raise InputError(f"{folder} holds no model (no config.json): name the folder of a trained dual encoder")
    if json.loads(path.read_text(encoding="utf-8")).get("model_type") != GrammarEncoder.config_class.model_type:
        known = dual_of(f"hf:{path.parent}")
        columns = ("tokens",) if known.reads_tokens else (PIXELS,)
        return _still(known.model), Inputs(known.tokenizer, known.length, known.size, known.mean, known.std, columns)
    model = _still(from_folder(GrammarEncoder, folder))
    tokenizer, config = words_from_folder(PreTrainedTokenizerFast, folder), model.encoder.config
    if isinstance(model.encoder, DualEncoder):
        columns = ("tokens",) if config.reads_tokens else (PIXELS,)
        return model, Inputs(tokenizer, config.length, config.tower.get("size", 64), columns=columns)
    text, seen = config.text_config, config.vision_config
    return model, Inputs(tokenizer, text.max_position_embeddings, seen.image_size, CLIP_MEAN, CLIP_STD)


def _still(model: Any) -> Any:
    return model.eval().requires_grad_(False).to("cuda" if torch.cuda.is_available() else "cpu")


def _array(values: Tensor) -> Rewards:
    found: Rewards = values.double().numpy(force=True)
    return found
