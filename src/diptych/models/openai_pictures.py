"""Pictures as servers take them: made small, PNG where that is sharp and cheap, else JPEG, in a data URL."""

import io
from base64 import b64encode
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from diptych.data.opening import thumbnail
from diptych.data.pictures import Picture

QUALITY = 90  # of JPEG
FEW = 256  # colours: drawings and screens of text, which JPEG blurs
MOST = 64 << 20  # characters kept of pictures that may be asked about again


def data_url(picture: Picture, side: int) -> str:
    """The picture with its longer side at most `side` pixels; PictureError if it cannot be decoded."""
    image = thumbnail(picture, side)
    file = io.BytesIO()
    kind = "png" if image.getcolors(FEW) else "jpeg"
    image.save(file, kind, **({"quality": QUALITY} if kind == "jpeg" else {}))
    return f"data:image/{kind};base64,{b64encode(file.getvalue()).decode('ascii')}"


@dataclass(slots=True)
class Encoder:
    """Data URLs of pictures, the latest kept: one picture is often asked about many times. Threads may share it."""

    side: int
    kept: OrderedDict[str, str] = field(default_factory=OrderedDict)
    size: int = 0
    lock: Lock = field(default_factory=Lock)

    def __call__(self, picture: Picture) -> str:
        """Encodes, or finds what was encoded."""
        with self.lock:
            if found := self.kept.get(picture.key):
                self.kept.move_to_end(picture.key)
                return found
        url = data_url(picture, self.side)
        with self.lock:
            if picture.key and picture.key not in self.kept:
                self.kept[picture.key] = url
                self.size += len(url)
            while self.size > MOST:
                self.size -= len(self.kept.popitem(last=False)[1])
        return url
