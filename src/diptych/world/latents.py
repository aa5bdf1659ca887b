"""Draws of simulated experts: each hangs on the run's seed, the picture, the fact and the voice, and is partly shared between voices.

Two experts with the same error rate err together more often than by chance. An expert's uniform draw for a fact is, with chance `kin`, its
family's, else its own; a family's draw is, with chance `world`, that of everybody, else the family's. Every draw stays uniform, so error
rates are exactly those of the table, and errors of equal rate correlate by kin^2 within a family and by kin^2 world^2 across families.
"""

from dataclasses import dataclass
from hashlib import shake_128
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from diptych.data.draws import Key


def stream(count: int, *keys: Key) -> NDArray[np.float64]:
    """`count` uniform draws in [0, 1) that depend on the keys alone; more of them begin with the same."""
    text = "\x1f".join(f"{type(key).__name__[0]}{key}" for key in keys)
    raw = shake_128(text.encode("utf-8", "surrogatepass")).digest(4 * count)
    return np.frombuffer(raw, "<u4") * 2.0**-32


@dataclass(frozen=True, slots=True)
class Voice:
    """An expert that draws: `name` is its address, `family` the voice that it shares with its kin."""

    seed: int
    name: str
    family: str
    world: float
    kin: float

    def draws(self, count: int, picture: str, fact: str, draw: int = 0) -> list[float]:
        """`count` uniform draws for a fact about a picture, shared with other voices as the class says."""
        own = stream(2 * count, self.seed, picture, fact, self.name, draw)
        ours = stream(2 * count, self.seed, picture, fact, "family", self.family)
        everybody = stream(count, self.seed, picture, fact, "world")
        family = np.where(ours[count:] < self.world, everybody, ours[:count])
        return np.where(own[count:] < self.kin, family, own[:count]).tolist()  # type: ignore[no-any-return]

    def alone(self, count: int, picture: str, fact: str, draw: int = 0) -> list[float]:
        """`count` uniform draws shared with nobody."""
        return stream(count, self.seed, picture, fact, self.name, draw, "alone").tolist()  # type: ignore[no-any-return]


def right_score(u: float, overlap: float = 1.0) -> float:
    """Score of a box on the right object: .25 to .95, mean .72, 13 % under .5; the less the overlap, the nearer to .95."""
    return 0.95 - overlap * 0.7 * (1.0 - sqrt(u))


def false_score(u: float, overlap: float = 1.0) -> float:
    """Score of a box on nothing or on the wrong object: .15 to .75, mean .35, 44 % under .3 and 17 % over .5; or nearer to .15."""
    return 0.15 + overlap * 0.6 * (1.0 - sqrt(1.0 - u))
