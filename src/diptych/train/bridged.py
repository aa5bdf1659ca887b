"""Captioners that see vectors of another space: batches of text vectors that bridges have moved, their objective, what they write."""

# B rows, K captions of a row, D width of the vectors, T words, V words known

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from diptych.data.draws import Key
from diptych.data.errors import InputError
from diptych.models.bridged_captioner import BridgedCaptioner
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_vectors import scorer_of
from diptych.models.folders import from_folder, words_from_folder
from diptych.train.batch import Batch
from diptych.train.bridges import Bridge
from diptych.train.captioning import word_losses
from diptych.train.data import Data
from diptych.train.order import key_of, marks, mixed, shuffled

_ROWS = 256


@dataclass(frozen=True, slots=True)
class Writing:
    """Mean over words of -log p(word | words before, the row's `vectors`), the ending word included."""

    smoothing: float = 0.0

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, tuple[Tensor, Tensor]]:
        ids_BT, mask_BT = tensors["text_ids"], tensors["text_mask"][:, 1:].float()
        loss_BT = word_losses(model(ids_BT[:, :-1], vectors=tensors["vectors"]), ids_BT[:, 1:], self.smoothing)
        return {"caption": ((loss_BT * mask_BT).sum(), mask_BT.sum())}

    def counts(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """How many words the mean is over."""
        return {"caption": tensors["text_mask"][:, 1:].float().sum()}


@dataclass(frozen=True, slots=True, eq=False)
class BridgedVectors:
    """Rows in random order, each with one of its captions to be written and a vector to write it from, moved by `bridges` in turn.

    `column` of the data holds the vectors: (D,) for each row, or (K, D) in the order of its captions, of which `source` is the caption's
    own or another one's. What bridges draw hangs on (record id, episode). With `copies` S over 1 each vector comes S times, moved each
    time anew: (S, D) for a bridge of queries (Qiu et al., 2024, arXiv:2401.02347: 10).
    """

    size: int = 128
    column: str = "text_vectors"
    bridges: tuple[Bridge, ...] = ()
    source: Literal["same", "other"] = "same"
    copies: int = 1

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        if len(data) < self.size:
            raise InputError(f"a batch of {self.size} needs as many rows, got {len(data)}: give a smaller batch or more data")
        order, saying, hearing = shuffled(data, key_of(rng)), key_of(rng), key_of(rng)
        for start in range(0, len(order) - self.size + 1, self.size):
            rows = order[start : start + self.size]
            drawn = [mixed(marks(data)[rows], key) for key in (saying, hearing)]
            said = [data.texts(int(row)) for row in rows]
            number = np.array([int(one % np.uint64(len(texts))) for one, texts in zip(drawn[0], said, strict=True)])
            heard_BD = self._heard(data.columns[self.column][rows], number, drawn[1], [len(texts) for texts in said])
            texts = [texts[one] for texts, one in zip(said, number, strict=True)]
            yield Batch(rows, {"text": texts}, {"vectors": self._moved(heard_BD, [(data.rows[int(row)].id, episode) for row in rows])})

    def _moved(self, vectors_BD: NDArray[Any], keys: Sequence[tuple[Key, ...]]) -> NDArray[np.float32]:
        moved_RD = np.repeat(vectors_BD, self.copies, axis=0)
        asked = keys if self.copies == 1 else [(*key, copy) for key in keys for copy in range(self.copies)]
        for bridge in self.bridges:
            moved_RD = bridge.transform(moved_RD, asked)
        found = np.asarray(moved_RD, np.float32)
        return found if self.copies == 1 else found.reshape(len(keys), self.copies, -1)

    def _heard(self, found: NDArray[Any], said: NDArray[np.int64], drawn: NDArray[np.uint64], captions: Sequence[int]) -> NDArray[Any]:
        if found.ndim == 2:
            return found
        if self.source == "other":
            if min(captions) < 2:
                raise InputError("the vector of another caption needs rows of two captions or more: use source='same'")
            others = [1 + int(one % np.uint64(count - 1)) for one, count in zip(drawn, captions, strict=True)]
            said = (said + np.array(others)) % np.array(captions)
        vectors: NDArray[Any] = found[np.arange(len(found)), said]
        return vectors


@torch.inference_mode()
def written(folder: Path | str, vectors_ND: NDArray[Any], settings: Settings | None = None, keys: Sequence[str] | None = None) -> list[str]:
    """A text for each vector by the captioner of a folder."""
    model = from_folder(BridgedCaptioner, folder).eval()
    words = words_from_folder(PreTrainedTokenizerFast if model.ours else AutoTokenizer, folder)
    used = settings or Settings()
    used = used if model.ours else replace(used, end=words.eos_token_id)
    said: list[str] = []
    for start in range(0, len(vectors_ND), _ROWS):
        shown = torch.from_numpy(np.asarray(vectors_ND[start : start + _ROWS], np.float32))
        of_rows = None if keys is None else keys[start : start + _ROWS]
        said += [one.text for one in decode(scorer_of(model, shown, words), used, tokenizer=words, keys=of_rows)]
    return said
