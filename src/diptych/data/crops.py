"""Crops and the pictures they are cut from: which part a crop shows, and boxes from one to the other."""

from diptych.data.pictures import Picture
from diptych.data.regions import Box

LEAST = 0.5  # share of a box that a crop must show to show the thing in it


def root_of(picture: Picture) -> Picture:
    """The uncropped picture."""
    while picture.parent is not None:
        picture = picture.parent
    return picture


def window_of(picture: Picture) -> Box | None:
    """The crop's box in the uncropped picture; None where the picture is none."""
    window: Box | None = None
    while picture.parent is not None:
        if picture.box is not None:
            window = picture.box if window is None else outside(window, picture.box)
        picture = picture.parent
    return window


def outside(inner: Box, window: Box) -> Box:
    """A crop's box as one of what it is cut from, by `window`."""
    wide, high = window.right - window.left, window.bottom - window.top
    return Box(
        window.left + inner.left * wide, window.top + inner.top * high, window.left + inner.right * wide, window.top + inner.bottom * high
    )


def inside(box: Box, window: Box) -> Box | None:
    """A box as one of the crop under `window`, cut to it; None where it shows less than `LEAST` of the box."""
    if window.area <= 0 or shared(box, window) < LEAST * box.area:
        return None
    wide, high = window.right - window.left, window.bottom - window.top
    return Box(
        max(0.0, (box.left - window.left) / wide),
        max(0.0, (box.top - window.top) / high),
        min(1.0, (box.right - window.left) / wide),
        min(1.0, (box.bottom - window.top) / high),
    )


def shared(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return wide * high if wide > 0 and high > 0 else 0.0
