"""A captioner of vectors for a training, by address, with the data as it takes them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from diptych.data.errors import AddressError, InputError
from diptych.models.bridged_captioner import BridgedCaptioner, BridgedCaptionerConfig
from diptych.models.folders import folder_at, from_folder, words_from_folder
from diptych.models.language_model import LanguageModel
from diptych.train.data import Data

_BRIDGED = BridgedCaptionerConfig.model_type
_OURS = {_BRIDGED, "diptych_language_model"}


def language_of(address: str) -> tuple[Any, PreTrainedTokenizerBase]:
    """The causal language model of a folder, ours or of transformers, to be used, with its tokenizer; AddressError for anything else."""
    path, kind = _kind(address)
    if kind == _BRIDGED:
        raise AddressError(f"{address!r} writes about vectors, not after words: name the folder of a causal language model")
    opened, words = (LanguageModel, PreTrainedTokenizerFast) if kind in _OURS else (AutoModelForCausalLM, AutoTokenizer)
    return from_folder(opened, path).eval(), words_from_folder(words, path)


def bridged_for(address: str, data: Data, seed: int = 0, *, bridge: str = "linear", prefixes: int = 4) -> tuple[BridgedCaptioner, Data]:
    """The captioner behind `hf:./PATH` or a path, and the rows with its words and the column `vectors` alone.

    A folder of a bridged captioner goes on; a causal language model, ours or of transformers, gets a fresh bridge drawn from the seed,
    which reads vectors as wide as the data's. Raises AddressError for anything else.
    """
    path, kind = _kind(address)
    wide = data.columns["vectors"].shape[-1]
    torch.manual_seed(seed)
    if kind == _BRIDGED:
        model = from_folder(BridgedCaptioner, path)
    else:
        model = BridgedCaptioner.around(language_of(address)[0], source=wide, bridge=bridge, prefixes=prefixes)
    if model.config.source != wide:
        raise InputError(f"{path} reads vectors of {model.config.source} dimensions, the encoder's have {wide}: name its own encoder")
    ours = kind in _OURS
    words = words_from_folder(PreTrainedTokenizerFast, path) if ours else framed(words_from_folder(AutoTokenizer, path), path)
    return model, data.taking(replace(data.inputs, tokenizer=words, columns=()))


def framed(words: PreTrainedTokenizerBase, path: Path) -> PreTrainedTokenizerBase:
    """A tokenizer of transformers whose texts begin and end with marks, without which a captioner learns neither its first word nor to end.

    GPT-2's says none of them, Llama's only the first. Where there is no beginning mark, the end's serves; so for padding.
    """
    if words.eos_token is None:
        raise InputError(f"the tokenizer in {path} has no word that ends a text: give it an eos_token")
    first = words.bos_token or words.eos_token
    marks = {word: words.convert_tokens_to_ids(word) for word in (first, words.eos_token)}
    frame = TemplateProcessing(single=[first, "$A", words.eos_token], special_tokens=list(marks.items()))
    words.backend_tokenizer.post_processor = frame
    if words.pad_token is None:
        words.pad_token = words.eos_token
    words.padding_side = "right"
    return words


def _kind(address: str) -> tuple[Path, str]:
    path = folder_at(address)
    if not (path / "config.json").is_file():
        raise AddressError(f"{address!r} holds no model: name the folder of a bridged captioner or of a causal language model")
    return path, str(json.loads((path / "config.json").read_text(encoding="utf-8")).get("model_type"))
