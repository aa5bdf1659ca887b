"""Score pictures by their pixels, and label them with perceptual hashes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow

from diptych.arrays import hashes, statistics
from diptych.data.errors import InputError, PictureError
from diptych.data.limits import at_least, some
from diptych.data.opening import thumbnail
from diptych.data.pictures import Picture
from diptych.data.records import Record
from diptych.engine.context import Context

_OF_GREY: Mapping[str, Callable[[statistics.Floats], float]] = {
    "sharpness": statistics.sharpness,
    "brightness": statistics.brightness,
    "contrast": statistics.contrast,
    "exposed": statistics.exposed,
}
_OF_SIZE: Mapping[str, Callable[[Picture], float]] = {
    "width": lambda picture: float(picture.width),
    "height": lambda picture: float(picture.height),
    "short_side": lambda picture: float(min(picture.width, picture.height)),
    "squareness": lambda picture: statistics.squareness(picture.width, picture.height),
}
SCORES = (*_OF_GREY, "colourfulness", *_OF_SIZE)
HASHES: Mapping[str, Callable[[Pillow.Image], str]] = {"phash": hashes.phash, "dhash": hashes.dhash}


@dataclass(frozen=True, slots=True)
class ScorePictures:
    """Gives each record these scores of its picture, for `Keep` and `KeepShare`: more is better in all, but for brightness.

    `side` is the longer side of the copy that is looked at, in pixels, since sharpness hangs on it; a smaller picture stays as it is.
    """

    scores: tuple[str, ...] = SCORES
    side: int = 512

    def __post_init__(self) -> None:
        some("scores", self.scores)
        at_least("side", self.side, 16)
        if strange := set(self.scores) - set(SCORES):
            raise InputError(f"scores must be of {', '.join(SCORES)}, got {min(strange)!r}")

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._scored(record, context) for record in records]

    def _scored(self, record: Record, context: Context) -> Record:
        try:
            picture = context.picture(record.subject)
            found = {name: _OF_SIZE[name](picture) for name in self.scores if name in _OF_SIZE}
            if len(found) < len(self.scores):
                found |= self._seen(picture)
        except PictureError as error:
            return record.fail("ScorePictures", str(error))
        return record.add(scores={name: found[name] for name in self.scores})

    def _seen(self, picture: Picture) -> dict[str, float]:
        rgb_HW3 = np.asarray(thumbnail(picture, self.side).convert("RGB"), np.uint8)
        grey_HW = statistics.grey(rgb_HW3)
        found = {name: _OF_GREY[name](grey_HW) for name in self.scores if name in _OF_GREY}
        return found | ({"colourfulness": statistics.colourfulness(rgb_HW3)} if "colourfulness" in self.scores else {})


@dataclass(frozen=True, slots=True)
class HashPictures:
    """Labels each record with a perceptual hash of its picture, 16 hexadecimal digits: `phash` (frequencies) or `dhash` (neighbours)."""

    kind: str = "phash"

    def __post_init__(self) -> None:
        if self.kind not in HASHES:
            raise InputError(f"kind must be {' or '.join(HASHES)}, got {self.kind!r}")

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._hashed(record, context) for record in records]

    def _hashed(self, record: Record, context: Context) -> Record:
        try:
            return record.add(labels={self.kind: HASHES[self.kind](context.picture(record.subject).pil())})
        except PictureError as error:
            return record.fail("HashPictures", str(error))
