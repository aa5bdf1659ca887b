"""Regions of a picture: boxes and masks, who found them, and what they hang on."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Box:
    """Fractions of the picture's width and height, from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Fraction of the picture that the box covers."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Mask:
    """Run lengths over the pixels row by row, starting with a run of background (which may be 0)."""

    width: int
    height: int
    runs: tuple[int, ...]
    box: Box


Shape = Box | Mask


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the record's picture; `parents` are regions it was found in, with the phrase that links them."""

    id: str
    shape: Shape
    kind: Literal["object", "part", "text", "group", "crop"] = "object"
    label: str = ""
    attributes: tuple[str, ...] = ()
    depth: float | None = None  # 0 nearest, 1 farthest, within this picture
    score: float | None = None
    by: str = ""
    parents: tuple[tuple[str, str], ...] = ()

    @property
    def box(self) -> Box:
        """The box around the region, whatever its shape."""
        return self.shape if isinstance(self.shape, Box) else self.shape.box
