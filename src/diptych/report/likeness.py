"""Pictures that look alike: difference hashes and groups of near ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

BITS = 128
NEAR = 10  # bits of 128 that may differ; resizing and recompressing a photo changes about 0 to 6
_FLAT = 12  # grey levels; a picture with less contrast has no pattern to compare


def fingerprint(pixels: Pillow.Image) -> NDArray[np.uint64] | None:
    """Two words: where brightness rises from left to right, and from top to bottom, on a grid of 8 x 8; None for a flat picture."""
    grid = np.asarray(pixels.convert("L").resize((9, 9), Pillow.Resampling.BOX), dtype=np.int16)
    if int(grid.max()) - int(grid.min()) < _FLAT:
        return None
    bits = np.concatenate([(grid[:8, 1:] > grid[:8, :-1]).ravel(), (grid[1:, :8] > grid[:-1, :8]).ravel()])
    return np.packbits(bits).view(np.uint64)


def groups(prints: Sequence[NDArray[np.uint64] | None], near: int = NEAR) -> list[list[int]]:
    """Indices of pictures at most `near` bits apart from another of their group, the first member's order; single ones are left out."""
    known = [index for index, each in enumerate(prints) if each is not None]
    if len(known) < 2:
        return []
    table = np.stack([each for each in prints if each is not None])
    root = list(range(len(known)))
    for i in range(len(known) - 1):
        apart = np.bitwise_count(table[i + 1 :] ^ table[i]).sum(axis=1)
        for j in np.flatnonzero(apart <= near):
            root[_find(root, i + 1 + int(j))] = _find(root, i)
    found: dict[int, list[int]] = {}
    for i, index in enumerate(known):
        found.setdefault(_find(root, i), []).append(index)
    return sorted(group for group in found.values() if len(group) > 1)


def _find(root: list[int], i: int) -> int:
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i
