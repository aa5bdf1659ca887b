"""Contrastive objective: vectors of pictures and texts, their affinity, which of them belong together, and a loss over all pairs."""

# n pairs of this process, M texts of all processes, D width

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from diptych.data.errors import InputError
from diptych.models.dual import bias_of, hold_scale, picture_vectors, scale_of, text_vectors
from diptych.train.contrastive_hinge import Hinge
from diptych.train.contrastive_sigmoid import Sigmoid
from diptych.train.contrastive_softmax import Softmax
from diptych.train.gather import Ring, ring
from diptych.train.targets import Target, given, labelled, paired, soft, text_keys
from diptych.train.tiled import over_pairs

Tensors = Mapping[str, Tensor]
COLLISIONS = "collisions"


class Belongs(Protocol):
    """Makes the target matrix of a batch: pictures of this process by texts of all, K texts a picture one after another."""

    def __call__(self, tensors: Tensors, names: tuple[str, ...], ring: Ring) -> Target:
        """The target for the texts of these names."""
        ...


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each picture with its own texts alone: the diagonal; with several texts a picture, multi-positive."""

    def __call__(self, tensors: Tensors, names: tuple[str, ...], ring: Ring) -> Target:
        """The diagonal, or equal rows."""
        rows_n = tensors["rows"]
        count = len(rows_n)
        if len(names) == 1:
            return paired(count, count * ring.ranks, count * ring.rank, like=rows_n)
        own_n = torch.arange(count, device=rows_n.device) + count * ring.rank
        return labelled(own_n, ring.all(own_n.repeat(len(names))), ring.all(own_n))


@dataclass(frozen=True, slots=True)
class SameText:
    """Each picture with every text that says the same as its own, word for word; one text a picture."""

    def __call__(self, tensors: Tensors, names: tuple[str, ...], ring: Ring) -> Target:
        """Equal tokens."""
        keys_n = text_keys(tensors[f"{names[0]}_ids"], tensors[f"{names[0]}_mask"])
        return labelled(keys_n, ring.all(keys_n), ring.all(keys_n))


@dataclass(frozen=True, slots=True)
class SameLabel:
    """Each picture with the texts of every picture of its label, an array or column of integers (UniCL, arXiv:2204.03610)."""

    column: str = "label"

    def __call__(self, tensors: Tensors, names: tuple[str, ...], ring: Ring) -> Target:
        """Equal labels."""
        own_n = tensors[self.column]
        return labelled(own_n, ring.all(own_n.repeat(len(names))), ring.all(own_n))


@dataclass(frozen=True, slots=True)
class Matrix:
    """As an array of the batch says, (B, B) in [0, 1] and below 0 where nobody knows: row i's picture with row j's text."""

    array: str = "belongs"

    def __call__(self, tensors: Tensors, names: tuple[str, ...], ring: Ring) -> Target:
        """The matrix, its columns in the order of the gathered texts."""
        matrix_nB = tensors[self.array]
        if len(names) > 1 or matrix_nB.shape[1] != len(matrix_nB) * ring.ranks:
            raise InputError(f"{self.array} must have a column for each text of the batch, got shape {tuple(matrix_nB.shape)}")
        place_B = torch.arange(matrix_nB.shape[1], device=matrix_nB.device)
        found = given(matrix_nB[:, ring.whole(place_B)].float())
        return given(found.matrix_NM, ring.total(found.columns_M))


@dataclass(frozen=True, slots=True)
class Teacher:
    """As alike as a teacher's vectors of pictures and of texts are, two columns of the data: softmax of <p, t> / temperature."""

    pictures: str
    texts: str
    temperature: float = 0.01

    def __call__(self, tensors: Tensors, names: tuple[str, ...], ring: Ring) -> Target:
        """Soft rows."""
        image_nE, text_nE = tensors[self.pictures], tensors[self.texts]
        found = soft(image_nE, ring.all(text_nE.repeat(len(names), 1)), self.temperature)
        return type(found)(found.image_NE, found.text_ME, found.temperature, found.rows_N, ring.total(found.columns_M))


@dataclass(frozen=True, slots=True)
class Contrastive:
    """A loss over all pairs of the batch, all processes together, in memory that grows linearly with the batch.

    Affinities are scale * cosine + bias, scale and bias learnt, the scale held at `most` or less as Radford et al. do
    (2021, arXiv:2103.00020). With several `texts` a picture each has its own loss and the mean counts (DreamLIP: Zheng et al., 2024,
    arXiv:2403.17007, eq. 3), or with `joint` they stand in one matrix. `tells` are arrays of the batch whose means are given besides, to
    be logged and not minded: give them the weight 0. "collisions" is always there: the share of texts that another text equals.
    """

    rule: Softmax | Sigmoid | Hinge = field(default_factory=Softmax)
    belongs: Belongs = field(default_factory=Pairs)
    texts: tuple[str, ...] = ("text",)
    joint: bool = False
    tells: tuple[str, ...] = ()
    most: float = 100.0

    def __call__(self, model: Any, tensors: Tensors, update: int) -> dict[str, Tensor]:
        """The term `contrastive`, and what it tells."""
        here = ring()
        hold_scale(model, self.most)
        image_nD = F.normalize(picture_vectors(model, tensors), dim=-1)
        each = [F.normalize(text_vectors(model, tensors[f"{name}_ids"], tensors[f"{name}_mask"]), dim=-1) for name in self.texts]
        sets = [(self.texts, torch.cat(each))] if self.joint else [((name,), one) for name, one in zip(self.texts, each, strict=True)]
        cosines = isinstance(self.rule, Hinge)
        scale = image_nD.new_ones(()) if cosines else scale_of(model, math.inf)
        bias = None if cosines else bias_of(model)
        losses = [
            over_pairs(image_nD, text_nD, self.rule, self.belongs(tensors, names, here), scale=scale, bias=bias, ring=here)
            for names, text_nD in sets
        ]
        return {"contrastive": torch.stack(losses).mean(), **{name: self._told(tensors, name) for name in self.tells}}

    def _told(self, tensors: Tensors, name: str) -> Tensor:
        if name in tensors or name != COLLISIONS:
            return tensors[name].float().mean()
        return (SameText()(tensors, self.texts[:1], ring()).rows_N > 1).float().mean()
