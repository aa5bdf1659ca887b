"""How well each row's caption fits its picture, for conditions, filters and weights of captions."""

# N rows

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.train.data import Data
from diptych.train.rewards_encoders import encoded


def cosines(encoders: Sequence[str], data: Data, *, batch: int = 256) -> NDArray[np.float64]:
    """Cosine (N,) of each row's caption and picture; row r is scored by encoder r modulo their number, folders of dual encoders.

    An encoder remembers the wrong captions that it was trained on: train several, each on the rows that another scores.
    Raises InputError for rows with several captions, since one number stands for a row.
    """
    if not encoders:
        raise InputError("no encoder scores the captions: name the folder of at least one dual encoder")
    found = np.full(len(data), np.nan)
    for place, encoder in enumerate(encoders):
        rows = np.arange(place, len(data), len(encoders))
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            text_BKD, picture_BD = encoded(encoder, [_only(data, int(row)) for row in part], part, data)
            found[part] = (text_BKD[:, 0] * picture_BD).sum(-1).double().numpy(force=True)
    return found


def of_rows(data: Data, rows: NDArray[Any]) -> Data:
    """These rows alone, with their columns."""
    return replace(
        data, rows=[data.rows[int(row)] for row in rows], columns={name: column[rows] for name, column in data.columns.items()}
    )  # fmt: skip


def bringing(data: Data, **columns: NDArray[Any]) -> Data:
    """The data with columns that every batch brings."""
    inputs = replace(data.inputs, columns=tuple(dict.fromkeys((*data.inputs.columns, *columns))))
    return data.having(**columns).taking(inputs)


def _only(data: Data, row: int) -> list[str]:
    texts = list(data.texts(row))
    if len(texts) != 1:
        raise InputError(f"row {data.rows[row].id!r} has {len(texts)} captions, and its cosine is of one: choose one (--captions)")
    return texts
