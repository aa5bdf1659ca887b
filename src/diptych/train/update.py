"""One update: the terms of a batch, their gradient over all of its parts and processes, and the optimiser's move."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from diptych.data.errors import InputError
from diptych.train.distributed import ranks, summed
from diptych.train.plan import Count, Counting, Objective, Stage, Term
from diptych.train.schedule import rate

ROWS = ""  # the name under which rows are counted


class Scored(nn.Module):
    """A model under its objective. What wraps a module for several processes or less precision wraps this, so that both see every call."""

    def __init__(self, model: nn.Module, objective: Objective):
        super().__init__()
        self.model, self.objective = model, objective

    def forward(self, tensors: Mapping[str, Tensor], update: int) -> dict[str, Term]:
        """The terms."""
        return dict(self.objective(self.model, tensors, update))


Pairs = Mapping[str, tuple[Tensor, Tensor]]  # by the names of terms: sum and count


def pairs_of(terms: Mapping[str, Term], rows: int) -> dict[str, tuple[Tensor, Tensor]]:
    """Every term as sum and count: a scalar is a mean over the rows."""
    found = {}
    for name, term in terms.items():
        total, count = term if isinstance(term, tuple) else (term * rows, rows)
        found[name] = total.float(), torch.as_tensor(count, dtype=torch.float32, device=total.device)
    return found


def parts_of(tensors: Mapping[str, Tensor], parts: int) -> list[dict[str, Tensor]]:
    """The entries of a batch in so many runs of about one length; InputError if there are fewer entries."""
    rows = len(tensors["rows"])
    if rows < parts:
        raise InputError(f"a batch of {rows} rows (of this process) cannot be accumulated in {parts} parts: give larger batches")
    edges = [rows * part // parts for part in range(parts + 1)]
    return [{name: one[a:b] for name, one in tensors.items()} for a, b in pairwise(edges)]


def counted(stage: Stage, parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Counts over all parts and processes, as far as they are known before the objective is called; that of rows always is."""
    objective = stage.objective
    found = [{ROWS: len(part["rows"]), **(objective.counts(part) if isinstance(objective, Counting) else {})} for part in parts]
    return totals({name: sum((one[name] for one in found), 0.0) for name in found[0]}, parts[0]["rows"].device)


def totals(counts: Mapping[str, Count], device: torch.device) -> dict[str, Tensor]:
    """Each count summed over all processes, at least a little so that nothing is divided by 0."""
    if not counts:
        return {}
    held = torch.stack([torch.as_tensor(count, dtype=torch.float32, device=device) for count in counts.values()])
    return dict(zip(counts, summed(held).clamp(min=1e-20), strict=True))


def loss_of(stage: Stage, pairs: Pairs, scalars: set[str], known: Mapping[str, Tensor]) -> Tensor:
    """This part's share in the weighted sum of means, times the number of processes, over whose gradients the mean is taken.

    InputError if a pair's count over the whole batch cannot be known.
    """
    late = {name: count for name, (_, count) in pairs.items() if name not in scalars and name not in known}
    if late and stage.accumulate > 1:
        raise InputError(
            f"stage {stage.name!r} accumulates {stage.accumulate} parts, and its objective gives {min(late)!r} as (sum, count):"
            " it must then have a method `counts(tensors)`, or accumulate must be 1"
        )
    whole = {**known, **totals(late, next(iter(pairs.values()))[0].device)}
    shares = [stage.weight(name) * pair[0] / whole[ROWS if name in scalars else name] for name, pair in pairs.items()]
    return torch.stack(shares).sum() * ranks()


@dataclass(slots=True, eq=False)
class Sums:
    """Sums and counts of terms over updates."""

    found: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def add(self, pairs: Pairs) -> None:
        """Takes a part of a batch in."""
        for name, (total, count) in pairs.items():
            before = self.found.get(name)
            held = total.detach(), count
            self.found[name] = held if before is None else (before[0] + held[0], before[1] + held[1])

    def everywhere(self) -> dict[str, tuple[float, float]]:
        """Over all processes."""
        if not self.found:
            return {}
        held = summed(torch.stack([torch.stack(pair) for pair in self.found.values()])).tolist()
        return {name: (total, count) for name, (total, count) in zip(self.found, held, strict=True)}


def graded(stage: Stage, scored: nn.Module, accelerator: Any, tensors: Mapping[str, Tensor], update: int) -> Sums:
    """Leaves the gradient of one batch in the weights; gives its terms on this process."""
    parts = parts_of(tensors, stage.accumulate)
    known = counted(stage, parts)
    sums = Sums()
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        with nullcontext() if last else accelerator.no_sync(scored):
            terms = scored(part, update)
            pairs = pairs_of(terms, len(part["rows"]))
            scalars = {name for name, term in terms.items() if not isinstance(term, tuple)}
            accelerator.backward(loss_of(stage, pairs, scalars, known))
        sums.add(pairs)
    return sums


def moved(stage: Stage, optimiser: torch.optim.Optimizer, update: int) -> Tensor:
    """Moves the weights along their gradient and clears it; gives its norm before it was clipped."""
    for group in optimiser.param_groups:
        group["lr"] = stage.lr * group["share"] * rate(stage, update)
    chosen = [one for group in optimiser.param_groups for one in group["params"]]
    norm = nn.utils.clip_grad_norm_(chosen, stage.clip or float("inf"))
    optimiser.step()
    optimiser.zero_grad()
    return norm
