"""A captioner for a training, with the data as it takes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast
from transformers.utils import logging

from diptych.data.errors import AddressError, InputError
from diptych.models.folders import folder_at, from_folder, words_from_folder
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.words import word_tokenizer
from diptych.train.data import PIXELS, Data, Inputs

SCRATCH = "nano:prefix"
TOKENS = "tokens"
_LENGTH = 64


def captioner_for(address: str, data: Data, seed: int = 0, **config: Any) -> tuple[PrefixCaptioner, Data]:
    """The captioner behind an address, and the rows with its words and its kind of picture.

    `nano:prefix` starts from scratch, with a tokenizer of the captions' words unless the data bring one; it reads cached `tokens` where
    `data.inputs` asks for them, else pixels through a tower of its own. `hf:./PATH`, or a path, goes on from a folder. `config` is laid
    over the configuration; weights that it adds are drawn from the seed. Raises AddressError for anything else, InputError for a
    captioner that reads tokens where there are none.
    """
    torch.manual_seed(seed)
    if address == SCRATCH:
        words = data.inputs.tokenizer or word_tokenizer(text for row in range(len(data)) for text in data.texts(row))
        tower: dict[str, Any] | None = None if TOKENS in data.inputs.columns else {}
        model = PrefixCaptioner(PrefixCaptionerConfig(**{"vocabulary": len(words), "length": _LENGTH, "tower": tower, **config}))
    else:
        path = _folder(address)
        words = _words(path, data)
        with _quietly():
            model = from_folder(PrefixCaptioner, path, **config)
    return model, data.taking(_inputs(model, words, data))


@contextmanager
def _quietly() -> Iterator[None]:
    # weights that `config` adds are meant to be missing, of which transformers would warn
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _inputs(model: PrefixCaptioner, words: PreTrainedTokenizerBase, data: Data) -> Inputs:
    rest = tuple(name for name in data.inputs.columns if name not in (PIXELS, TOKENS))
    if model.tower is None:
        if model.config.places and TOKENS not in data.columns:
            raise InputError(
                "this captioner reads cached tokens of a tower, and the data has none: add the column with lab.nano.with_tokens"
            )
        seen = (TOKENS,) if model.config.places else ()
        return replace(data.inputs, tokenizer=words, length=model.config.length, columns=(*seen, *rest))
    return Inputs(words, model.config.length, model.tower.config.size, columns=(PIXELS, *rest))


def _folder(address: str) -> Path:
    path = folder_at(address)
    if not (path / "config.json").is_file():
        raise AddressError(f"{address!r} is no captioner to train: name {SCRATCH}, or the folder of a trained one as hf:./PATH")
    return path


def _words(path: Path, data: Data) -> PreTrainedTokenizerBase:
    if (path / "tokenizer.json").is_file():
        return words_from_folder(PreTrainedTokenizerFast, path)
    if data.inputs.tokenizer is None:
        raise InputError(
            f"{path} has no tokenizer.json, and the data brings no tokenizer: copy the one it was trained with into the folder"
        )
    return data.inputs.tokenizer
