"""Things on a grid: for each cell whether one is centred there, its box, noun, colour, size and material, and how well a phrase fits it.

Dense prediction at centres: Zhou et al., 2019, arXiv:1904.07850. Scores of texts for each cell: Minderer et al., 2022, arXiv:2205.06230
(OWL-ViT), with a bag of words for the text tower.
"""

# B pictures, G cells along one side, N = G * G cells, P phrases, E width of the common space, W words

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from diptych.models.conv_tower import ConvTower, ConvTowerConfig, Residual

SLOTS = ("noun", "colour", "size", "material")


class RegionConfig(PretrainedConfig):
    """`vocabulary` lists the words of each slot; `kinds` is the coarser noun of each noun, "" where there is none."""

    model_type = "diptych_region"

    def __init__(
        self,
        tower: Mapping[str, Any] | None = None,
        vocabulary: Mapping[str, Sequence[str]] | None = None,
        kinds: Sequence[str] = (),
        width: int = 64,
        space: int = 64,
        **kwargs: Any,
    ):
        self.tower = dict(tower or {})
        self.vocabulary = {slot: list(words) for slot, words in (vocabulary or {slot: ["?"] for slot in SLOTS}).items()}
        self.kinds = list(kinds)
        self.width, self.space = width, space
        super().__init__(**{"initializer_range": 0.06, **kwargs})

    @property
    def words(self) -> list[str]:
        """All words that a phrase may hold: those of the slots in order, then the kinds."""
        return [word for slot in SLOTS for word in self.vocabulary[slot]] + sorted({kind for kind in self.kinds if kind})


class Regions(NamedTuple):
    """Objectness logits (B, N); boxes (B, N, 4): middle and sides as shares of the picture; logits of each slot; vectors (B, N, E)."""

    objectness: Tensor
    boxes: Tensor
    labels: dict[str, Tensor]
    vectors: Tensor


class RegionModel(PreTrainedModel):
    """A conv tower with a head of twice its grid's side, since two things often share one of its tokens."""

    config_class = RegionConfig
    main_input_name = "pixel_values"

    def __init__(self, config: RegionConfig):
        super().__init__(config)
        self.tower = ConvTower(ConvTowerConfig(**config.tower))
        self.grid = 2 * self.tower.config.grid
        self.spread = nn.Sequential(nn.Linear(self.tower.config.channels[-1], 4 * config.width), nn.GELU())
        self.mix = nn.Sequential(nn.Conv2d(config.width, config.width, 1), Residual(config.width), Residual(config.width))
        self.sizes = [1, 4, *(len(config.vocabulary[slot]) for slot in SLOTS), config.space]
        self.out = nn.Linear(config.width, sum(self.sizes))
        self.query = nn.Sequential(nn.Linear(len(config.words), 128), nn.GELU(), nn.Linear(128, config.space + 1))
        self.post_init()
        # almost no cell holds a thing's middle
        nn.init.constant_(self.out.bias[:1], -4.0)

    def forward(self, pixel_values: Tensor | None = None, tokens: Tensor | None = None) -> Regions:
        """From pixels (B, 3, S, S), or from the tower's tokens."""
        if tokens is None:
            tokens = self.tower(pixel_values)
        cells = self.spread(tokens).transpose(1, 2).unflatten(2, (self.grid // 2, self.grid // 2))
        cells = self.mix(nn.functional.pixel_shuffle(cells, 2)).flatten(2).transpose(1, 2)
        objectness, boxes, *labels, vectors = torch.split(self.out(cells).float(), self.sizes, -1)
        return Regions(objectness[..., 0], placed(boxes, self.grid), dict(zip(SLOTS, labels, strict=True)), vectors)

    def fit(self, vectors: Tensor, phrases_PW: Tensor) -> Tensor:
        """Logits (..., P) of phrases, each a bag of words of the configuration, for cells with these vectors (..., E)."""
        queries = self.query(phrases_PW).float()
        return (vectors @ queries[:, :-1].T).float() + queries[:, -1]


def middles(grid: int, like: Tensor) -> Tensor:
    """Middles (N, 2) of the cells, x before y, as shares of the picture."""
    at = (torch.arange(grid, device=like.device, dtype=like.dtype) + 0.5) / grid
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], -1)


def placed(raw_BN4: Tensor, grid: int) -> Tensor:
    """Boxes (B, N, 4) as middle and sides, from offsets in cells and logarithms of sides in cells."""
    shift, sides = raw_BN4.split(2, -1)  # type: ignore[no-untyped-call]
    return torch.cat([middles(grid, raw_BN4) + shift / grid, sides.clamp(-4, 4).exp() / grid], -1)
