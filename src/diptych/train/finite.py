"""The stop where a loss is no number any more."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from diptych.data.errors import RunError
from diptych.train.checkpoint import write
from diptych.train.distributed import rank, ranks
from diptych.train.feed import Fed
from diptych.train.plan import Stage
from diptych.train.update import Sums


@dataclass(frozen=True, slots=True, eq=False)
class Flag:
    """A truth on its way from the device."""

    held: Tensor
    arrived: Any = None  # an event behind the copy, so that only it is waited for and not what was asked of the device since

    @classmethod
    def of(cls, truth: Tensor) -> "Flag":
        """Sends it off."""
        if truth.device.type != "cuda":
            return cls(truth)
        held = truth.to("cpu", non_blocking=True)
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record()
        return cls(held, event)

    def value(self) -> bool:
        """Waits for it."""
        if self.arrived is not None:
            self.arrived.synchronize()
        return bool(self.held.item())


@dataclass(slots=True, eq=False)
class Watch:
    """Looks at every update's terms and gradient; on an accelerator one update late, so that the device need not be waited for."""

    out: Path
    stage: Stage
    late: int
    seen: deque[tuple[int, Fed, Sums, "Flag"]] = field(default_factory=deque)

    def look(self, update: int, fed: Fed, sums: Sums, norm: Tensor) -> None:
        """Takes an update in; RunError, its batch saved, if it or one before was not finite."""
        found = torch.stack([norm.detach(), *(total for total, _ in sums.found.values())]).isfinite().all()
        self.seen.append((update, fed, sums, Flag.of(found)))
        self.settle(self.late)

    def settle(self, left: int = 0) -> None:
        """Looks at all but the last `left` updates."""
        while len(self.seen) > left:
            update, fed, sums, flag = self.seen.popleft()
            if not flag.value():
                raise self._stopped(update, fed, sums)

    def _stopped(self, update: int, fed: Fed, sums: Sums) -> RunError:
        path = self.out / (f"not-finite-{rank()}.safetensors" if ranks() > 1 else "not-finite.safetensors")
        means = {name: (total / count).item() for name, (total, count) in sums.found.items()}
        odd = {name: value for name, value in means.items() if not abs(value) < float("inf")}
        state = {"stage": self.stage.name, "update": update, "terms": {name: str(value) for name, value in means.items()}}
        write(path, fed.tensors, state)
        what = ", ".join(f"{name} is {value}" for name, value in odd.items()) or "the gradient is not finite"
        return RunError(
            f"{what} at update {update} of stage {self.stage.name!r}, whose batch lies in {path}: lower lr ({self.stage.lr}), lengthen"
            f" warmup ({self.stage.warmup}) or lower clip ({self.stage.clip}); nothing was saved since the last checkpoint"
        )
