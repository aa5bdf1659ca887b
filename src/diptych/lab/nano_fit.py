"""Updates on columns that live on the device: what `train` does, for data small enough to be held there whole.

The nano models' objectives are those of `train`; only where batches come from differs, since a GPU would wait for decoding.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import monotonic, process_time
from typing import Any

import torch
from torch import Tensor, nn

from diptych.train.plan import Stage, Term
from diptych.train.schedule import rate

_TOGETHER = 16  # batches whose rows are sorted by length
_PACED = (10, 40)  # updates between which the pace is taken


@dataclass(frozen=True, slots=True)
class Feed:
    """Columns of one entry a row on the device, rows of an update, what becomes of a batch before the objective, and a limit of minutes.

    With `minutes` the pace of the first updates says how many there will be, the stage's at most; on a CPU, whose other work would
    count too, minutes of processor time.
    """

    columns: Mapping[str, Tensor]
    batch: int
    prepare: Callable[[dict[str, Tensor]], dict[str, Tensor]] = dict
    minutes: float = 0.0
    lengths: Tensor | None = None  # of each row's text: rows of like length share a batch, so that little is padding
    told: Callable[[], None] | None = None  # called at every quarter


@dataclass(frozen=True, slots=True)
class Spent:
    """What a training took; seconds of processor time on a CPU."""

    updates: int
    seconds: float


def fit(stage: Stage, model: nn.Module, feed: Feed) -> Spent:
    """Trains in place: AdamW with warm-up and the stage's schedule, clipped; bf16 on a GPU."""
    chosen = [one for name, one in model.named_parameters() if name.startswith(stage.trainable)]
    optimiser = torch.optim.AdamW(chosen, lr=stage.lr, weight_decay=stage.weight_decay, betas=stage.betas)
    device = chosen[0].device
    rows = shuffled(len(next(iter(feed.columns.values()))), feed.batch, device, feed.lengths)
    clock = monotonic if device.type == "cuda" else process_time
    begun = paced = clock()
    update = 0
    model.train()
    while update < stage.updates:
        for group in optimiser.param_groups:
            group["lr"] = stage.lr * rate(stage, update)
        terms = _update(stage, model, optimiser, feed.prepare(_taken(feed.columns, next(rows))), update)
        update += 1
        if feed.minutes and update in _PACED:
            next(iter(terms.values())).item()  # the clock is right only when the device is done
            stage, paced = _paced(stage, feed.minutes * 60 - (clock() - begun), clock() - paced, update), clock()
        if update % max(1, stage.updates // 20) == 0 or update == _PACED[1]:
            shown = {name: round(term.item(), 4) for name, term in terms.items()}
            print(f"{stage.name} {update}/{stage.updates} {clock() - begun:.0f} s", shown, flush=True)
        if feed.told is not None and update % max(1, stage.updates // 4) == 0:
            model.eval()
            feed.told()
            model.train()
    model.eval()
    return Spent(stage.updates, clock() - begun)


def _update(stage: Stage, model: nn.Module, optimiser: Any, tensors: dict[str, Tensor], update: int) -> Mapping[str, Tensor]:
    kind = next(model.parameters()).device.type
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        terms = {name: mean(term) for name, term in stage.objective(model, tensors, update).items()}
    loss = torch.stack([stage.weights.get(name, 1.0) * term for name, term in terms.items()]).sum()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_([one for group in optimiser.param_groups for one in group["params"]], stage.clip)
    optimiser.step()
    return terms


def mean(term: Term) -> Tensor:
    """A term as a scalar: pairs are a sum and a count."""
    return (term[0] / torch.as_tensor(term[1]).clamp(min=1)).float() if isinstance(term, tuple) else term.float()


def _taken(columns: Mapping[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
    return {name: column[rows] for name, column in columns.items()}


def _paced(stage: Stage, left: float, since: float, update: int) -> Stage:
    if update == _PACED[0]:
        return stage
    pace = since / (_PACED[1] - _PACED[0])
    return replace(stage, updates=min(stage.updates, update + max(20, int(left / pace))))


def shuffled(count: int, batch: int, device: torch.device, lengths: Tensor | None = None, seed: int = 0) -> Iterator[Tensor]:
    """Rows of batch after batch, every epoch in another order."""
    draws = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(count, generator=draws)
        whole = [order[start : start + batch] for start in range(0, max(1, count - batch + 1), batch)]
        if lengths is not None:
            whole = [part for start in range(0, len(whole), _TOGETHER) for part in _alike(whole[start : start + _TOGETHER], lengths, draws)]
        yield from (part.to(device) for part in whole)


def _alike(parts: list[Tensor], lengths: Tensor, draws: torch.Generator) -> list[Tensor]:
    rows = torch.cat(parts)
    ranked = torch.split(rows[lengths[rows].argsort(stable=True)], len(parts[0]))
    return [ranked[n] for n in torch.randperm(len(ranked), generator=draws).tolist()]
