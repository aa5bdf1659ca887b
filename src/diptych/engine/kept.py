"""Pictures that steps make: loose files while their shard is being filled, one tar beside it once it is committed.

Records refer to them by the tar's name within the run folder, so the folder can be moved.
"""

import io
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.data.errors import PictureError
from diptych.data.opening import picture_of
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.engine.folder import refused, write_bytes

_TAR = re.compile(r"pictures-\d+-\d+\.tar")
_ODD = re.compile(r"[^\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the pictures made while one stage fills one shard."""

    out: Path
    stage: int
    number: int

    @property
    def tar(self) -> str:
        """Name of the tar within the run folder."""
        return f"pictures-{self.stage:02d}-{self.number:05d}.tar"

    def keep(self, data: bytes, name: str) -> Image:
        """Keeps a picture's file under a name made of its hash and `name`; PictureError if it is no picture."""
        picture = picture_of(data, name)
        # names hold ids from outside: nothing in them may lead out of the folder
        member = f"{picture.key[:16]}-{_ODD.sub('_', name).strip('.')[-60:]}"
        path = loose(self.out, self.tar, member)
        if not path.exists():
            write_bytes(path, data)
        return Image(self.tar, member, picture.width, picture.height, picture.key)

    def pack(self) -> None:
        """Puts the loose files into the tar, beside what an earlier session packed."""
        folder = self.out / "pictures" / Path(self.tar).stem
        if not folder.is_dir():
            return
        try:
            files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}
            if (self.out / self.tar).exists():
                files = _members(self.out / self.tar) | files
            write_bytes(self.out / self.tar, _tar(files))
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
        except OSError as error:
            raise refused(self.out / self.tar, error) from error


def loose(out: Path, tar: str, member: str) -> Path:
    """Where a picture lies until its tar is packed."""
    return out / "pictures" / Path(tar).stem / member


def _tar(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            info = tarfile.TarInfo(name)  # no times, no owner: the same pictures give the same tar
            info.size = len(files[name])
            tar.addfile(info, io.BytesIO(files[name]))
    return data.getvalue()


def _members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path, "r:") as tar:
        return {info.name: file.read() for info in tar if (file := tar.extractfile(info)) is not None}


def opening(out: Path, pictures: Callable[[Image], Picture]) -> Callable[[Image], Picture]:
    """Opens what `pictures` opens and the pictures kept in this run folder."""

    def open_kept(image: Image) -> Picture:
        if not _TAR.fullmatch(image.path):
            return pictures(image)
        if "/" in image.member or "\\" in image.member:
            raise PictureError(f"{image.path} {image.member!r} is no picture of this run: its name leads elsewhere")
        path = loose(out, image.path, image.member)
        return pictures(replace(image, path=str(path), member="") if path.exists() else placed(image, out))

    return open_kept


def placed(image: Image, out: Path) -> Image:
    """The reference as it holds from outside the run folder."""
    return replace(image, path=str(out / image.path)) if _TAR.fullmatch(image.path) else image


def outside(record: Record, out: Path) -> Record:
    """The record with all references to pictures of its run folder as they hold from outside."""
    subject, made = placed(record.subject, out), tuple(replace(one, image=placed(one.image, out)) for one in record.made)
    return record if subject is record.subject and made == record.made else replace(record, subject=subject, made=made)
