"""Numbers taken of a model while it trains, without a trace in the training."""

from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from diptych.train.ema import Averaged
from diptych.train.settings import Evaluate


def evaluated(evaluate: Evaluate, model: Any, update: int, averages: Averaged | None) -> dict[str, float]:
    """What `evaluate` says of the model, with its averaged weights if there are any. Random numbers go on as if nothing had been."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices), torch.no_grad(), averages.standing_in() if averages else nullcontext():
        model.eval()
        try:
            return {name: float(value) for name, value in evaluate(model, update).items()}
        finally:
            learning(model)


def learning(model: nn.Module) -> None:
    """Training mode where something is trained; modules that are frozen as a whole evaluate (no dropout, no moving statistics)."""
    model.train()
    for module in model.modules():
        own = list(module.parameters())
        if own and not any(one.requires_grad for one in own):
            module.eval()
