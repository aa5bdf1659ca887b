"""Opening a sample of a dataset's pictures: sizes, formats, what is broken, what is there twice."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from diptych.data.decoding import Decoder, known_formats
from diptych.data.errors import PictureError
from diptych.data.opening import thumbnail as shrink
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.report.likeness import fingerprint, groups

_SIDE = 256  # pixels; large enough for the fingerprint and the page's thumbnails


@dataclass(slots=True)
class Looked:
    """What opening pictures has shown; lists run in step. `broken` are (record id, why)."""

    ids: list[str] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    heights: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    prints: list[NDArray[np.uint64] | None] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[str, str]] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)

    def copies(self) -> list[list[int]]:
        """Groups of pictures whose bytes are the same."""
        found: dict[str, list[int]] = {}
        for index, key in enumerate(self.keys):
            found.setdefault(key, []).append(index)
        return [group for group in found.values() if len(group) > 1]

    def alike(self) -> list[list[int]]:
        """Groups of pictures that look alike but are not all the same bytes."""
        return [group for group in groups(self.prints) if len({self.keys[index] for index in group}) > 1]


def look(records: Iterable[Record], pictures: Callable[[Image], Picture], advance: Callable[[int], None]) -> Looked:
    """Opens and decodes every picture once."""
    found = Looked()
    for record in records:
        if record.subject.path:  # captions without a picture are nothing broken
            _look(record, pictures, found)
        advance(1)
    return found


def _look(record: Record, pictures: Callable[[Image], Picture], found: Looked) -> None:
    try:
        picture = pictures(record.subject)
        pixels = shrink(picture, _SIDE)
    except (PictureError, OSError, ValueError) as error:
        found.broken.append((record.id, str(error) or type(error).__name__))
        return
    found.ids.append(record.id)
    found.images.append(record.subject)
    found.widths.append(picture.width)
    found.heights.append(picture.height)
    found.keys.append(picture.key)
    found.prints.append(fingerprint(pixels))
    found.formats[_format(picture)] += 1


def _format(picture: Picture) -> str:
    """The format found in the bytes, whatever the file is called."""
    if not isinstance(picture.load, Decoder):
        return "rendered"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged tags warn; the picture was decoded already
        with Pillow.open(BytesIO(picture.load.data), formats=known_formats()) as image:
            return image.format or "unknown"
