"""Numbers that do not travel alone: a value with its interval, n, direction and how it was made; and a method against its baseline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Result:
    """A measured value with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float
    n: int
    better: Literal["higher", "lower", "none"] = "higher"
    how: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Method minus baseline, in the metric's unit, with its 95 % interval."""

    method: str
    baseline: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What a paper promises, measured: the arms on equal work, their difference, guards, sweep, oracle and chance."""

    recipe: str
    metric: str
    better: Literal["higher", "lower"]
    arms: tuple[Result, ...]
    difference: Difference
    guards: Mapping[str, Mapping[str, float | bool]] = field(default_factory=dict)
    sweep: Mapping[str, tuple[Mapping[str, float], ...]] = field(default_factory=dict)
    oracle: Result | None = None
    chance: Result | None = None
    shown: bool = False
    why: str = ""
    seeds: tuple[int, ...] = ()
    seconds: float = 0.0
    others: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)  # further metrics of each arm
