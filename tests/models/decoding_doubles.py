"""A scorer that reads its words off a table, for tests of decoding."""

import torch
from torch import Tensor


class Chain:
    """Log probabilities (V, V) of the next word by the last one; the first word follows `begin`, which may differ by row."""

    def __init__(self, table_VV: Tensor, begin: list[int]):
        self.table_VV, self.begin = table_VV, torch.tensor(begin)

    def start(self) -> Tensor:
        return self.table_VV[self.begin]

    def next(self, ids_R: Tensor) -> Tensor:
        return self.table_VV[ids_R]

    def reorder(self, places_R: Tensor) -> None:
        pass


def chain(seed: int, words: int = 5, begin: tuple[int, ...] = (1,)) -> Chain:
    made = torch.Generator().manual_seed(seed)
    return Chain(torch.randn(words, words, generator=made).mul(2).log_softmax(-1), list(begin))
