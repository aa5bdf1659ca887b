"""What captions are worth as training data: a small dual encoder learns from those before and those after, and finds new scenes.

Shapes: N held-out scenes, D width of the common space.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize
from transformers import PreTrainedTokenizerBase

from diptych.data.draws import uniform
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.data.results import Result
from diptych.lab.matches import true_of
from diptych.lab.nano import tower, with_tokens
from diptych.measure.intervals import mean
from diptych.measure.retrieval import retrieval_of
from diptych.measure.retrieval_ceiling import ceiling_of
from diptych.models.bag_encoder import BagEncoder, BagEncoderConfig
from diptych.models.words import word_tokenizer
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive, SameText
from diptych.train.data import Data, Inputs, tokens
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.settings import Settings
from diptych.world.captions import describe
from diptych.world.grammar import Said
from diptych.world.source import world_source
from diptych.world.truth import Truth

BLOCK = 100  # scenes to tell apart
HELD_OUT = 500
EVERY = 30  # updates between points of a curve
BEFORE, AFTER, TRUE = "captions before", "captions after", "true captions"
Floats = NDArray[np.float32]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Learnt:
    """One arm: recall at 1 of the trained encoder with its interval, along its updates, its folder, and what it ranks first (N,)."""

    name: str
    recall: Result
    curve: tuple[Point, ...]
    folder: Path
    first: tuple[int, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Gained:
    """All arms, on the same held-out scenes; `ceiling` is what a perfect reader reaches, since some captions are true of several."""

    arms: Mapping[str, Learnt]
    ceiling: float
    scenes: tuple[Image, ...]
    texts: tuple[str, ...]
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Scenes that no training saw, each with a true caption; the tower's tokens of their pictures."""

    rows: tuple[Record, ...]
    truths: tuple[Truth, ...]
    said: tuple[Said, ...]
    tokens_NMC: NDArray[Any]

    @cached_property
    def ceiling(self) -> float:
        """The mean over blocks of recall at 1, both ways, of a perfect reader."""
        found = []
        for block in self.blocks:
            true = true_of([self.said[n].graph for n in block], [self.truths[n] for n in block])
            made = {one.name: one.value for one in ceiling_of(true, self.sets(block), ks=(1,), resamples=0)}
            found.append((made["i2t_recall_1"] + made["t2i_recall_1"]) / 2)
        return float(np.mean(found))

    @property
    def blocks(self) -> list[range]:
        """Scenes by the hundred."""
        return [range(start, min(start + BLOCK, len(self.rows))) for start in range(0, len(self.rows), BLOCK)]

    def sets(self, block: range) -> dict[str, tuple[str]]:
        """Captions by id."""
        return {self.rows[n].id: (self.said[n].text,) for n in block}

    def hits(self, image_ND: Floats, text_ND: Floats) -> NDArray[np.float64]:
        """(N,) of each scene: the mean of its caption found by the picture, and its picture by the caption, among a hundred."""
        found: list[float] = []
        for block in self.blocks:
            part = slice(block.start, block.stop)
            made = {one.name: one for one in retrieval_of((image_ND[part], text_ND[part]), self.sets(block), ks=(1,), resamples=0)}
            ways = [made[f"{way}_recall_1"].per_image for way in ("i2t", "t2i")]
            found += [(ways[0][self.rows[n].id] + ways[1][self.rows[n].id]) / 2 for n in block]
        return np.array(found)


def held_out(seed: int, size: int, number: int) -> HeldOut:
    """Scenes of another seed than any that is trained on, with true captions in the style "short"."""
    world = world_source(f"world:{number}?seed={1_000_000 + seed}&size={size}")
    rows = tuple(world)
    truths = tuple(world.truth(n) for n in range(number))
    said = tuple(describe(truth, "short", keys=("held out", seed, n)) for n, truth in enumerate(truths))
    return HeldOut(rows, truths, said, np.array(with_tokens(Data(rows, _pictures)).columns["tokens"]))


