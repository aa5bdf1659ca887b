"""A captioner that sees vectors of another space: a bridge turns them into prefixes of a causal language model."""

# B rows, S vectors of a row, D width of their space, P prefixes, W width of the language model, T words, V words known

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel

from diptych.data.errors import InputError
from diptych.models.bridges import bridge_of
from diptych.models.language_model import LanguageModel, LanguageModelConfig


class BridgedCaptionerConfig(PretrainedConfig):
    """`source` is D; `language` is the configuration of a causal language model, ours unless it names another `model_type`.

    `encoder` is the folder of the dual encoder whose vectors it learnt to write about.
    """

    model_type = "diptych_bridged_captioner"

    def __init__(
        self,
        source: int = 128,
        bridge: str = "linear",
        prefixes: int = 4,
        language: dict[str, Any] | None = None,
        encoder: str = "",
        **kwargs: Any,
    ):
        self.source, self.bridge, self.prefixes = source, bridge, prefixes
        self.language, self.encoder = language or {}, encoder
        super().__init__(**kwargs)


class BridgedCaptioner(PreTrainedModel):
    """Ids (B, T) and vectors (B, D), or (B, S, D) for queries, to logits (B, T, V) of the word after each."""

    config_class = BridgedCaptionerConfig

    def __init__(self, config: BridgedCaptionerConfig):
        super().__init__(config)
        self.language, width = _language(config.language)
        self.bridge = bridge_of(config.bridge, config.source, width, config.prefixes)
        self.post_init()

    @classmethod
    def around(cls, language: PreTrainedModel, *, source: int, bridge: str = "linear", prefixes: int = 4) -> "BridgedCaptioner":
        """A fresh bridge before a causal language model that has learnt something, which becomes part of it."""
        made = cls(BridgedCaptionerConfig(source, bridge, prefixes, language.config.to_diff_dict()))
        made.language.load_state_dict(language.state_dict())
        return made

    @property
    def ours(self) -> bool:
        """Whether the language model is ours, not one of transformers."""
        return isinstance(self.language, LanguageModel)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, vectors: Tensor | None = None) -> Tensor:
        """Logits (B, T, V); texts are padded on the right."""
        prefixes_BPW = self.prefixes(vectors)
        if self.ours:
            return self.language(input_ids, prefixes=prefixes_BPW)
        words: nn.Module = self.language.get_input_embeddings()  # type: ignore[operator]
        said_BTW = words(input_ids)
        seen_BLW = torch.cat([prefixes_BPW.to(said_BTW.dtype), said_BTW], 1)
        return self.language(inputs_embeds=seen_BLW).logits[:, prefixes_BPW.shape[1] :]

    def prefixes(self, vectors: Tensor | None) -> Tensor:
        """(B, P, W), to be handed to whatever decodes `language`."""
        if vectors is None:
            raise InputError("a bridged captioner writes about vectors: give it some")
        weight = next(self.bridge.parameters())
        # entries of unit vectors are so small that the bridge's own bias would outweigh them
        return self.bridge(vectors.to(weight.device, weight.dtype) * self.config.source**0.5)


def _language(settings: dict[str, Any]) -> tuple[nn.Module, int]:
    kind = settings.get("model_type", LanguageModelConfig.model_type)
    if kind == LanguageModelConfig.model_type:
        config = LanguageModelConfig(**settings)
        return LanguageModel(config), config.width
    made = AutoModelForCausalLM.from_config(AutoConfig.for_model(**settings))
    return made, made.get_input_embeddings().embedding_dim
