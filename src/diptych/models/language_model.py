"""A small causal language model: the captioner's decoder without a memory."""

# B texts, T words, P prefixes, W width, V words known

from typing import Any

from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from diptych.models.decoder import Decoder
from diptych.models.kv_cache import Cache


class LanguageModelConfig(PretrainedConfig):
    """Words known, width, blocks, heads, and the longest text."""

    model_type = "diptych_language_model"

    def __init__(self, *, vocabulary: int = 512, width: int = 128, blocks: int = 2, heads: int = 4, length: int = 64, **kwargs: Any):
        self.vocabulary, self.width, self.blocks, self.heads, self.length = vocabulary, width, blocks, heads, length
        super().__init__(**kwargs)


class LanguageModel(PreTrainedModel):
    """Ids (B, T) to logits (B, T, V) of the word after each."""

    config_class = LanguageModelConfig

    def __init__(self, config: LanguageModelConfig):
        super().__init__(config)
        self.decoder = Decoder(config.vocabulary, config.width, blocks=config.blocks, heads=config.heads, length=config.length, looks=False)
        self.post_init()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, prefixes: Tensor | None = None, *, cache: Cache | None = None
    ) -> Tensor:  # fmt: skip
        """Logits (B, T, V); texts are padded on the right, so that the causal order hides the padding and the mask changes nothing."""
        return self.decoder(input_ids, None, prefixes, cache)
