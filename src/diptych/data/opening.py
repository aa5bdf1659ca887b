"""Safe opening of pictures: from files, tar members, Parquet cells, URLs and schemes such as world:."""

import math
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from PIL import Image as Pillow

from diptych.data.cells import cell
from diptych.data.decoding import CAPS, Caps, Decoder, read_header
from diptych.data.errors import PictureError, SourceError
from diptych.data.fetch import LIMITS, Limits, fetch
from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.data.regions import Box
from diptych.data.tars import find, read_at

Scheme = Callable[[Image], Picture]
HELD = 512 << 10  # bytes of a file kept until it is decoded; a larger one is read again, so that many photos in a batch take little memory
_NONE: Mapping[str, Scheme] = MappingProxyType({})


def open_picture(
    image: Image, *, root: Path | None = None, caps: Caps = CAPS, schemes: Mapping[str, Scheme] = _NONE, limits: Limits = LIMITS
) -> Picture:
    """The picture behind a reference, its header checked and nothing decoded yet.

    Relative paths count from `root`. PictureError says what is wrong: missing, too large, not whole, changed since its key was taken.
    """
    scheme, colon, _ = image.path.partition(":")
    if colon and scheme in schemes:
        return schemes[scheme](image)
    data = read_bytes(image, root=root, most=caps.bytes, limits=limits)
    picture = picture_of(data, about(image), caps=caps, key=image.key)
    if len(data) <= HELD or not _at_hand(image):
        return picture
    again = partial(_unchanged, replace(image, key=picture.key), root, caps.bytes)
    return replace(picture, load=Decoder(again, about(image)))


def _at_hand(image: Image) -> bool:
    # a URL would be fetched again, a cell of a table be searched for
    return "://" not in image.path and (not image.member or image.path.endswith(".tar"))


def _unchanged(image: Image, root: Path | None, most: int) -> bytes:
    data = read_bytes(image, root=root, most=most)
    _check_key(data, about(image), image.key)
    return data


def picture_of(data: bytes, about: str, *, caps: Caps = CAPS, key: str = "") -> Picture:
    """A picture from its file's bytes; `about` names it in errors, `key` is what its sha256 must be, if known."""
    found = _check_key(data, about, key)
    width, height = read_header(data, about, caps)
    return Picture(found, width, height, Decoder(data, about))


def _check_key(data: bytes, about: str, key: str) -> str:
    """The sha256 of the bytes, which must be the key, if there is one."""
    found = sha256(data).hexdigest()
    if key and key != found:
        raise PictureError(f"{about} has changed since it was read (sha256 {found[:12]}, was {key[:12]}): put it back or run again")
    return found


def about(image: Image) -> str:
    """How errors name a reference."""
    return f"{image.path} {image.member}".strip() or "a record without a picture"


def read_bytes(image: Image, *, root: Path | None = None, most: int = CAPS.bytes, limits: Limits = LIMITS) -> bytes:
    """The bytes behind a reference, at most `most` of them."""
    if image.path[:8].lower().startswith(("http://", "https://")):
        return fetch(image.path, replace(limits, bytes=min(most, limits.bytes)))
    if not image.path or "\x00" in image.path:
        raise PictureError(f"{about(image)!r} cannot be opened: it names no picture")
    path = os.path.join(root, image.path) if root is not None else image.path
    try:
        return _from_file(path, image, most)
    except FileNotFoundError:
        raise PictureError(f"{about(image)} is missing: put it there or correct the path") from None
    except (OSError, SourceError) as error:
        raise PictureError(f"{about(image)} cannot be read ({error}): check the file and its permissions") from error


def _from_file(path: str, image: Image, most: int) -> bytes:
    kind = os.stat(path).st_mode
    if not stat.S_ISREG(kind):
        raise PictureError(f"{about(image)} is no file: name a picture, not a folder or device")
    with open(path, "rb") as file:
        if not image.member:
            return _capped(file.read(most + 1), image, most)
        head = file.read(8)
    if head[:4] in (b"PAR1", b"ARRO", b"\xff\xff\xff\xff"):
        return cell(path, image.member, most)
    try:
        member = find(path, image.member)
    except KeyError:
        raise PictureError(f"{about(image)} is missing: the tar has no such member") from None
    if member.size > most:
        raise _too_large(image, most)
    return read_at(path, member.start, member.size)


def _capped(data: bytes, image: Image, most: int) -> bytes:
    if len(data) > most:
        raise _too_large(image, most)
    return data


def _too_large(image: Image, most: int) -> PictureError:
    return PictureError(f"{about(image)} has more than {most} bytes: make it smaller or raise the cap")


def filled(image: Image, picture: Picture) -> Image:
    """The reference with what opening it has shown: size and key."""
    return replace(image, width=picture.width, height=picture.height, key=picture.key)


def crop(picture: Picture, box: Box) -> Picture:
    """The part of a picture under a box, to whole pixels outwards and at least one; PictureError if the box misses the picture."""
    edges = (box.left, box.top, box.right, box.bottom)
    if not all(map(math.isfinite, edges)) or box.left >= box.right or box.top >= box.bottom:
        raise PictureError(f"{box} cannot be cut out: left must be less than right, top less than bottom")
    left, right = _span(box.left, box.right, picture.width)
    top, bottom = _span(box.top, box.bottom, picture.height)
    if left >= right or top >= bottom:
        raise PictureError(f"{box} cannot be cut out: it lies outside the picture (0 to 1)")
    key = sha256(f"{picture.key} {left} {top} {right} {bottom}".encode()).hexdigest()
    return Picture(key, right - left, bottom - top, lambda: picture.pil().crop((left, top, right, bottom)), picture, box)


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    return max(0, math.floor(low * size + 1e-9)), min(size, math.ceil(high * size - 1e-9))


def thumbnail(picture: Picture, size: int) -> Pillow.Image:
    """The picture with its longer side at most `size` pixels, decoded small where the format allows (JPEG)."""
    if picture.width < 1 or picture.height < 1:
        return picture.pil()  # no picture: whatever stands for it says why
    scale = min(1.0, size / max(picture.width, picture.height))
    wanted = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    load = picture.load
    # a turned picture has its sides exchanged in the file; its shorter side holds for both, since the shape stays
    small = load((min(wanted), min(wanted))) if isinstance(load, Decoder) else picture.pil()
    return small if small.size == wanted else small.resize(wanted, Pillow.Resampling.BICUBIC, reducing_gap=2.0)
