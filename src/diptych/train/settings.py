"""How a training runs, none of which changes what is learnt (but for `precision`)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from diptych.data.errors import InputError

Evaluate = Callable[[Any, int], Mapping[str, float]]  # (model, updates done) -> numbers by name; every process calls it


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the loop, not of the plan.

    `save_every` seconds a checkpoint is written (0: at every update). `log_every` updates a line goes to train.jsonl. `evaluate` is called
    `evaluate_every` updates and when a stage ends (0: only then), with the averaged weights where there are any. `workers` threads decode
    ahead (None: as many as there are other cores, at most 8, and none where no pictures are read). `precision` "auto" is bf16 where an
    accelerator has it, or what `accelerate launch` says. With `keep` a folder where a training has ended is no mistake (`loop.train`).
    """

    save_every: float = 300.0
    log_every: int = 50
    evaluate: Evaluate | None = None
    evaluate_every: int = 0
    workers: int | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    progress: bool = True
    tensorboard: bool = False
    keep: bool = False


def check(settings: Settings) -> None:
    """InputError for settings that cannot be."""
    for name, least in (("save_every", 0), ("log_every", 1), ("evaluate_every", 0), ("workers", 0)):
        value = getattr(settings, name)
        if value is not None and value < least:
            raise InputError(f"{name} must be {least} or more, got {value}")
    if settings.precision not in ("auto", "fp32", "bf16"):
        raise InputError(f"precision must be auto, fp32 or bf16, got {settings.precision!r}")


_standing: ContextVar[Settings] = ContextVar("settings")


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Trainings within this block that are told no settings run with these: a recipe need not hand on what changes no result."""
    before = _standing.set(settings)
    try:
        yield
    finally:
        _standing.reset(before)


def standing() -> Settings:
    """What `using` says, else the defaults."""
    return _standing.get(Settings())
