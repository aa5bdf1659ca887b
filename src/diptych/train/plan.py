"""What is trained, in which order: a plan is a tuple of stages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from torch import Tensor, nn

from diptych.train.batch import Batch
from diptych.train.data import Data

Terms = Mapping[str, Tensor]  # scalars by name; the total is their weighted sum
Objective = Callable[[Any, Mapping[str, Tensor], int], Terms]  # (model, tensors, update)
BatchMaker = Callable[[Any, Data, np.random.Generator, int], Iterator[Batch]]  # (model, data, rng, episode): one episode


@dataclass(frozen=True, slots=True)
class Lora:
    """Low-rank adapters on the linear layers whose names end with one of `targets`."""

    targets: tuple[str, ...]
    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One objective on one kind of batch for so many updates (AdamW).

    `trainable` are prefixes of parameter names ("" is all of them); the rest is frozen. `lr_of` multiplies the rate of parameters
    whose names begin with a prefix. `weights` are of terms, 1 unless said. `warmup` is a share of the updates.
    """

    name: str
    objective: Objective
    batches: BatchMaker
    updates: int
    lr: float = 1e-3
    trainable: tuple[str, ...] = ("",)
    weights: Mapping[str, float] = field(default_factory=dict)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: float = 0.05
    weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 1.0
    accumulate: int = 1
    ema: float = 0.0
    lr_of: Mapping[str, float] = field(default_factory=dict)
    lora: Lora | None = None


Plan = tuple[Stage, ...]


def trainable(stage: Stage, model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """The parameters that a stage trains, by name."""
    return [(name, one) for name, one in model.named_parameters() if name.startswith(stage.trainable)]
