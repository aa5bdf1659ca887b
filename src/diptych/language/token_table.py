"""Captions as integers: each word of a list of captions once, and every token as its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from diptych.language.ptb import Mode, ptb_tokenise
from diptych.language.ptb_pieces import Pieces, pays, pieces

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
    if not pays(captions):
        return interned(ptb_tokenise(captions, mode=mode))
    taken = pieces(captions, each=mode == "each")
    numbers: dict[str, int] = {}
    parts = [[word.split() for word in token.split(" ")] for token in taken.tokens]
    ids = [[numbers.setdefault(word, len(numbers)) for words in token for word in words] for token in parts]
    glued = [[place + 1 < len(words) for words in token for place in range(len(words))] for token in parts]
    if max(map(len, ids), default=0) < 2:
        return _single(taken, np.array([words[0] if words else -1 for words in ids], np.int32), tuple(numbers))
    size_V = np.array([len(words) for words in ids], np.int64)
    first_V = np.cumsum(size_V) - size_V
    size_T = size_V[taken.numbers_T]
    ends = np.cumsum(size_T)
    # where a piece's words begin in the list of all pieces' words, less where they begin among the tokens
    source = np.repeat(first_V[taken.numbers_T] - (ends - size_T), size_T) + np.arange(ends[-1] if len(ends) else 0)
    ids_T = np.fromiter(chain.from_iterable(ids), np.int32)[source]
    glued_T = np.fromiter(chain.from_iterable(glued), bool)[source]
    words = tuple(numbers)[: int(ids_T.max(initial=-1)) + 1]  # lines that a shift has pushed out used the others
    return TokenTable(ids_T, np.concatenate([[0], ends])[taken.offsets], words, glued_T)


def _single(taken: Pieces, id_V: NDArray[np.int32], words: tuple[str, ...]) -> TokenTable:
    """The table where no piece has several words; -1 stands for a piece without one."""
    ids_T = id_V[taken.numbers_T]
    kept = ids_T >= 0
    ids_T = ids_T[kept]
    ends = np.concatenate(([0], np.cumsum(kept)))
    words = words[: int(ids_T.max(initial=-1)) + 1]  # lines that a shift has pushed out used the others
    return TokenTable(ids_T, ends[taken.offsets], words, np.zeros(len(ids_T), bool))


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
