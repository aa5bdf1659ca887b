"""Rewards of captions, which compose: weighted sums, scaled and clipped; those that are metrics are the metrics of `measure`."""

# B pictures, K captions of each

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.measure.frequencies import Frequencies, document_frequencies
from diptych.measure.rewards import Reward as Metric
from diptych.measure.rewards import reward
from diptych.models.abilities import Entailer
from diptych.models.addresses import open_model
from diptych.models.rules import open_rules
from diptych.train.data import Data

Captions = Sequence[Sequence[str]]  # B x K, all pictures with equally many
Rewards = NDArray[np.float64]  # (B, K)


class Reward(Protocol):
    """What captions of pictures are worth: a frozen dataclass of plain values, or any function."""

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        """(B, K) values of the captions of the data's rows, from their pictures or their references, `data.texts(row)`."""
        ...


@dataclass(frozen=True, slots=True)
class Weighted:
    """A part of a sum; its mean is logged by its name."""

    name: str
    weight: float
    reward: Reward


@dataclass(frozen=True, slots=True)
class Sum:
    """The weighted sum of its parts; parts of weight 0 are not asked."""

    parts: tuple[Weighted, ...]

    def __post_init__(self) -> None:
        names = [part.name for part in self.parts]
        if not names or len(set(names)) < len(names):
            raise InputError(f"a sum of rewards needs one part or more, each with a name of its own, got {names}")

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        return self.total(self.each(captions, rows, data))

    def each(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> dict[str, Rewards]:
        """Every part by its name, unweighted."""
        return {part.name: part.reward(captions, rows, data) for part in self.parts if part.weight}

    def total(self, each: Mapping[str, Rewards]) -> Rewards:
        """The sum of parts that `each` gave."""
        found: Rewards = sum((part.weight * each[part.name] for part in self.parts if part.weight), np.zeros(()))
        return found


@dataclass(frozen=True, slots=True)
class Shaped:
    """`by` * reward + `add`, then held within [`low`, `high`]."""

    reward: Reward
    by: float = 1.0
    add: float = 0.0
    low: float = -np.inf
    high: float = np.inf

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        found: Rewards = np.clip(self.by * self.reward(captions, rows, data) + self.add, self.low, self.high)
        return found


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric of `measure` that takes a candidate and its references, such as "rouge_l" or "fact_f1" (statements of the references).

    `undefined` is for captions of which the metric has no value.
    """

    metric: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    undefined: float = 0.0

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        return by_references(reward(self.metric, undefined=self.undefined, **self.settings), captions, rows, data)


@dataclass(frozen=True, slots=True)
class CiderD:
    """CIDEr-D over 10, from 0 to 1 and above, with the document frequencies of a saved file, or of the data's own references."""

    frequencies: str = ""

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        known = loaded(self.frequencies) if self.frequencies else _counted(data)
        return by_references(reward("cider_d", undefined=0.0, frequencies=known), captions, rows, data) / 10


@dataclass(frozen=True, slots=True)
class Entailment:
    """1 - 2 * (share of a caption's statements that a reference contradicts), from -1 to 1: the fidelity of MOCHa.

    Ben-Kish et al., 2023, arXiv:2312.03631, whose entailer reads whole captions. `entailer` is an address, "rules:" compares scene
    graphs; a caption that states nothing contradicts nothing. What no reference mentions is not punished, so that fidelity alone
    makes captions short: add a reward for what is said.
    """

    entailer: str = "rules:"

    def __call__(self, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
        settings = {} if self.entailer == "rules:" else {"entailer": open_model(self.entailer, Entailer, {"rules": open_rules})}
        found = by_references(reward("dnli_contradiction_precision", undefined=0.0, **settings), captions, rows, data)
        return 1 - 2 * found


def by_references(metric: Metric, captions: Captions, rows: NDArray[np.int64], data: Data) -> Rewards:
    """(B, K) of a metric of candidates and references; every row's references are the captions that stand for it.

    Raises InputError for a metric that takes anything else.
    """
    if metric.takes != ("candidates", "references"):
        raise InputError(f"{metric.name} takes {', '.join(metric.takes)}, but rewards have candidates and references: choose another")
    known = [list(data.texts(int(row))) for row in rows]
    listed = [(text, known[place]) for place, said in enumerate(captions) for text in said]
    return np.array(metric(listed), float).reshape(len(rows), -1)


@lru_cache(8)
def loaded(path: str) -> Frequencies:
    """A file of document frequencies, read once in a process."""
    return Frequencies.load(path)


@lru_cache(1)
def _counted(data: Data) -> Frequencies:
    """Document frequencies of the data's captions, counted once."""
    return document_frequencies([data.texts(row) for row in range(len(data))], source="the training captions")
