"""The moving parts of a training: what all its stages share, and what one stage holds."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Tensor, nn

from diptych.data.draws import digest
from diptych.train.checkpoint import NAME, read, write
from diptych.train.data import Data
from diptych.train.distributed import rank, ranks, summed
from diptych.train.ema import Averaged, averaged
from diptych.train.evaluate import learning
from diptych.train.feed import Place, asks_model
from diptych.train.groups import groups, trainable
from diptych.train.logs import Log
from diptych.train.lora import adapted
from diptych.train.plan import Plan, Stage
from diptych.train.resume import captured, draw_on, restored
from diptych.train.saving import refuse_other
from diptych.train.settings import Settings
from diptych.train.update import Scored, Sums


@dataclass(slots=True)
class Spent:
    """Seconds, of which so many waited for data; entries of batches; rows replaced because their pictures could not be opened."""

    seconds: float = 0.0
    waited: float = 0.0
    samples: int = 0
    lost: int = 0

    def since(self, before: "Spent") -> "Spent":
        """What came after."""
        return Spent(self.seconds - before.seconds, self.waited - before.waited, self.samples - before.samples, self.lost - before.lost)

    def about(self) -> dict[str, float]:
        """As logs say it."""
        seconds = max(self.seconds, 1e-9)
        return {"samples_per_second": round(self.samples / seconds, 2), "waiting": round(self.waited / seconds, 4), "lost": self.lost}


@dataclass(slots=True, eq=False)
class Run:
    """One training. `saved` and `state` are of the checkpoint it goes on from, empty if there is none."""

    plan: Plan
    model: Any
    data: Data
    out: Path
    seed: int
    settings: Settings
    accelerator: Any
    configuration: dict[str, Any]
    log: Log
    saved: dict[str, Tensor] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    kept_at: float = field(default_factory=monotonic)  # when the last checkpoint was written
    ticked: float = field(default_factory=monotonic)

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return torch.device(self.accelerator.device)

    def tick(self) -> None:
        """Counts the seconds up to now."""
        now = monotonic()
        self.spent.seconds += now - self.ticked
        self.ticked = now

    def before(self, stage: int) -> int:
        """Updates of the stages before this one."""
        return sum(one.updates for one in self.plan[:stage])


@dataclass(slots=True, eq=False)
class Standing:
    """One stage under way: `update` updates are done, and the batches up to `place`."""

    stage: Stage
    number: int
    scored: nn.Module
    optimiser: torch.optim.Optimizer
    averages: Averaged | None
    tuner: Any
    update: int = 0
    place: Place = field(default_factory=Place)
    sums: Sums = field(default_factory=Sums)  # of the updates that no line of the log has told yet
    told: Spent = field(default_factory=Spent)  # what was spent up to the last line


def begun(run: Run, number: int) -> Standing:
    """A stage at its start, or where the checkpoint left it."""
    stage = run.plan[number]
    torch.manual_seed(_seed(run.seed, stage.name, number))
    tuner = adapted(stage, run.model)
    chosen = trainable(stage, run.model)
    names = {name for name, _ in chosen}
    for name, one in run.model.named_parameters():
        one.requires_grad_(name in names)
    learning(run.model)
    scored = run.accelerator.prepare(Scored(run.model, stage.objective))
    optimiser = torch.optim.AdamW(groups(stage, chosen), lr=stage.lr, betas=stage.betas, fused=run.device.type in ("cpu", "cuda"))
    standing = Standing(stage, number, scored, optimiser, averaged(stage.ema, chosen), tuner, told=replace(run.spent))
    if run.state.get("stage") == number:
        _put_back(run, standing)
    elif ranks() > 1:
        torch.manual_seed(_seed(run.seed, stage.name, number, rank()))
    return standing


def _seed(*keys: str | int) -> int:
    return int.from_bytes(digest(*keys)[:7], "little")


def _put_back(run: Run, standing: Standing) -> None:
    state = run.state
    restored(run.model, run.plan, standing.optimiser, standing.averages, run.saved)
    standing.update, standing.place = state["update"], Place(**state["place"])
    if rank() == 0:
        for name, (total, count) in state["sums"].items():
            standing.sums.add({name: (torch.tensor(total, device=run.device), torch.tensor(count, device=run.device))})
    standing.told = Spent(**state["told"])
    if not draw_on(run.saved, run.device):
        torch.manual_seed(_seed(run.seed, standing.stage.name, standing.update, rank()))
    run.saved, run.state = {}, {}


def keep(run: Run, standing: Standing) -> None:
    """Writes a checkpoint; every process must call."""
    tensors = captured(run.model, run.plan, standing.optimiser, standing.averages, run.device)
    sums = standing.sums.everywhere()
    spent = everywhere(run)
    if rank() == 0:
        place = standing.place
        state = {
            "configuration": run.configuration,
            "stage": standing.number,
            "update": standing.update,
            "at": run.before(standing.number) + standing.update,
            "place": {"episode": place.episode, "batch": place.batch, "digest": place.digest},
            "sums": sums,
            "spent": vars_of(spent),
            "told": vars_of(standing.told),
        }
        write(run.out / NAME, tensors, state)
    run.kept_at = monotonic()


def everywhere(run: Run) -> Spent:
    """What is spent up to now; the rows lost by all processes, which must all call."""
    run.tick()
    return replace(run.spent, lost=int(summed(torch.tensor(float(run.spent.lost), device=run.device)).item()))


def vars_of(spent: Spent) -> dict[str, float]:
    """Its fields by name."""
    return {"seconds": spent.seconds, "waited": spent.waited, "samples": spent.samples, "lost": spent.lost}


def found_checkpoint(out: Path, configuration: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What an interrupted training left; empty if nothing. RunError if it was another training's."""
    path = out / NAME
    if not path.exists():
        return {}, {}
    tensors, state = read(path)
    refuse_other(path, state["configuration"], configuration)
    return tensors, state


def due(run: Run, standing: Standing) -> bool:
    """Whether a checkpoint is to be written now. Several processes ask each other, so not at every update: when the log has a line."""
    wanted = monotonic() - run.kept_at >= run.settings.save_every
    if ranks() == 1:
        return wanted
    if standing.update % run.settings.log_every and not asks_model(standing.stage):
        return False
    return bool(summed(torch.tensor(float(wanted), device=run.device)).item() > 0)
