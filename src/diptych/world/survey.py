"""What a camera sees of each thing, compiled: a coarse pass of rays without light."""

import numpy as np

from diptych.arrays.compiled import compiled
from diptych.world.arrange import extend, measure
from diptych.world.cast import FAR, Canvas, canvas, draw
from diptych.world.geometry import OWNER, Floats, Ints
from diptych.world.lettering import on_words

# columns for each thing: pixels and box (left, top, right, bottom) as if alone, then as seen; the sum and the least of the depths
# seen; the pixels of the words on it as if alone and as seen, and their box
ALONE, ALONE_BOX, SEEN, SEEN_BOX, DEPTH, NEAREST, WORDS_ALONE, WORDS_SEEN, WORDS_BOX, STATS = 0, 1, 5, 6, 10, 11, 12, 13, 14, 18


@compiled
def _shows_words(row: Floats, ratios: Floats, view: Floats, at: tuple[int, int, int], t: float) -> bool:
    x, y, size = at
    step = 2.0 * view[12] / size
    sx, sy = (x + 0.5) * step - view[12], view[12] - (y + 0.5) * step
    px, py = view[0] + t * (view[9] + sx * view[3] + sy * view[6]), view[1] + t * (view[10] + sx * view[4] + sy * view[7])
    return on_words(row, ratios, (px, py, view[2] + t * (view[11] + sx * view[5] + sy * view[8])))


@compiled
def _enter(rows_RW: Floats, ratios: Floats, view: Floats, own: Canvas, whole: Canvas) -> int:
    # merges one thing into the whole; pixels of its words as if it stood alone
    size, words = own.depth.shape[0], 0
    for y in range(size):
        for x in range(size):
            k = own.solid[y, x]
            if k < 0:
                continue
            words += _shows_words(rows_RW[k], ratios, view, (x, y, size), own.depth[y, x])
            if own.depth[y, x] < whole.depth[y, x]:
                whole.depth[y, x], whole.solid[y, x] = own.depth[y, x], k
    return words


@compiled
def _count(stats: Floats, rows_RW: Floats, ratios: Floats, view: Floats, whole: Canvas) -> None:
    size = whole.depth.shape[0]
    for y in range(size):
        for x in range(size):
            k, t = whole.solid[y, x], whole.depth[y, x]
            if k < 0:
                continue
            s = stats[int(rows_RW[k, OWNER])]
            s[SEEN] += 1
            s[DEPTH] += t
            s[NEAREST] = min(s[NEAREST], t)
            extend(s[SEEN_BOX : SEEN_BOX + 4], x, y)
            if _shows_words(rows_RW[k], ratios, view, (x, y, size), t):
                s[WORDS_SEEN] += 1
                extend(s[WORDS_BOX : WORDS_BOX + 4], x, y)


def survey(rows_RW: Floats, first: Ints, ratios: Floats, view: Floats, size: int) -> tuple[Floats, Ints]:
    """One row of columns a thing (its rows are `first[i]` to `first[i + 1]`), and the solid that each of size x size rays meets."""
    stats = np.zeros((len(first) - 1, STATS))
    stats[:, [SEEN_BOX, SEEN_BOX + 1, WORDS_BOX, WORDS_BOX + 1]], stats[:, NEAREST] = size, FAR
    whole, own = canvas(size), canvas(size)
    for i in range(len(stats)):
        own.depth.fill(FAR)
        own.solid.fill(-1)
        draw(rows_RW, first[i], first[i + 1], view, own)
        stats[i, ALONE] = measure(own.depth, stats[i, ALONE_BOX : ALONE_BOX + 4])
        stats[i, WORDS_ALONE] = _enter(rows_RW, ratios, view, own, whole)
    _count(stats, rows_RW, ratios, view, whole)
    return stats, whole.solid
