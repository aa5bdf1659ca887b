"""Bridges that are learnt: vectors of one space to prefix vectors of a decoder."""

# B rows, D width of the source space, S vectors of a row (noisy copies, or tokens), P prefixes, W width of the decoder

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from diptych.data.errors import InputError


class LinearBridge(nn.Module):
    """Vectors (B, D) to prefixes (B, P, W) by one linear layer (Gu et al., 2022, arXiv:2211.09778: P = 4)."""

    def __init__(self, source: int, width: int, prefixes: int = 4):
        super().__init__()
        self.prefixes = prefixes
        self.map = nn.Linear(source, prefixes * width)

    def forward(self, vectors_BD: Tensor) -> Tensor:
        """(B, P, W)."""
        return self.map(vectors_BD).unflatten(-1, (self.prefixes, -1))


class MlpBridge(nn.Module):
    """Vectors (B, D) to prefixes (B, P, W) by two layers (Mokady et al., 2021, arXiv:2111.09734: half the output wide, tanh, P = 10)."""

    def __init__(self, source: int, width: int, prefixes: int = 10):
        super().__init__()
        self.prefixes = prefixes
        hidden = max(1, prefixes * width // 2)
        self.map = nn.Sequential(nn.Linear(source, hidden), nn.Tanh(), nn.Linear(hidden, prefixes * width))

    def forward(self, vectors_BD: Tensor) -> Tensor:
        """(B, P, W)."""
        return self.map(vectors_BD).unflatten(-1, (self.prefixes, -1))


class QueryMapper(nn.Module):
    """Learnt queries read the vectors (B, S, D) of a row into prefixes (B, P, W); the order of the vectors does not matter.

    One layer of attention and a three-layer head, over noisy copies in training and regions at test (Qiu et al., 2024,
    arXiv:2401.02347: 10 copies, 32 queries). Vectors (B, D) are a row's only one.
    """

    def __init__(self, source: int, width: int, prefixes: int = 32, heads: int = 4):
        super().__init__()
        self.queries = nn.Parameter(torch.randn(prefixes, width) * 0.02)
        self.reads = nn.Sequential(nn.Linear(source, width), nn.LayerNorm(width))
        self.asks = nn.LayerNorm(width)
        self.look = nn.MultiheadAttention(width, heads, batch_first=True)
        self.head = nn.Sequential(nn.LayerNorm(width), *(_layer(width, last) for last in (False, False, True)))

    def forward(self, vectors_BSD: Tensor) -> Tensor:
        """(B, P, W)."""
        read_BSW = self.reads(vectors_BSD if vectors_BSD.ndim == 3 else vectors_BSD[:, None])
        queries_BPW = self.queries.expand(len(read_BSW), -1, -1)
        found_BPW = queries_BPW + self.look(self.asks(queries_BPW), read_BSW, read_BSW, need_weights=False)[0]
        return self.head(found_BPW)


def _layer(width: int, last: bool) -> nn.Module:
    return nn.Linear(width, width) if last else nn.Sequential(nn.Linear(width, width), nn.GELU())


BRIDGES: Mapping[str, Callable[..., nn.Module]] = {"linear": LinearBridge, "mlp": MlpBridge, "queries": QueryMapper}


def bridge_of(kind: str, source: int, width: int, prefixes: int) -> nn.Module:
    """The bridge of a kind: linear, mlp or queries."""
    if kind not in BRIDGES or prefixes < 1:
        raise InputError(f"a bridge is one of {', '.join(BRIDGES)} with one prefix or more, got {kind!r} with {prefixes}")
    return BRIDGES[kind](source, width, prefixes)
