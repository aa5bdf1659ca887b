"""A captioner of another family: one vector of the picture, handed to a recurrent network with every word.

Vinyals et al., 2015, arXiv:1411.4555, with a gated recurrent unit, and the places kept apart before they are joined in one vector.
"""

# B pictures or texts, M places, C their width, W width of the words, H of the state, T words, V words known

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

BOS = 1


class RecurrentCaptionerConfig(PretrainedConfig):
    """Words known, styles, places of the picture and their width, what of it is kept, widths of words and state."""

    model_type = "diptych_recurrent_captioner"

    def __init__(
        self,
        *,
        vocabulary: int = 512,
        styles: int = 4,
        places: int = 64,
        channels: int = 128,
        squeeze: int = 16,
        width: int = 128,
        state: int = 320,
        length: int = 96,
        **kwargs: Any,
    ):
        self.vocabulary, self.styles, self.places, self.channels, self.squeeze = vocabulary, styles, places, channels, squeeze
        self.width, self.state, self.length = width, state, length
        super().__init__(**kwargs)


class RecurrentCaptioner(PreTrainedModel):
    """Ids (B, T) to logits (B, T, V) of the word after each, from tokens (B, M, C) and a style's number (B,)."""

    config_class = RecurrentCaptionerConfig
    known = ("style",)  # the conditions of the captioning objective that it takes

    def __init__(self, config: RecurrentCaptionerConfig):
        super().__init__(config)
        self.squeeze = nn.Linear(config.channels, config.squeeze)
        self.view = nn.Sequential(
            nn.LayerNorm(config.places * config.squeeze), nn.Linear(config.places * config.squeeze, config.state), nn.GELU()
        )
        self.begin = nn.Linear(config.state, config.state)
        self.styles = nn.Embedding(config.styles, config.state)
        self.words = nn.Embedding(config.vocabulary, config.width)
        self.core = nn.GRU(config.width + config.state, config.state, batch_first=True)
        self.head = nn.Sequential(nn.Linear(config.state, config.width), nn.GELU(), nn.Linear(config.width, config.vocabulary))
        self.post_init()

    def forward(self, input_ids: Tensor, memory: Tensor, prefixes: Tensor) -> Tensor:
        """Logits (B, T, V)."""
        picture_BH, state_1BH = self.start(memory, prefixes)
        return self.go(input_ids, picture_BH, state_1BH)[0]

    def start(self, tokens_BMC: Tensor, style_B1H: Tensor) -> tuple[Tensor, Tensor]:
        """The picture's vector (B, H) and the first state (1, B, H)."""
        seen = self.view(self.squeeze(tokens_BMC.to(self.squeeze.weight.dtype)).flatten(1)) + style_B1H[:, 0]
        return seen, self.begin(seen).tanh()[None].contiguous()

    def go(self, ids_BT: Tensor, picture_BH: Tensor, state_1BH: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the word after each, and the state after the last."""
        given = torch.cat([self.words(ids_BT), picture_BH[:, None].expand(-1, ids_BT.shape[1], -1)], -1)
        found, state_1BH = self.core(given, state_1BH.to(given.dtype))
        return self.head(found), state_1BH

    def tokens(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """The memory of a batch: its `tokens`."""
        return tensors["tokens"]

    def prefixes(self, values: Mapping[str, Tensor], rows: int) -> Tensor:
        """Styles (B,) as vectors (B, 1, H)."""
        return self.styles(values["style"])[:, None]


class RecurrentScorer:
    """One decoding of a batch, as `decode` asks for it."""

    def __init__(self, model: RecurrentCaptioner, tokens_BMC: Tensor, style_B: Tensor):
        self.model = model
        self.picture_BH, self.state_1BH = model.start(tokens_BMC, model.prefixes({"style": style_B}, len(style_B)))

    def start(self) -> Tensor:
        """Logits (R, V) of the first word."""
        return self.next(torch.full((len(self.picture_BH),), BOS, device=self.picture_BH.device))

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        logits, self.state_1BH = self.model.go(ids_R[:, None], self.picture_BH, self.state_1BH)
        return logits[:, -1]

    def reorder(self, places_R: Tensor) -> None:
        """Puts the rows in another order."""
        self.picture_BH, self.state_1BH = self.picture_BH[places_R], self.state_1BH[:, places_R]
