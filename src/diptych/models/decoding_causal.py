"""Causal language models of transformers as scorers, with prefix vectors before their prompt."""

# R rows, T words of the prompt, P prefixes, W width of the model's embeddings, V words known

from inspect import signature
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache


class CausalScorer:
    """A model such as GPT-2 or Llama: prefixes (R, P, W), then the prompt's ids (R, T), padded on the left where `mask` (R, T) is 0."""

    def __init__(self, model: Any, prompt_RT: Tensor, prefixes: Tensor | None = None, mask_RT: Tensor | None = None):
        self.model, self.prompt_RT, self.prefixes = model, prompt_RT, prefixes
        before = 0 if prefixes is None else prefixes.shape[1]
        mask_RT = torch.ones_like(prompt_RT) if mask_RT is None else mask_RT
        self.mask_RL = torch.cat([mask_RT.new_ones(len(prompt_RT), before), mask_RT], 1)
        self.cache = DynamicCache(config=model.config)
        # transformers renamed the argument in its fifth version
        self.named = "cache" if "cache" in signature(model.forward).parameters else "past_key_values"

    def start(self) -> Tensor:
        """Logits (R, V) of the first word after the prompt."""
        embedded = self.model.get_input_embeddings()(self.prompt_RT)
        if self.prefixes is not None:
            embedded = torch.cat([self.prefixes.to(embedded.dtype), embedded], 1)
        places = (self.mask_RL.cumsum(1) - 1).clamp(min=0)
        return self._scored(places, inputs_embeds=embedded)

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        self.mask_RL = torch.cat([self.mask_RL, self.mask_RL.new_ones(len(ids_R), 1)], 1)
        return self._scored(self.mask_RL.sum(1, keepdim=True) - 1, input_ids=ids_R[:, None])

    def reorder(self, places_R: Tensor) -> None:
        """Puts the rows in another order."""
        self.cache.batch_select_indices(places_R)
        self.mask_RL = self.mask_RL[places_R]

    def _scored(self, places: Tensor, **inputs: Tensor) -> Tensor:
        # a mask of ones alone would cost attention its fast path
        mask = None if bool(self.mask_RL.all()) else self.mask_RL
        made = self.model(**inputs, **{self.named: self.cache}, attention_mask=mask, position_ids=places, use_cache=True, logits_to_keep=1)
        return made.logits[:, -1]
