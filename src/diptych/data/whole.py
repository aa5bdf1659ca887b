"""Whether a picture file is whole, and how many frames it has, from its structure alone: what decoders pass over in silence.

JPEG: ITU T.81, annex B. PNG: ISO 15948, section 5. GIF: GIF89a, section 17 ff. WebP: RFC 9649. TIFF 6.0, section 2 (BigTIFF alike).
"""

import zlib
from collections.abc import Iterator

_ALONE = frozenset((0x01, *range(0xD0, 0xDA)))


def broken(kind: str, data: bytes) -> str:
    """Why the file is not whole, or "" if nothing speaks against it. `kind` is Pillow's format name."""
    if kind in ("JPEG", "MPO"):
        return _broken_jpeg(data)
    if kind == "PNG":
        return _broken_png(data)
    if kind == "GIF":
        return "" if gif_frames(data, 1 << 62) >= 0 else "it ends before its trailer"
    if kind == "WEBP":
        return "it ends before the size in its header" if int.from_bytes(data[4:8], "little") + 8 > len(data) else ""
    return ""


def _broken_jpeg(data: bytes) -> str:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker == 0xDA:
            # inside a scan FF is followed by 00 or a restart, so the next FF D9 is the end marker and not data
            return "" if data.find(b"\xff\xd9", at) > 0 else "it ends before its end marker"
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return "it has no scan"


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """PNG's chunks: name, start and end of what they hold. The last may end after the data does."""
    at = 8
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at + 8, end
        at = end + 4


def _broken_png(data: bytes) -> str:
    view = memoryview(data)
    for name, start, end in chunks(data):
        if end + 4 > len(data):
            return f"it ends inside {name!r}"
        if name[:1].isupper() and zlib.crc32(view[start - 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return f"the checksum of {name!r} is wrong"
        if name == b"IEND":
            return ""
    return "it ends before IEND"


def gif_frames(data: bytes, most: int) -> int:
    """How many frames, counted to one more than `most`; -1 if the file ends before its trailer."""
    at, count = 13 + _colours(data, 10), 0
    while at < len(data):
        block = data[at]
        if block == 0x3B:
            return count
        if block == 0x2C:
            count += 1
            if count > most:
                return count
            at += 11 + _colours(data, at + 9)
        elif block == 0x21:
            at += 2
        else:
            return -1
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return -1


def _colours(data: bytes, at: int) -> int:
    """Bytes of the colour table that the flags at `at` announce."""
    return 3 << ((data[at] & 7) + 1) if at < len(data) and data[at] & 0x80 else 0


def tiff_frames(data: bytes, most: int) -> int:
    """How many directories, counted to one more than `most`."""
    order = "little" if data[:2] == b"II" else "big"
    big = int.from_bytes(data[2:4], order) == 43  # type: ignore[arg-type]
    wide, entry, counted = (8, 20, 8) if big else (4, 12, 2)
    at, count = int.from_bytes(data[wide : 2 * wide], order), 0  # type: ignore[arg-type]
    while at and at + counted <= len(data) and count <= most:
        count += 1
        at += counted + entry * int.from_bytes(data[at : at + counted], order)  # type: ignore[arg-type]
        at = int.from_bytes(data[at : at + wide], order)  # type: ignore[arg-type]
    return count
