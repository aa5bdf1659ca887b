"""Grammar: a text tower learns to tell texts from corrupted ones while it keeps fitting pictures."""

# B texts, T tokens

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from diptych.train.contrastive import Contrastive
from diptych.train.plan import Objective, Term

TRAINABLE = ("encoder.text", "head")
"""What a stage trains: the text tower with its projection, and the head; pictures keep their vectors."""


def grammar_loss(right_B2: Tensor, wrong_B2: Tensor) -> Tensor:
    """Cross-entropy of logits (ungrammatical, grammatical) of texts and of their corrupted ones, the mean over both."""
    logits = torch.cat((right_B2, wrong_B2)).float()
    target = torch.cat((torch.ones(len(right_B2)), torch.zeros(len(wrong_B2)))).long().to(logits.device)
    return F.cross_entropy(logits, target)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The terms of `fits` (Cho et al., 2022, arXiv:2205.13115: InfoNCE with pictures) and "grammar", of "text" against "wrong"."""

    fits: Objective = field(default_factory=Contrastive)

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Term]:
        right, wrong = (model.grammar(tensors[f"{name}_ids"], tensors[f"{name}_mask"]) for name in ("text", "wrong"))
        return {**self.fits(model, tensors, update), "grammar": grammar_loss(right, wrong)}
