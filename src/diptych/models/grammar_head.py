"""A dual encoder with a head that tells whether a text is grammatical, on the text tower's vector before its projection.

Cho et al., 2022, arXiv:2205.13115, section 3.2: two layers without bias on the text encoder of CLIP, trained together with it.
"""

# B texts, T tokens, W width of the text tower, D width of the common space

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig


class GrammarEncoderConfig(PretrainedConfig):
    """`encoder` is the configuration of the dual encoder, ours or CLIP's."""

    model_type = "diptych_grammar_encoder"

    def __init__(self, encoder: dict[str, Any] | None = None, **kwargs: Any):
        self.encoder = encoder or DualEncoderConfig().to_dict()
        super().__init__(**kwargs)


class GrammarEncoder(PreTrainedModel):
    """Encodes pictures and texts as its encoder does; `grammar` gives logits (B, 2): ungrammatical, grammatical."""

    config_class = GrammarEncoderConfig

    def __init__(self, config: GrammarEncoderConfig):
        super().__init__(config)
        self.encoder, width = _built(config.encoder)
        self.head = nn.Sequential(nn.Linear(width, width, bias=False), nn.ReLU(), nn.Linear(width, 2, bias=False))
        self.post_init()

    @property
    def logit_scale(self) -> Tensor:
        """The encoder's."""
        found: Tensor = self.encoder.logit_scale
        return found

    @classmethod
    def of(cls, encoder: PreTrainedModel, seed: int = 0) -> "GrammarEncoder":
        """An encoder with a new head, drawn from the seed; its weights are copied."""
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            made = cls(GrammarEncoderConfig(encoder.config.to_dict()))
        made.encoder.load_state_dict(encoder.state_dict())
        return made

    def get_image_features(self, **given: Tensor) -> Any:
        """The encoder's."""
        return self.encoder.get_image_features(**given)

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Any:
        """The encoder's."""
        return self.encoder.get_text_features(input_ids=input_ids, attention_mask=attention_mask)

    def grammar(self, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """Logits (B, 2)."""
        if isinstance(self.encoder, DualEncoder):
            return self.head(self.encoder.text(ids_BT, mask_BT))
        return self.head(self.encoder.text_model(input_ids=ids_BT, attention_mask=mask_BT).pooler_output)


def _built(given: dict[str, Any]) -> tuple[Any, int]:
    """An encoder without weights, and the width of its text tower."""
    if given.get("model_type") == DualEncoderConfig.model_type:
        config = DualEncoderConfig(**{name: value for name, value in given.items() if name != "model_type"})
        return DualEncoder(config), config.width
    config = AutoConfig.for_model(**given)
    return AutoModel.from_config(config), config.text_config.hidden_size
