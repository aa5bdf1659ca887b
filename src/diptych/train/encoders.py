"""A dual encoder for a training, with the data as it takes them, and what its folder needs besides weights."""

from pathlib import Path

import torch

from diptych.engine.folder import write_json
from diptych.models.pretrained import OURS, Dual, dual_of, processor
from diptych.train.data import PIXELS, Data, Inputs
from diptych.train.distributed import rank


def encoder_for(address: str, data: Data, seed: int = 0) -> tuple[Dual, Data]:
    """The encoder behind an address (`models.pretrained.dual_of`), fresh weights drawn from the seed, and the rows for it.

    It reads the data's cached `tokens` where `data.inputs` asks for them. Words are learnt from all captions, or the data's own
    tokenizer is taken where it has one.
    """
    tokens = "tokens" in data.inputs.columns
    torch.manual_seed(seed)
    dual = dual_of(address, (text for row in range(len(data)) for text in data.texts(row)), tokens=tokens, words=data.inputs.tokenizer)
    columns = tuple(name for name in data.inputs.columns if name not in (PIXELS, "tokens"))
    shown = "tokens" if dual.reads_tokens else PIXELS
    return dual, data.taking(Inputs(dual.tokenizer, dual.length, dual.size, dual.mean, dual.std, (shown, *columns)))


def keep_processor(out: Path, dual: Dual) -> None:
    """preprocessor_config.json beside the weights of an encoder of transformers."""
    if rank() == 0 and not isinstance(dual.model, OURS):
        write_json(out / "preprocessor_config.json", processor(dual))
