"""Which of many things does a picture show? Asked of models that learnt from captions in three ways, as they are or while they train.

Shapes: N pictures, C classes, P prompts of a class, D width, V words known.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import logsigmoid, normalize

from diptych.lab.worlds import Corpus
from diptych.models.dual import picture_vectors
from diptych.train.batch import Batch
from diptych.train.captioning import word_losses
from diptych.train.data import Data, tokens
from diptych.train.predicting import word_logits
from diptych.train.vectors import text_table
from diptych.world.asked import nouns_by_spread
from diptych.world.catalogue import COLOURS
from diptych.world.grammar import article

Floats = NDArray[np.float32]
NOUNS = nouns_by_spread()[:12]
PAIRS = tuple(article(f"{colour} {noun}") for noun in NOUNS for colour in COLOURS)
WORLD = f"nouns={len(NOUNS)}&colours={len(COLOURS)}&materials=matte&written=0&stacked=0&size=64"  # of these pairs
Scores = Callable[[Any, Data, "Classes"], Floats]
_AT_ONCE = 50  # pictures


@dataclass(frozen=True, slots=True)
class Classes:
    """What is asked for: bare names, and the prompts that they are put into."""

    names: tuple[str, ...]
    prompts: tuple[str, ...] = ("{}",)

    @property
    def said(self) -> list[str]:
        """Each class in each prompt, the prompts of a class together."""
        return [prompt.format(name) for name in self.names for prompt in self.prompts]


def by_vectors(model: Any, data: Data, classes: Classes) -> Floats:
    """(N, C): cosine with the mean of a class's prompts, each of length 1 (Radford et al., 2021, arXiv:2103.00020, 3.1.4)."""
    table_CPD = text_table(model, data.inputs, classes.said).reshape(len(classes.names), len(classes.prompts), -1)
    mean_CD = torch.from_numpy(table_CPD.mean(1))
    return _each(data, lambda tensors: normalize(picture_vectors(model, tensors).float(), dim=-1) @ normalize(mean_CD, dim=-1).T)


def by_words(model: Any, data: Data, classes: Classes) -> Floats:
    """(N, C): log of the chance that the caption holds all words of the name, each word by itself."""
    ids_CT, mask_CT = tokens(classes.names, data.inputs)
    said_CT = (mask_CT > 0) & (ids_CT >= 5)
    return _each(data, lambda tensors: (logsigmoid(word_logits(model, tensors))[:, ids_CT] * said_CT).sum(-1))


def by_captions(model: Any, data: Data, classes: Classes) -> Floats:
    """(N, C): log of the mean over prompts of the chance of the whole caption."""
    ids_RT, mask_RT = tokens(classes.said, data.inputs)

    def scored(tensors: dict[str, torch.Tensor]) -> torch.Tensor:
        rows = len(tensors["rows"])
        seen = model["captioner"].seen(picture_vectors(model["encoder"], tensors)[:, None], rows)
        # rows of one picture stand together: the decoder looks at each picture once for all of them
        logits = model["captioner"].decoder(ids_RT[:, :-1].repeat(rows, 1), seen, None)
        loss_RT = word_losses(logits, ids_RT[:, 1:].repeat(rows, 1)) * mask_RT[:, 1:].repeat(rows, 1)
        log_NCP = -loss_RT.sum(1).reshape(rows, len(classes.names), len(classes.prompts))
        return torch.logsumexp(log_NCP, -1)

    return _each(data, scored, _AT_ONCE // 5)


@torch.inference_mode()
def _each(data: Data, scored: Callable[[dict[str, torch.Tensor]], torch.Tensor], at_once: int = _AT_ONCE) -> Floats:
    parts = [np.arange(start, min(start + at_once, len(data))) for start in range(0, len(data), at_once)]
    return np.concatenate([scored(data.tensors(Batch(rows))).float().numpy() for rows in parts])


def picked(scores_NC: Floats, right_N: Sequence[int]) -> float:
    """Share of pictures whose class scores highest; of several that tie the right one is taken for its share."""
    top_NC = scores_NC == scores_NC.max(1, keepdims=True)
    return float(np.mean(top_NC[np.arange(len(right_N)), np.asarray(right_N)] / top_NC.sum(1)))


def shown(corpus: Corpus) -> list[int]:
    """Which of PAIRS each scene of one thing shows."""
    things = [truth.graph.entities[0] for truth in corpus.truths]
    return [PAIRS.index(article(f"{next(v for v in thing.values if v in COLOURS)} {thing.noun}")) for thing in things]


@dataclass(slots=True)
class Curve:
    """Accuracy while a model trains, taken by the loop (`Settings(evaluate=...)`) every so many updates."""

    scores: Scores
    data: Data
    classes: Classes
    right_N: Sequence[int]
    batch: int
    points: list[tuple[int, float]] = field(default_factory=list)  # pictures seen, accuracy

    def __call__(self, model: Any, update: int) -> dict[str, float]:
        """What the loop logs."""
        accuracy = picked(self.scores(model, self.data, self.classes), self.right_N)
        self.points.append((update * self.batch, accuracy))
        return {"held_out_accuracy": accuracy}

    def seen_for(self, accuracy: float) -> float:
        """Pictures seen until the accuracy was first reached, between two points by the logarithm; all of them where it never was."""
        before = (self.batch, 0.0)
        for seen, value in self.points:
            if value >= accuracy:
                share = (accuracy - before[1]) / max(value - before[1], 1e-9)
                return math.exp(math.log(before[0]) + share * (math.log(seen) - math.log(before[0])))
            before = (seen, value)
        return float(before[0])
