"""What the nano heads train on: scenes as rows of columns alone, and batches of their captions, those of like length together."""

# N scenes, K styles, F false captions of a scene, T words, E captions of an episode, B of a batch

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import PictureError
from diptych.data.records import Image, Record
from diptych.lab.nano_texts import STYLES
from diptych.train.batch import Batch
from diptych.train.data import Data, Inputs
from diptych.train.order import key_of, marks, mixed

TOGETHER = 16  # batches whose captions are sorted by length


def scenes(**columns: NDArray[Any]) -> Data:
    """Rows that are these columns and nothing else; batches bring all of them."""
    count = len(next(iter(columns.values())))
    return Data([Record(f"scene {n}", Image("")) for n in range(count)], _none, Inputs(columns=tuple(columns))).having(**columns)


def _none(image: Image) -> Any:
    raise PictureError("these rows have no pictures")


@dataclass(frozen=True, slots=True)
class Captions:
    """Scenes, each with one of its captions, from the columns `true` (N, K, T) and `false` (N, F, T) of ids, 0 where there is none.

    An episode has every scene once for each time that one of `STYLES` is named. Batches bring text_ids, text_mask, style and, with
    `false`, wrong_ids: a false caption for the first third of the batch.
    """

    size: int
    styles: tuple[str, ...] = STYLES
    false: bool = False

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        """One episode."""
        true_NKT = data.columns["true"]
        scene_E, style_E = self.order(data, rng)
        for place_B in alike((true_NKT != 0).sum(-1)[scene_E, style_E], self.size, rng):
            rows_B, style_B = scene_E[place_B], style_E[place_B]
            ids_BT = trimmed(true_NKT[rows_B, style_B])
            arrays = {"text_ids": ids_BT, "text_mask": ids_BT != 0, "style": style_B}
            yield Batch(rows_B, arrays=arrays | ({"wrong_ids": self.wrong(data, rows_B, rng)} if self.false else {}))

    def order(self, data: Data, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Scenes (E,) and styles (E,), by keyed hashes of the scenes."""
        hashes = np.concatenate([mixed(marks(data), key_of(rng)) for _ in self.styles])
        order_E = np.argsort(hashes, kind="stable")
        numbers = np.array([STYLES.index(style) for style in self.styles])
        return order_E % len(data), numbers[order_E // len(data)]

    def wrong(self, data: Data, rows_B: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """(B, T), 0 but for the first third."""
        false_NFT = data.columns["false"]
        found_BT = false_NFT[rows_B, rng.integers(false_NFT.shape[1], size=len(rows_B))]
        found_BT[len(rows_B) // 3 :] = 0
        return trimmed(found_BT)


def alike(lengths_E: NDArray[Any], size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Places of entries, `size` a batch; of so many batches in a row those of like length share one, so that little is padding.

    What is left of the last batch is left out.
    """
    whole = len(lengths_E) // size
    for first in range(0, whole, TOGETHER):
        run = np.arange(first * size, min(first + TOGETHER, whole) * size)
        ranked = run[np.argsort(lengths_E[run], kind="stable")].reshape(-1, size)
        yield from ranked[rng.permutation(len(ranked))]


def trimmed(ids_BT: NDArray[Any]) -> NDArray[np.int64]:
    """As wide as the longest text."""
    return ids_BT[:, : int((ids_BT != 0).sum(-1).max())].astype(np.int64)
