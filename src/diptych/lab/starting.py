"""Where the arms of an experiment start from."""

from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig


def fresh_encoder(words: PreTrainedTokenizerBase, out: Path, *, seed: int, places: bool = False) -> Path:
    """A small dual encoder with weights drawn under the seed, which reads the frozen tower's tokens by their mean, or each in its place."""
    torch.manual_seed(seed)
    # transformers' spread of .02 leaves so small a model flat for its first hundred updates
    how: dict[str, Any] = {"pool": "flatten", "squeeze": 16, "blocks": 1} if places else {"pool": "mean", "squeeze": 64}
    config = DualEncoderConfig(vocabulary=len(words), width=64, reads_tokens=True, initializer_range=0.1, **how)
    DualEncoder(config).save_pretrained(out)
    words.save_pretrained(out)
    return out
