"""Where words stand on a box, compiled."""

from diptych.arrays.compiled import compiled
from diptych.world.cast import Vector, local
from diptych.world.geometry import WORDS, A, B, C, Floats, Ints

_INSIDE = 1.0 - 1e-9  # or the last dot's far edge would be the dot after it


@compiled
def _half(row: Floats, ratio: float) -> tuple[float, float]:
    # half width and half height of words of width / height `ratio` on a box's front
    tall = min(0.66 * row[C], 0.88 * row[A] / ratio)
    return tall * ratio, tall


@compiled
def on_words(row: Floats, ratios: Floats, point: Vector) -> bool:
    """Whether a point of the world, on the solid's surface, lies in the rectangle of its words."""
    if row[WORDS] <= 0:
        return False
    x, y, z = local(row, point)
    wide, tall = _half(row, ratios[int(row[WORDS]) - 1])
    return bool(y < -row[B] * (1.0 - 1e-6) and abs(x) < wide and abs(z) < tall)


@compiled
def ink_at(row: Floats, sheet: Floats, columns: Ints, at: Vector) -> float:
    """Ink of the words, 0 to 1, at a point of the box in its own axes."""
    word = int(row[WORDS]) - 1
    wide, tall = _half(row, columns[word] / sheet.shape[1])
    if word < 0 or at[1] > -row[B] * (1.0 - 1e-6) or abs(at[0]) >= wide * _INSIDE or abs(at[2]) >= tall * _INSIDE:
        return 0.0
    u = int((at[0] / wide + 1.0) / 2.0 * columns[word])
    v = int((1.0 - at[2] / tall) / 2.0 * sheet.shape[1])
    return float(sheet[word, v, u])
