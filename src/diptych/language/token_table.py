"""Captions as integers: each word of a list of captions once, and every token as its number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.language.ptb import Mode, ptb_tokenise

GLUE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class TokenTable:
    """Tokens of N captions: those of caption n are `ids_T[offsets[n] : offsets[n + 1]]`, each a place in `words`.

    The reference's tokeniser makes one token of "1 1/2" and of a phone number, with a no-break space inside. Python's
    `split()`, which BLEU and CIDEr use, parts it there; `split(" ")`, which ROUGE uses, does not. Here such a token is parted,
    and `glued_T` is true for each part that another one of the same token follows.
    """

    ids_T: NDArray[np.int32]
    offsets: NDArray[np.int64]  # N + 1 of them
    words: tuple[str, ...]  # in the order of their first occurrence
    glued_T: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def token_table(captions: Sequence[str], *, mode: Mode = "wrapper") -> TokenTable:
    """Tokens of the captions as `ptb_tokenise` makes them, each word once; equal to `interned(ptb_tokenise(captions, mode=mode))`."""
    return interned(ptb_tokenise(captions, mode=mode))


def interned(joined: Sequence[str]) -> TokenTable:
    """The same table from captions whose tokens are joined by single spaces already (any tokeniser's)."""
    numbers: dict[str, int] = {}
    ids: list[int] = []
    glued: list[bool] = []
    offsets = [0]
    for caption in joined:
        for token in caption.split(" "):
            parts = token.split()
            ids.extend(numbers.setdefault(part, len(numbers)) for part in parts)
            glued.extend(place + 1 < len(parts) for place in range(len(parts)))
        offsets.append(len(ids))
    return TokenTable(np.array(ids, np.int32), np.array(offsets, np.int64), tuple(numbers), np.array(glued, bool))
