"""An answerer: a question read beside the picture's tokens, and one of a fixed list of answers."""

# B questions, T words, M places, C their width, W width, A answers

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel


class AnswererConfig(PretrainedConfig):
    """Words known, the answers that can be given, places of the picture and their width."""

    model_type = "diptych_answerer"

    def __init__(
        self,
        *,
        vocabulary: int = 512,
        answers: Sequence[str] = ("no", "yes"),
        places: int = 64,
        channels: int = 128,
        width: int = 128,
        blocks: int = 3,
        length: int = 32,
        **kwargs: Any,
    ):
        self.vocabulary, self.answers, self.places, self.channels = vocabulary, list(answers), places, channels
        self.width, self.blocks, self.length = width, blocks, length
        super().__init__(**kwargs)


class AnswererModel(PreTrainedModel):
    """Ids and mask (B, T) and tokens (B, M, C) to logits (B, A)."""

    config_class = AnswererConfig

    def __init__(self, config: AnswererConfig):
        super().__init__(config)
        width = config.width
        self.sees = nn.Linear(config.channels, width)
        self.sites = nn.Parameter(torch.randn(config.places, width) * 0.02)
        self.words = nn.Embedding(config.vocabulary, width)
        self.places = nn.Parameter(torch.randn(config.length, width) * 0.02)
        layer = nn.TransformerDecoderLayer(width, 4, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerDecoder(layer, config.blocks, nn.LayerNorm(width))
        self.head = nn.Linear(width, len(config.answers))
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, tokens: Tensor) -> Tensor:
        """Logits of the answers, from the first word, which sees all others and the picture."""
        memory_BMW = self.sees(tokens.to(self.sees.weight.dtype)) + self.sites
        words_BTW = self.words(input_ids) + self.places[: input_ids.shape[1]]
        found_BTW = self.blocks(words_BTW, memory_BMW, tgt_key_padding_mask=attention_mask == 0)
        return self.head(found_BTW[:, 0])
