"""Conditions of a captioner: numbers into buckets, and hiding some of them while it learns."""

# B captions, N values, K buckets

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from diptych.data.draws import Key, uniform
from diptych.data.errors import InputError
from diptych.models.decoding_scorers import PICTURE


@dataclass(frozen=True, slots=True)
class Buckets:
    """Numbers to buckets 0 .. len(edges): bucket k holds edges[k - 1] <= x < edges[k]; NaN goes to -1, null."""

    edges: tuple[float, ...]

    def __post_init__(self) -> None:
        if any(a > b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise InputError(f"edges must not fall, got {self.edges}: sort them")

    def __len__(self) -> int:
        return len(self.edges) + 1

    def __call__(self, values: ArrayLike) -> NDArray[np.int64]:
        """int64 of the values' shape."""
        given = np.asarray(values, float)
        return np.where(np.isnan(given), -1, np.searchsorted(self.edges, given, "right"))


def equal_width(values: ArrayLike, count: int) -> Buckets:
    """`count` buckets of one width from the least value to the greatest (NoC, Kang et al., 2023, arXiv:2212.13563)."""
    given = _finite(values, count)
    return Buckets(tuple(np.linspace(given.min(), given.max(), count + 1)[1:-1].tolist()))


def quantiles(values: ArrayLike, count: int) -> Buckets:
    """`count` buckets that hold equally many of the values."""
    return Buckets(tuple(np.quantile(_finite(values, count), np.arange(1, count) / count).tolist()))


def lengths(most: int, width: int = 1) -> Buckets:
    """Numbers of words into buckets of `width`: 0 .. width - 1 is bucket 0; the last holds `most` and all that is longer."""
    return Buckets(tuple(float(edge) for edge in range(width, most + 1, width)))


def _finite(values: ArrayLike, count: int) -> NDArray[np.float64]:
    given = np.asarray(values, float)
    given = given[np.isfinite(given)]
    if count < 1 or not given.size:
        raise InputError(f"buckets need at least one value and a count of at least 1, got {given.size} values and {count} buckets")
    return given


def hidden(model: Any, tensors: Mapping[str, Tensor], drop: Mapping[str, float], key: tuple[Key, ...]) -> dict[str, Tensor]:
    """What `forward` of a captioner or language model takes besides ids: memory, prefixes, pictures dropped, some of it hidden.

    Raises InputError where `drop` names what the captioner does not know.
    """
    known: tuple[str, ...] = getattr(model, "known", ())
    if unknown := set(drop) - {PICTURE, *known}:
        raise InputError(f"{', '.join(sorted(unknown))} cannot be dropped: this model knows {', '.join((PICTURE, *known))}")
    given: dict[str, Tensor | None] = {}
    if hasattr(model, "tokens"):
        given["memory"] = model.tokens(tensors)
        given["dropped"] = dropped(tensors["rows"], drop.get(PICTURE, 0.0), (*key, PICTURE)) if given["memory"] is not None else None
    if known:
        values = {
            name: nulled(tensors[name], dropped(tensors["rows"], drop.get(name, 0.0), (*key, name))) for name in known if name in tensors
        }
        given["prefixes"] = model.prefixes(values, len(tensors["rows"]))
    return {name: value for name, value in given.items() if value is not None}


def dropped(rows_B: Tensor, share: float, key: tuple[Key, ...]) -> Tensor | None:
    """(B,) which rows are hidden, drawn by the key and the row alone; None where none is."""
    if not share:
        return None
    return torch.tensor([uniform("drop", *key, row) < share for row in rows_B.tolist()], device=rows_B.device)


def nulled(values: Tensor, dropped_B: Tensor | None) -> Tensor:
    """Values with null where dropped: -1 for buckets (B,), NaN for numbers (B, n), padding for ids (B, n)."""
    if dropped_B is None:
        return values
    if values.dim() == 1:
        return torch.where(dropped_B, -1, values)
    return values.masked_fill(dropped_B[:, None], float("nan") if values.is_floating_point() else 0)
