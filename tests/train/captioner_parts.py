"""Small parts for tests of training captioners: data without pictures, a policy that is a table."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from diptych.data.records import Caption, Image, Record
from diptych.models.words import word_tokenizer
from diptych.train.data import Data, Inputs

TEXTS = (("a red ball", "a ball"), ("a blue cube and a red ball",), ("two green cones", "some cones"), ("a cube",), ("a lamp near a cube",))


def data_of(texts: Any = TEXTS, tokens: tuple[int, int] = (4, 8)) -> Data:
    """Rows with these captions and drawn tokens (M, C) for pictures."""
    rows = []
    for number, said in enumerate(texts):
        captions = tuple(Caption(f"r{number}/{place}", text) for place, text in enumerate(said))
        rows.append(Record(f"r{number}", Image("none", str(number)), captions, chosen=tuple(one.id for one in captions)))
    column = np.random.default_rng(0).normal(size=(len(rows), *tokens)).astype(np.float32)
    tokenizer = word_tokenizer(text for said in texts for text in said)
    return Data(rows, no_pictures, Inputs(tokenizer, 16, columns=("tokens",)), {"tokens": column})


def no_pictures(image: Image) -> Any:
    """There are none."""
    raise AssertionError("no picture is opened")


class Table(nn.Module):
    """A policy without memory: the logits of a word hang on the word before it alone."""

    def __init__(self, words: int, start: Tensor | None = None):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(words, words) if start is None else start.clone())
        self.config = SimpleNamespace(blocks=1)
        self.device = torch.device("cpu")

    def forward(self, input_ids: Tensor, memory: Tensor | None = None, prefixes: Tensor | None = None, cache: Any = None) -> Tensor:
        """(R, T) to (R, T, V)."""
        if cache is not None:
            cache.advance(input_ids.shape[1])
        return self.logits[input_ids]

    def tokens(self, tensors: Any) -> None:
        """No memory."""

    def prefixes(self, values: Any, rows: int) -> None:
        """No prefixes."""

    def save_pretrained(self, out: Any) -> None:
        """Nothing is kept."""
