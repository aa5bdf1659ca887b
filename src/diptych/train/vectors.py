"""Vectors of a data set's pictures and captions by a frozen dual encoder, at length 1."""

# N rows, K captions of a row, D width

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from diptych.data.errors import InputError
from diptych.models.dual import picture_vectors, text_vectors
from diptych.train.batch import Batch
from diptych.train.data import Data, Inputs, tokens
from diptych.train.rewards_encoders import frozen

Floats = NDArray[np.float32]
_BATCH = 256


def pictures_of(encoder: str, data: Data, rows: int | None = None) -> Floats:
    """(N, D) of the first rows, or of all, by the encoder of a folder."""
    model, inputs = frozen(encoder)
    return picture_table(model, data.taking(inputs), rows)


def vectors_of(encoder: str, said: Sequence[str]) -> Floats:
    """(len(said), D) of texts by the encoder of a folder."""
    return text_table(*frozen(encoder), said)


@torch.inference_mode()
def picture_table(model: Any, data: Data, rows: int | None = None) -> Floats:
    """(N, D) of the first rows, or of all."""
    found: list[Any] = []
    count = len(data) if rows is None else min(rows, len(data))
    for start in range(0, count, _BATCH):
        shown = data.tensors(Batch(np.arange(start, min(start + _BATCH, count))))
        found.append(normalize(picture_vectors(model, {name: one.to(model.device) for name, one in shown.items()}).float(), dim=-1))
    return np.asarray(torch.cat(found).numpy(force=True), np.float32)


@torch.inference_mode()
def text_table(model: Any, inputs: Inputs, said: Sequence[str]) -> Floats:
    """(len(said), D) of texts, each different one encoded once."""
    place = {text: number for number, text in enumerate(dict.fromkeys(said))}
    known, found = list(place), []
    for start in range(0, len(known), _BATCH):
        ids, mask = tokens(known[start : start + _BATCH], inputs)
        found.append(normalize(text_vectors(model, ids.to(model.device), mask.to(model.device)).float(), dim=-1))
    table_MD = torch.cat(found).numpy(force=True)
    return np.asarray(table_MD[[place[text] for text in said]], np.float32)


def captions_of(encoder: str, data: Data) -> Floats:
    """(N, K, D) of the rows' captions in their order; K is what the row with most has, and rows with fewer say theirs again.

    InputError where a row has no caption.
    """
    said = [data.texts(row) for row in range(len(data))]
    if () in said:
        raise InputError(f"row {data.rows[said.index(())].id!r} has no caption of {data.captions!r}: leave such rows out")
    most = max(map(len, said))
    listed = [texts[number % len(texts)] for texts in said for number in range(most)]
    return vectors_of(encoder, listed).reshape(len(data), most, -1)
