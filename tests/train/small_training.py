"""A model, data and plans so small that a training takes a fraction of a second; run as a script it trains one of the plans."""

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from diptych.data.records import Caption, Image, Record
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.contrastive_softmax import Softmax
from diptych.train.data import Data, Inputs
from diptych.train.gather import ring
from diptych.train.loop import train
from diptych.train.plan import Lora, Plan, Stage
from diptych.train.settings import Settings
from diptych.train.targets import paired
from diptych.train.tiled import over_pairs

ROWS, WIDTH, LONG = 40, 6, 5
WAIT = 0.0  # seconds that pass at each part of an update, so that a kill finds it under way


class Small(nn.Module):
    """Vectors to vectors, with dropout so that torch's random numbers matter."""

    def __init__(self, dropout: float = 0.2):
        super().__init__()
        self.first = nn.Linear(WIDTH, 8)
        self.norm = nn.LayerNorm(8)
        self.drop = nn.Dropout(dropout)
        self.places = nn.Parameter(torch.zeros(LONG, 8))
        self.last = nn.Linear(8, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.drop(torch.tanh(self.norm(self.first(x)) + self.places)))


def small(dropout: float = 0.2, seed: int = 0) -> Small:
    torch.manual_seed(seed)
    return Small(dropout)


def records(count: int = ROWS) -> list[Record]:
    return [Record(f"row {n}", Image(""), (Caption(f"row {n}/0", f"text {n}"),), chosen=(f"row {n}/0",)) for n in range(count)]


def no_picture(image: Image) -> Any:
    raise AssertionError("no picture is read here")


def data(count: int = ROWS) -> Data:
    """Vectors of LONG places, the first `long` of which count."""
    rng = np.random.default_rng(0)
    columns = {
        "x": rng.normal(size=(count, LONG, WIDTH)).astype(np.float32),
        "long": rng.integers(1, LONG + 1, size=count),
    }
    return Data(records(count), no_picture, Inputs(columns=("x", "long")), columns)


@dataclass(frozen=True, slots=True)
class Copy:
    """One term a mean over rows, one over the places that count."""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Any]:
        time.sleep(WAIT)
        x, mask = tensors["x"], valid(tensors)
        apart = (model(x) - x.flip(-1)).square().mean(-1)
        return {"rows": apart.mean(), "places": ((apart * mask).sum(), mask.sum())}

    def counts(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"places": valid(tensors).sum()}


def valid(tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.arange(LONG) < tensors["long"][:, None]


@dataclass(frozen=True, slots=True)
class Said:
    """Towards what the batch maker said."""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        return {"said": (model(tensors["x"]) - tensors["said"]).square().mean()}


@dataclass(frozen=True, slots=True)
class Near:
    """Two places of each row near each other, among those of all rows of all processes."""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        here, rows = ring(), tensors["rows"]
        one, other = (normalize(model(tensors["x"])[:, place], dim=-1) for place in (0, 1))
        target = paired(len(rows), len(rows) * here.ranks, len(rows) * here.rank)
        return {"near": over_pairs(one, other, Softmax(), target, scale=torch.tensor(5.0), ring=here)}


@dataclass(frozen=True, slots=True)
class Asking:
    """Two batches an episode, whose targets are samples of the model of when the episode began."""

    size: int = 8
    asks_model: ClassVar[bool] = True

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        rows = rng.permutation(len(data))[: self.size].astype(np.int64)
        with torch.no_grad():
            said = model(torch.from_numpy(data.columns["x"][rows]))
            said = (said + torch.randn_like(said)).numpy()
        for _ in range(2):
            yield Batch(rows, arrays={"said": said})


def plan() -> Plan:
    """Averages and parts; adapters; batches that hang on the model. 31 updates."""
    return (
        Stage("copy", Copy(), Random(8), 13, accumulate=2, ema=0.9, lr_of={"last": 0.5}),
        Stage(
            "adapters", Copy(), Random(8), 7, trainable=("last",), lora=Lora(("last",), 2, dropout=0.1, whole=("norm",)), schedule="linear"
        ),
        Stage("asking", Said(), Asking(), 11, schedule="constant"),
    )


def even_plan() -> Plan:
    """Without random numbers of torch, so that one process and two do the same."""
    return (
        Stage("copy", Copy(), Random(8), 12, accumulate=2, ema=0.8, weights={"places": 0.5}),
        Stage("again", Copy(), Random(6), 6, trainable=("last", "norm"), lr=3e-3),
        Stage("near", Near(), Random(8), 6, lr=3e-3, weights={"near": 0.5}),
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    what, *outs = sys.argv[1:]
    for out in outs:
        if what == "slow":
            WAIT = 0.1
            train(plan(), small(), data(), Path(out), settings=Settings(save_every=0, log_every=4, progress=False))
        else:
            train(even_plan(), small(0.0), data(), Path(out), settings=Settings(save_every=0, log_every=1, progress=False))
