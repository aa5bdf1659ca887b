"""A captioner: visual memory, a list of prefix vectors that say under which conditions to write, and a causal decoder."""

# B pictures or texts, S side in pixels, M places of the memory, C their width, P prefixes, W width of the decoder, T words, V words known

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from diptych.data.errors import InputError
from diptych.models.conv_tower import ConvTower, ConvTowerConfig
from diptych.models.decoder import Decoder
from diptych.models.kv_cache import Cache

NULL = -1  # the bucket that says nothing


class PrefixCaptionerConfig(PretrainedConfig):
    """`tower`, where pixels are read, is the configuration of the image tower; without it pictures come as tokens (B, M, C).

    `places` is M and `channels` C; with `places` 0 there is no memory and all that is known of a picture comes as prefixes.
    `conditions` are buckets by name ({"alignment": 8}), `numbers` vectors of so many numbers ({"box": 4, "mask": 64}), `phrases` texts
    of so many words ({"question": 16}).
    """

    model_type = "diptych_prefix_captioner"

    def __init__(
        self,
        *,
        tower: dict[str, Any] | None = None,
        vocabulary: int = 512,
        width: int = 128,
        blocks: int = 2,
        heads: int = 4,
        length: int = 64,
        places: int = 64,
        channels: int = 128,
        conditions: dict[str, int] | None = None,
        numbers: dict[str, int] | None = None,
        phrases: dict[str, int] | None = None,
        **kwargs: Any,
    ):
        self.tower = tower
        self.vocabulary, self.width, self.blocks, self.heads, self.length = vocabulary, width, blocks, heads, length
        self.places, self.channels = places, channels
        self.conditions, self.numbers, self.phrases = conditions or {}, numbers or {}, phrases or {}
        super().__init__(**kwargs)


class PrefixCaptioner(PreTrainedModel):
    """Ids (B, T) to logits (B, T, V) of the word after each.

    `condition` makes one condition's prefixes and `prefixes` those of all, null where nothing is said; prefixes of a bridge are handed
    to `forward` as they are. A picture that is not given, or dropped, is a learnt null picture.
    """

    config_class = PrefixCaptionerConfig

    def __init__(self, config: PrefixCaptionerConfig):
        super().__init__(config)
        width = config.width
        self.tower = None if config.tower is None else ConvTower(ConvTowerConfig(**config.tower))
        if config.places:
            self.sees = nn.Linear(config.channels, width)
            self.sites = nn.Parameter(torch.randn(config.places, width) * 0.02)
            self.nothing = nn.Parameter(torch.randn(1, 1, width) * 0.02)
            self.view = nn.LayerNorm(width)
        self.buckets = nn.ModuleDict({name: nn.Embedding(count + 1, width) for name, count in config.conditions.items()})
        self.numbers = nn.ModuleDict({name: nn.Linear(2 * size, width) for name, size in config.numbers.items()})
        self.phrases = nn.ParameterDict({name: nn.Parameter(torch.randn(n, width) * 0.02) for name, n in config.phrases.items()})
        self.decoder = Decoder(
            config.vocabulary, width, blocks=config.blocks, heads=config.heads, length=config.length, looks=bool(config.places)
        )
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        memory: Tensor | None = None,
        prefixes: Tensor | None = None,
        *,
        cache: Cache | None = None,
        dropped: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, T, V) from memory (B, M, C) and prefixes (B, P, W); `dropped` (B,) are pictures to be hidden.

        Texts are padded on the right, so that the causal order hides the padding and `attention_mask` changes nothing. With a cache,
        memory and prefixes are given at its first call only.
        """
        begun = cache is not None and cache.length > 0
        seen = None if begun or not self.config.places else self.seen(memory, len(input_ids), dropped)
        return self.decoder(input_ids, seen, prefixes, cache)

    def seen(self, memory: Tensor | None, rows: int = 1, dropped: Tensor | None = None) -> Tensor:
        """What the decoder looks at, (B, M, W): tokens (B, M, C) with their places, or the null picture."""
        if memory is None:
            return self.view(self.nothing).expand(rows, 1, -1)
        found = self.sees(memory.to(self.sees.weight.dtype)) + self.sites[: memory.shape[1]]
        if dropped is not None:
            found = torch.where(dropped[:, None, None], self.nothing, found)
        return self.view(found)

    def tokens(self, tensors: Mapping[str, Tensor]) -> Tensor | None:
        """Memory (B, M, C): `tokens` as they are, or `pixel_values` through the tower; None without a memory."""
        if not self.config.places:
            return None
        if "tokens" in tensors:
            return tensors["tokens"]
        if self.tower is None:
            raise InputError("this captioner reads the tokens of a tower that it does not hold: give tokens, not pixels")
        return self.tower(tensors["pixel_values"])

    def condition(self, name: str, value: Tensor) -> Tensor:
        """Prefixes (B, 1, W) of buckets (B,), -1 for null, or of numbers (B, n), NaN for null; (B, n, W) of a phrase's ids (B, n)."""
        if name in self.buckets:
            return self.buckets[name](torch.where(value < 0, self.config.conditions[name], value))[:, None]
        if name in self.numbers:
            known = ~value.isnan()
            both = torch.cat([value.nan_to_num(0.0), known.to(value.dtype)], 1)
            return self.numbers[name](both.to(self.dtype))[:, None]
        if name in self.phrases:
            # padded to a fixed number of words, so that a row's prefixes do not hang on its neighbours
            room = self.config.phrases[name]
            padded = nn.functional.pad(value[:, :room], (0, max(0, room - value.shape[1])))
            return self.decoder.words(padded) + self.phrases[name]
        raise InputError(f"unknown condition {name!r}: this captioner knows {', '.join(self.known) or 'none'}")

    @property
    def known(self) -> tuple[str, ...]:
        """The names of all conditions, in the order of their prefixes."""
        return (*self.config.conditions, *self.config.numbers, *self.config.phrases)

    def prefixes(self, values: Mapping[str, Tensor], rows: int) -> Tensor | None:
        """(B, P, W) of all conditions, those not given null; None where the captioner knows none. Other names are left alone."""
        made = [self.condition(name, values[name] if name in values else self._null(name, rows)) for name in self.known]
        return torch.cat(made, 1) if made else None

    def _null(self, name: str, rows: int) -> Tensor:
        if name in self.config.conditions:
            return torch.full((rows,), NULL, device=self.device)
        if name in self.config.numbers:
            return torch.full((rows, self.config.numbers[name]), float("nan"), device=self.device)
        return torch.zeros(rows, self.config.phrases[name], dtype=torch.long, device=self.device)
