"""The order of rows in an episode: by a keyed hash of the record's id, so that it hangs on (seed, episode, record id) alone.

Neither the source's order, nor rows added or taken away, nor the number of processes changes which of two rows comes first.
"""

# N rows

from hashlib import blake2b
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.train.data import Data

_marks: "WeakKeyDictionary[Data, NDArray[np.uint64]]" = WeakKeyDictionary()


def marks(data: Data) -> NDArray[np.uint64]:
    """(N,) 64 bits that stand for each row's id: taken once from the ids, then kept with the data."""
    if data not in _marks:
        packed = b"".join(blake2b(row.id.encode("utf-8", "surrogatepass"), digest_size=8).digest() for row in data.rows)
        _marks[data] = np.frombuffer(packed, "<u8").astype(np.uint64)
    return _marks[data]


def mixed(marks_N: NDArray[np.uint64], key: int) -> NDArray[np.uint64]:
    """(N,) 64 bits that hang on mark and key, each bit on all of theirs (the finaliser of splitmix64, Steele et al., OOPSLA 2014)."""
    word = marks_N ^ np.uint64(key)
    with np.errstate(over="ignore"):  # modulo 2 ** 64 on purpose
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            word = (word ^ (word >> np.uint64(shift))) * np.uint64(factor)
    return word ^ (word >> np.uint64(31))


def shuffled(data: Data, key: int) -> NDArray[np.int64]:
    """(N,) all rows in the key's order; of two rows with one id the earlier comes first."""
    return np.argsort(mixed(marks(data), key), kind="stable").astype(np.int64)


def key_of(rng: np.random.Generator) -> int:
    """A key for `shuffled` or `mixed` from an episode's generator."""
    return int(rng.integers(1 << 63))


def captions_drawn(data: Data, rows_B: NDArray[np.int64], key: int) -> list[str]:
    """One caption of each row, all of a row's captions alike likely; which one hangs on the key and the record's id."""
    drawn_B = mixed(marks(data)[rows_B], key)
    said = [data.texts(int(row)) for row in rows_B]
    if () in said:
        row = data.rows[int(rows_B[said.index(())])]
        raise InputError(f"row {row.id!r} has no caption of {data.captions!r}: leave such rows out or name other captions")
    return [texts[int(draw % np.uint64(len(texts)))] for texts, draw in zip(said, drawn_B, strict=True)]
