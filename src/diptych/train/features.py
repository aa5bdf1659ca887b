"""Tokens of a frozen tower, computed once so that heads train on them in seconds."""

# n rows, M tokens, C width

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from diptych.train.data import Data


@torch.inference_mode()
def tokens_of(tower: Any, data: Data, *, batch: int = 64) -> NDArray[np.float16]:
    """float16 of (n, M, C), one entry a row of the data; the tower is used as it is, in evaluation mode."""
    was = tower.training
    tower.eval()
    parts = [tower(data.pixels(rows).to(tower.device)).half().cpu().numpy() for rows in _chunks(len(data), batch)]
    tower.train(was)
    return np.concatenate(parts) if parts else np.zeros((0, 0, 0), np.float16)


def _chunks(count: int, batch: int) -> list[NDArray[np.int64]]:
    return [np.arange(start, min(start + batch, count)) for start in range(0, count, batch)]