def _pictures(image: Image) -> Picture:
    from diptych.lab.opening import pictures  # noqa: PLC0415 - which imports the world's schemes

    return pictures(image)


def truthful(rows: Sequence[Record], truths: Callable[[Record], Truth]) -> tuple[Record, ...]:
    """The rows with true captions in place of their own: what could be learnt at best from so many."""
    made = []
    for row in rows:
        caption = Caption(f"{row.id}/true", describe(truths(row), "short", keys=("true", row.id)).text, "human:truth")
        made.append(replace(row, captions=(caption,), chosen=(caption.id,)))
    return tuple(made)


def gained(
    arms: Mapping[str, Data], out: Path, *, seed: int = 0, size: int = 64, updates: int = 300, batch: int = 128, progress: bool = True
) -> Gained:
    """Trains one encoder for each arm from one starting checkpoint with equal work, into folders of `out` that `hf:` opens.

    The tower is the shipped one, frozen; words and heads are new. Texts alike in a batch are right for each other's pictures.
    """
    test = held_out(seed, size, HELD_OUT)
    words = word_tokenizer(sorted({text for data in arms.values() for row in range(len(data)) for text in data.texts(row)}))
    inputs = Inputs(words, columns=("tokens",))
    least = min(len(data) for data in arms.values())
    found = {}
    for name, data in arms.items():
        stage = Stage(name, Contrastive(belongs=SameText()), Random(min(batch, least)), updates, lr=2e-3, trainable=BagEncoder.heads,
                      warmup=0.02)  # fmt: skip
        found[name] = _learnt(stage, data.taking(inputs), out / name.replace(" ", "_"), test, seed=seed, progress=progress)
    return Gained(found, test.ceiling, tuple(row.subject for row in test.rows), tuple(said.text for said in test.said))


def _learnt(stage: Stage, data: Data, out: Path, test: HeldOut, *, seed: int, progress: bool) -> Learnt:
    seen = tower()
    torch.manual_seed(seed)
    words = data.inputs.tokenizer
    assert words is not None
    model = BagEncoder(BagEncoderConfig(tower=_plain(seen.config), vocabulary=len(words)))
    model.tower.load_state_dict(seen.state_dict())
    curve: list[Point] = []

    def evaluate(model: Any, update: int) -> dict[str, float]:
        curve.append((float(update), float(test.hits(*vectors(model, words, test)).mean())))
        return {"recall_1": curve[-1][1]}

    with_curve = Settings(evaluate=evaluate, evaluate_every=EVERY, progress=progress)
    train((stage,), model, data, out, seed=seed, settings=with_curve)
    image_ND, text_ND = vectors(model, words, test)
    how = f"among {BLOCK} held-out scenes, both ways, bootstrap over scenes; {len(data)} rows, {stage.updates} updates"
    recall = mean(test.hits(image_ND, text_ND), name="retrieval_recall_1", how=how, seed=seed)
    blocks = [block.start + (text_ND[n] @ image_ND[block.start : block.stop].T).argmax() for block in test.blocks for n in block]
    return Learnt(stage.name, recall, tuple(curve), out, tuple(map(int, blocks)), len(data))


@torch.inference_mode()
def vectors(model: Any, words: PreTrainedTokenizerBase, test: HeldOut) -> tuple[Floats, Floats]:
    """Vectors (N, D) of the held-out pictures and of their captions, at length 1."""
    image_ND = normalize(model.get_image_features(tokens=torch.from_numpy(test.tokens_NMC).float()), dim=-1)
    text_ND = normalize(model.get_text_features(*tokens([said.text for said in test.said], Inputs(words))), dim=-1)
    return image_ND.numpy(), text_ND.numpy()


def shown_first(found: Gained, number: int) -> list[int]:
    """Held-out scenes to look at, drawn by their numbers."""
    return sorted(range(len(found.texts)), key=lambda n: uniform("shown", n))[:number]


def _plain(config: Any) -> dict[str, Any]:
    return {name: value for name, value in config.to_dict().items() if name in ("size", "channels", "blocks")}
