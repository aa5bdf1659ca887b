"""Random numbers that hang on keys, not on the order in which they are asked for."""

import struct
from hashlib import blake2b

import numpy as np

Key = str | int | float


def digest(*keys: Key) -> bytes:
    """16 bytes that depend on every key, its type and its place."""
    text = "\x1f".join(f"{type(key).__name__[0]}{key}" for key in keys)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def uniform(*keys: Key) -> float:
    """One draw in [0, 1) that depends on the keys alone."""
    return float((struct.unpack_from("<Q", digest(*keys))[0] >> 11) * 2.0**-53)


def generator(*keys: Key) -> np.random.Generator:
    """A numpy generator seeded by the keys alone."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest(*keys), "little")))
