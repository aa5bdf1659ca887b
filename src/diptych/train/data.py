"""What is trained on: records, their pictures and captions, and columns of arrays beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.selection import captions_of
from diptych.train.batch import Batch
from diptych.train.pictures import seen

PIXELS = "pixel_values"
_tokenizing = Lock()  # a fast tokenizer sets its padding as it goes, which two threads must not do at once


@dataclass(frozen=True, slots=True)
class Inputs:
    """How a model takes its inputs: pixels of `size` x `size`, scaled to (x / 255 - mean) / std; at most `length` tokens.

    `columns` names what a batch brings: "pixel_values", or arrays of the data such as the cached "tokens" of a frozen tower.
    """

    tokenizer: PreTrainedTokenizerBase | None = None
    length: int = 64
    size: int = 64
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    columns: tuple[str, ...] = (PIXELS,)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Data:
    """Rows in the source's order. `columns` are arrays of one entry a row: cached tokens, scores, targets that the lab made.

    A column "pixel_values", bytes of (n, size, size, 3), stands for the pictures, which are then never opened.
    """

    rows: Sequence[Record]
    pictures: Callable[[Image], Picture]
    inputs: Inputs = field(default_factory=Inputs)
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    captions: str = "chosen"

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self, row: int) -> tuple[str, ...]:
        """The captions that stand for a row."""
        return tuple(caption.text for caption in captions_of(self.rows[row], self.captions))

    def taking(self, inputs: Inputs) -> "Data":
        """The same rows for a model with other inputs."""
        return replace(self, inputs=inputs)

    def having(self, **columns: NDArray[Any]) -> "Data":
        """The same rows with more columns."""
        for name, column in columns.items():
            if len(column) != len(self):
                raise InputError(f"column {name} must have one entry for each of the {len(self)} rows, got {len(column)}")
        return replace(self, columns={**self.columns, **columns})

    def tensors(self, batch: Batch) -> dict[str, Tensor]:
        """What the objective gets, on the CPU: the columns asked for, NAME_ids and NAME_mask for each text, arrays, and `rows`.

        Entries whose pictures cannot be opened are replaced (`pictures.seen`): `rows` tells by which.
        """
        return self.scaled(self.raw(batch))

    def raw(self, batch: Batch) -> dict[str, Tensor]:
        """As `tensors`, but pixels still bytes of (B, size, size, 3), which are sooner sent to a device than floats."""
        found: dict[str, Tensor] = {}
        if PIXELS in self.inputs.columns:
            batch, pixels = self.shown(batch)
            found[PIXELS] = torch.from_numpy(pixels)
        found["rows"] = torch.from_numpy(np.asarray(batch.rows))
        for name in self.inputs.columns:
            if name != PIXELS:
                found[name] = torch.from_numpy(self.columns[name][batch.rows])
        for name, said in batch.texts.items():
            found[f"{name}_ids"], found[f"{name}_mask"] = tokens(said, self.inputs)
        return found | {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in batch.arrays.items()}

    def shown(self, batch: Batch) -> tuple[Batch, NDArray[np.uint8]]:
        """Bytes of the pictures (B, size, size, 3), and the batch with the entries whose pictures these are (`pictures.seen`)."""
        if PIXELS in self.columns:
            return batch, self.columns[PIXELS][batch.rows]
        return seen(batch, self.rows, self.pictures, self.inputs.size)

    def scaled(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Bytes of pixels as floats (B, 3, size, size) on whatever device they are."""
        if PIXELS not in tensors or tensors[PIXELS].dtype != torch.uint8:
            return tensors
        pixels = tensors[PIXELS].permute(0, 3, 1, 2).float()
        mean, std = (torch.tensor(three, device=pixels.device).view(1, 3, 1, 1) for three in (self.inputs.mean, self.inputs.std))
        return tensors | {PIXELS: ((pixels / 255 - mean) / std).contiguous()}

    def pixels(self, rows: NDArray[np.int64]) -> Tensor:
        """float32 of (B, 3, size, size): the whole picture, its sides made equal."""
        return self.scaled({PIXELS: torch.from_numpy(self.shown(Batch(rows))[1])})[PIXELS]


def tokens(texts: Sequence[str], inputs: Inputs) -> tuple[Tensor, Tensor]:
    """Ids and mask, int64 of (B, T), T the longest text's length and at most `inputs.length`."""
    if inputs.tokenizer is None:
        raise InputError("there are texts but no tokenizer: give inputs one")
    with _tokenizing:
        made = inputs.tokenizer(list(texts), padding=True, truncation=True, max_length=inputs.length, return_tensors="pt")
    return made["input_ids"], made["attention_mask"]
