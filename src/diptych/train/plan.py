"""What is trained, in which order: a plan is a tuple of stages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from diptych.data.errors import InputError
from diptych.train.batch import Batch
from diptych.train.data import Data

Count = Tensor | float
Term = Tensor | tuple[Tensor, Count]
"""A mean over the batch's rows, as a scalar; or, over anything else (tokens, boxes), the pair (sum, count). Either way the loop makes
the mean over all processes and all parts of an accumulated batch of it. A batch without tokens gives (0 with a gradient, 0)."""
Terms = Mapping[str, Term]  # by name; the total is their weighted sum
Objective = Callable[[Any, Mapping[str, Tensor], int], Terms]  # (model, tensors, update)
BatchMaker = Callable[[Any, Data, np.random.Generator, int], Iterator[Batch]]  # (model, data, rng, episode): one episode
"""The same batches on every process, unless `Batch.local`. A maker that asks the model (rollouts, hard negatives by its vectors) has
the attribute `asks_model = True` (a ClassVar): its batches are then drawn only when the update before is done, and checkpoints wait for
the end of its episode."""


@runtime_checkable
class Counting(Protocol):
    """An objective that tells the counts of its pairs from the tensors alone; needed where `accumulate` > 1 and a term is a pair."""

    def counts(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Count]:
        """By the names of the terms."""
        ...


@dataclass(frozen=True, slots=True)
class Lora:
    """Low-rank adapters (Hu et al., 2021, arXiv:2106.09685) on the linear layers whose names end with one of `targets`.

    Adapters go where the stage's `trainable` prefixes point; beside them only parameters under the prefixes `whole` are trained. At the
    end of the stage they are merged into the weights, so that the model keeps its architecture and its folder opens as ever.
    """

    targets: tuple[str, ...]
    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One objective on one kind of batch for so many updates (AdamW).

    `trainable` are prefixes of parameter names ("" is all of them); the rest is frozen. `lr_of` multiplies the rate of parameters
    whose names begin with a prefix (the longest that fits). `weights` are of terms, 1 unless said; that of "reward" is also of
    "reward.cosine" and other parts. `warmup` is a share of the updates.
    `accumulate` splits each batch into so many parts of less memory. `ema` is the decay of averaged weights, 0 for none: they take the
    place of the last weights when the stage ends. `clip` is the greatest norm of the gradient, 0 for any.
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

    def weight(self, term: str) -> float:
        """Of a term in the loss."""
        return self.weights.get(term, self.weights.get(term.partition(".")[0], 1.0))


Plan = tuple[Stage, ...]

_RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "updates": ("be 0 or more", lambda value: value >= 0),
    "lr": ("be 0 or more", lambda value: value >= 0),
    "schedule": ("be one of cosine, linear, constant", lambda value: value in ("cosine", "linear", "constant")),
    "warmup": ("lie in [0, 1]", lambda value: 0 <= value <= 1),
    "weight_decay": ("be 0 or more", lambda value: value >= 0),
    "clip": ("be 0 (any gradient) or more", lambda value: value >= 0),
    "accumulate": ("be 1 or more", lambda value: value >= 1),
    "ema": ("lie in [0, 1)", lambda value: 0 <= value < 1),
}


def check(plan: Plan) -> None:
    """InputError for a plan that cannot be trained."""
    if not plan:
        raise InputError("a plan must have a stage, got none")
    for stage in plan:
        for name, (rule, holds) in _RULES.items():
            value = getattr(stage, name)
            if not holds(value):
                raise InputError(f"{name} of stage {stage.name!r} must {rule}, got {value!r}")
    if not any(stage.updates for stage in plan):
        raise InputError("a plan must have an update, got 0 of them: give updates")
    names = [stage.name for stage in plan]
    if len(set(names)) < len(names):
        raise InputError(f"stages must have names of their own, since what they draw hangs on them, got {', '.join(names)}")
