"""A captioner of another family: it first sees which things there are, each token for itself, and then puts the set into words by rules.

One linear layer on the tokens of the tower; nothing is written that it did not see, but of two things that share a token it sees one,
and what it takes for something else it tells with the same assurance. A decoder errs otherwise: it repeats itself and loses count.
"""

# B pictures, M tokens, C width, G side of the grid

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.language.realise import realise

SLOTS = ("noun", "colour", "size", "material")
UNSAID = ("medium", "matte")
FEWER = ("size", "material")  # slots that a short caption leaves out


class SetCaptionerConfig(PretrainedConfig):
    """Words of each slot, width of the tokens, and the chance from which a thing is told of."""

    model_type = "diptych_set_captioner"

    def __init__(
        self, *, vocabulary: Mapping[str, Sequence[str]] | None = None, channels: int = 128, threshold: float = 0.5, **kwargs: Any
    ):
        self.vocabulary = {slot: list(words) for slot, words in (vocabulary or {slot: ["?"] for slot in SLOTS}).items()}
        self.channels, self.threshold = channels, threshold
        super().__init__(**kwargs)


class SetCaptioner(PreTrainedModel):
    """Tokens (B, M, C) to logits (B, M, 1 + L): whether a thing's middle lies there, and its labels slot after slot."""

    config_class = SetCaptionerConfig

    def __init__(self, config: SetCaptionerConfig):
        super().__init__(config)
        self.sizes = [1, *(len(config.vocabulary[slot]) for slot in SLOTS)]
        self.see = nn.Linear(config.channels, sum(self.sizes))
        self.post_init()

    def forward(self, tokens: Tensor) -> Tensor:
        """The logits."""
        return self.see(tokens.to(self.see.weight.dtype))

    def seen(self, tokens: Tensor) -> list[list["Seen"]]:
        """The things of each picture, surest first."""
        there, *labels = torch.split(self(tokens), self.sizes, -1)
        chance, side = there[..., 0].sigmoid(), round(tokens.shape[1] ** 0.5)
        words = [one.argmax(-1).tolist() for one in labels]
        names = [self.config.vocabulary[slot] for slot in SLOTS]

        def one(b: int, m: int) -> Seen:
            noun, colour, size, material = (names[n][words[n][b][m]] for n in range(len(SLOTS)))
            return Seen(noun, colour, size, material, m % side, m // side)

        sure = [[m for m in row.argsort(descending=True, stable=True).tolist() if row[m] >= self.config.threshold] for row in chance]
        return [[one(b, m) for m in places] for b, places in enumerate(sure)]


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing and the column and row of its token."""

    noun: str
    colour: str
    size: str
    material: str
    column: int
    row: int

    def values(self, style: str) -> tuple[str, ...]:
        """What a caption of the style says of it."""
        said = {"size": self.size, "material": self.material, "colour": self.colour}
        return tuple(value for slot, value in said.items() if value not in UNSAID and (style == "dense" or slot not in FEWER))


def told(things: Sequence[Seen], style: str) -> str:
    """The set in words: alike things together with their number, in the order of their surest; some places in the spatial style."""
    if not things:
        return "a picture"
    groups: dict[str, list[Seen]] = {}
    for thing in things:
        groups.setdefault(thing.noun, []).append(thing)
    entities = tuple(_entity(noun, group, style) for noun, group in groups.items())
    relations = _relations(list(groups.values())) if style in ("spatial", "dense") else ()
    return realise(SceneGraph(entities, relations), "short" if style == "alt" else "dense" if style == "dense" else "fused")[0]


def _entity(noun: str, group: Sequence[Seen], style: str) -> Entity:
    shared = [value for value in group[0].values(style) if all(value in thing.values(style) for thing in group)]
    return Entity(noun, len(group), attributes=tuple(Attribute(value) for value in shared))


def _relations(groups: Sequence[Sequence[Seen]]) -> tuple[Relation, ...]:
    # of single things next in line, where one is clearly beside the other
    found = []
    singles = [n for n, group in enumerate(groups) if len(group) == 1]
    for one, other in pairwise(singles):
        across = groups[other][0].column - groups[one][0].column
        if abs(across) >= 3 and abs(across) > 1.5 * abs(groups[other][0].row - groups[one][0].row):
            found.append(Relation(one, "left of" if across > 0 else "right of", other))
    return tuple(found)
