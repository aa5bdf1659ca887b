"""Captioners of vectors as scorers."""

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from diptych.models.bridged_captioner import BridgedCaptioner
from diptych.models.decoding_causal import CausalScorer
from diptych.models.decoding_scorers import ModelScorer, Scorer


def scorer_of(model: BridgedCaptioner, vectors: Tensor, words: PreTrainedTokenizerBase) -> Scorer:
    """What `models.decoding.decode` takes: the language model with the vectors' prefixes before its first word."""
    prefixes_BPW = model.prefixes(vectors)
    if model.ours:
        return ModelScorer(model.language, len(vectors), prefixes=prefixes_BPW)
    first = words.bos_token_id if words.bos_token_id is not None else words.eos_token_id
    return CausalScorer(model.language, torch.full((len(vectors), 1), first, device=prefixes_BPW.device), prefixes_BPW)
