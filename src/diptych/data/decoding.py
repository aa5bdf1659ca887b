"""Bytes to upright RGB: caps checked on the header, every mode normalised, nothing but PictureError out.

Transparency goes on white. Grey of 16 bits is scaled by its full range; 32-bit and floating grey by their own least and greatest value
unless they fit 0 to 255 (or, floating, 0 to 1). Of several frames the first is taken. Colour profiles are not applied.
"""

import io
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from diptych.data.errors import PictureError
from diptych.data.whole import broken, chunks, gif_frames, tiff_frames

FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "AVIF")
_UPRIGHT = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_filters = threading.Lock()


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that one picture may take: bytes of its file, pixels of a frame, frames."""

    bytes: int = 64 << 20
    pixels: int = 64_000_000
    frames: int = 1000


CAPS = Caps()


@dataclass(frozen=True, slots=True, eq=False)
class Decoder:
    """Decodes the bytes at each call; `about` names the picture in errors. `held` are the bytes, or what reads them again."""

    held: bytes | Callable[[], bytes]
    about: str

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.held if isinstance(self.held, bytes) else self.held()

    def __call__(self, size: tuple[int, int] | None = None) -> Pillow.Image:
        """Upright RGB; with `size`, at least that large and cheaper where the format allows."""
        with refusing(self.about, "decoded"):
            data = self.data
            image = _open(data)
            kind = image.format
            if size is not None:
                image.draft("RGB", size)
            with _quiet() if kind == "TIFF" else nullcontext():  # reads its tags once more
                image.load()
            if kind in ("JPEG", "MPO") and _grey_end(image) and _starved(data, image):
                raise PictureError(f"{self.about} is truncated (its scan ends early): get the file again")
            return upright(rgb(image), 1 if kind == "TIFF" else _orientation(image, data))


def read_header(data: bytes, about: str, caps: Caps = CAPS) -> tuple[int, int]:
    """Width and height of the upright picture, nothing decoded; PictureError if it is too large, not whole or of no known kind."""
    if not data:
        raise PictureError(f"{about} is empty: get the file again")
    with refusing(about, "read"):
        image = _open(data)
        width, height = image.size
        kind = image.format or ""
        if width * height > caps.pixels or min(width, height) < 1:
            raise PictureError(f"{about} has {width} x {height} pixels: at most {caps.pixels} are read; make it smaller or raise the cap")
        if _frames(image, data, caps.frames) > caps.frames:
            raise PictureError(f"{about} has more than {caps.frames} frames: take single pictures out of it or raise the cap")
        why = broken(kind, data)
        if why:
            raise PictureError(f"{about} is truncated or damaged ({why}): get the file again")
        turned = kind != "TIFF" and _orientation(image, data) >= 5
    return (height, width) if turned else (width, height)


def ending(data: bytes) -> str:
    """The usual ending of a picture file's name, from what it holds."""
    kind = _open(data).format or ""
    return {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}.get(kind, f".{kind.lower()}")


@contextmanager
def refusing(about: str, done: str) -> Iterator[None]:
    """Turns whatever a decoder raises on hostile bytes into a PictureError of one line."""
    try:
        yield
    except (PictureError, MemoryError):
        raise
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split()).replace("<_io.BytesIO object at", "<")[:200]
        if isinstance(error, UnidentifiedImageError):
            raise PictureError(f"{about} is no picture: {', '.join(known_formats())} are read") from error
        raise PictureError(f"{about} cannot be {done} ({why}): get the file again or convert it to PNG") from error


@cache
def known_formats() -> tuple[str, ...]:
    """Those of `FORMATS` that this Pillow was built with."""
    Pillow.init()
    return tuple(name for name in FORMATS if name in Pillow.OPEN)


@contextmanager
def _quiet() -> Iterator[None]:
    # damaged tags warn, and pictures that the caps here refuse anyway; filters are the process's, so one thread at a time
    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes) -> Any:
    with _quiet():
        return Pillow.open(io.BytesIO(data), formats=known_formats())


def _orientation(image: Any, data: bytes) -> int:
    try:
        with _quiet():
            said = _exif(image, data).get(_ORIENTATION, 1)
    except Exception:  # a tag that cannot be read turns nothing
        return 1
    return said if isinstance(said, int) and said in _UPRIGHT else 1


def _exif(image: Any, data: bytes) -> Any:
    if image.format != "PNG":
        return image.getexif()
    tags = Pillow.Exif()  # for a PNG, Pillow's getexif would decode the whole picture first
    tags.load(next((data[start:end] for name, start, end in chunks(data) if name == b"eXIf"), b""))
    return tags


def _frames(image: Any, data: bytes, most: int) -> int:
    if image.format == "GIF":
        return gif_frames(data, most)
    return tiff_frames(data, most) if image.format == "TIFF" else int(getattr(image, "n_frames", 1))


def upright(image: Pillow.Image, orientation: int) -> Pillow.Image:
    """Turned as its EXIF orientation (1 to 8) says."""
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def rgb(image: Pillow.Image) -> Pillow.Image:
    """Any mode to RGB."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I;16") or image.mode == "I":
        return _grey(np.asarray(image), 65535.0)
    if image.mode == "F":
        return _grey(np.asarray(image), 1.0)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Pillow.new("RGBA", clear.size, "white")
        return Pillow.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")


def _grey(values: Any, full: float) -> Pillow.Image:
    known = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(known.min()), float(known.max())
    if values.dtype == np.uint16 or (low >= 0 and 255 < high <= full) or (low >= 0 and high <= full == 1.0):
        low, high = 0.0, full
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    scaled = (known - low) * (255.0 / max(high - low, 1e-300))
    return Pillow.fromarray(np.rint(scaled).astype(np.uint8), "L").convert("RGB")


def _grey_end(image: Pillow.Image) -> bool:
    """Whether the last 8 x 8 pixels are the flat middle grey that a decoder puts where a scan broke off."""
    width, height = image.size
    corner = image.crop((max(0, width - 8), max(0, height - 8), width, height))
    return all(low == high and 126 <= low <= 129 for low, high in _extrema(corner))


def _extrema(image: Pillow.Image) -> list[tuple[Any, Any]]:
    found: Any = image.getextrema()
    return [found] if isinstance(found[0], int | float) else list(found)


def _starved(data: bytes, seen: Pillow.Image) -> bool:
    """Whether more scan data in front of the end marker would change the picture: then the scan lacked some.

    A whole scan ignores what follows it. Only pictures with a flat last corner are decoded this second time.
    """
    end = data.rfind(b"\xff\xd9")
    fed = Pillow.open(io.BytesIO(data[:end] + b"\x5a\x3c\x96" * 4096 + data[end:]), formats=known_formats())
    if fed.size != seen.size:
        fed.draft("RGB", seen.size)
    try:
        fed.load()
    except OSError:
        return False
    return fed.tobytes() != seen.tobytes()
