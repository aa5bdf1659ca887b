"""The one training loop."""

from collections.abc import Iterator
from functools import partial
from math import cos, pi
from pathlib import Path
from typing import Any

import torch

from diptych.data.draws import generator
from diptych.train.batch import Batch
from diptych.train.data import Data
from diptych.train.groups import trainable
from diptych.train.plan import Plan, Stage
from diptych.train.settings import Settings


def train(plan: Plan, model: Any, data: Data, out: Path, *, seed: int = 0, settings: Settings | None = None) -> Path:
    """Trains the model in place and saves it in `out`, which `from_pretrained` opens."""
    torch.manual_seed(seed)
    for stage in plan:
        run_stage(stage, model, data, seed)
    model.save_pretrained(out)
    if data.inputs.tokenizer is not None:
        data.inputs.tokenizer.save_pretrained(out)
    return out


def rate(stage: Stage, update: int) -> float:
    """Share of the stage's rate at an update: linear warm-up, then the schedule."""
    warm = max(1, round(stage.warmup * stage.updates))
    if update < warm:
        return (update + 1) / warm
    done = (update - warm) / max(1, stage.updates - warm)
    return {"cosine": (1 + cos(pi * done)) / 2, "linear": 1 - done, "constant": 1.0}[stage.schedule]


def run_stage(stage: Stage, model: Any, data: Data, seed: int) -> None:
    """One stage's updates."""
    chosen = trainable(stage, model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in dict(chosen))
    optimiser = torch.optim.AdamW([one for _, one in chosen], lr=stage.lr, weight_decay=stage.weight_decay, betas=stage.betas)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, partial(rate, stage))
    model.train()
    batches = endless(stage, model, data, seed)
    for update in range(stage.updates):
        terms = stage.objective(model, data.tensors(next(batches)), update)
        means = {name: term[0] / term[1] if isinstance(term, tuple) else term for name, term in terms.items()}
        loss = torch.stack([stage.weights.get(name, 1.0) * mean for name, mean in means.items()]).sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([one for _, one in chosen], stage.clip)
        optimiser.step()
        schedule.step()
        if update % 50 == 0:
            print(stage.name, update, {name: round(mean.item(), 4) for name, mean in means.items()}, flush=True)


def endless(stage: Stage, model: Any, data: Data, seed: int) -> Iterator[Batch]:
    """Episode after episode."""
    episode = 0
    while True:
        yield from stage.batches(model, data, generator(seed, stage.name, episode), episode)
        episode += 1
