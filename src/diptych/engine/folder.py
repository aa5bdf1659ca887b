"""A run folder on disk: shards that appear whole or not at all, small JSON files, one writer at a time."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diptych.data.errors import RunError

FORMAT = 1
_KEY = b"diptych.shard"
_OURS = ("shards", "stages", "surveys")
_BESIDE = {"truth.parquet", "cache"}  # what a caller may put into the folder before the run


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths of a run folder. Stage `last` is the final one: its shards are the run's rows."""

    out: Path
    last: int = 0

    def shard(self, stage: int, number: int) -> Path:
        """A shard once its stage is done; the final stage's are the run's rows."""
        where = self.out / "shards" if stage == self.last else self.out / "stages" / f"{stage:02d}"
        return where / f"{number:05d}.parquet"

    def partial(self, stage: int, number: int) -> Path:
        """What is done of a shard so far."""
        return self.out / "stages" / f"{stage:02d}" / f"{number:05d}.partial"

    def partials(self, stage: int) -> list[Path]:
        """Shards of a stage that are being filled."""
        return sorted(self.partial(stage, 0).parent.glob("[0-9]*.partial"))

    def tidy(self) -> None:
        """Removes the folders that nothing waits in."""
        for name in (*(f"stages/{stage:02d}" for stage in range(self.last + 1)), "stages", "pictures"):
            with suppress(OSError):
                (self.out / name).rmdir()

    def sweep(self) -> None:
        """Removes what a kill left half written."""
        for path in (*self.out.glob(".*.tmp"), *(p for name in (*_OURS, "pictures") for p in (self.out / name).rglob(".*.tmp"))):
            path.unlink()

    def survey(self, place: str) -> Path:
        """What a survey found."""
        return self.out / "surveys" / f"{int(place):02d}.json"

    def numbers(self, stage: int) -> list[int]:
        """Numbers of the shards that have this stage behind them and no later one."""
        where = self.shard(stage, 0).parent
        return sorted(int(p.stem) for p in where.glob("*.parquet") if p.stem.isdigit()) if where.is_dir() else []


def write_shard(path: Path, table: pa.Table, notes: Mapping[str, Any]) -> None:
    """Writes a Parquet file with notes in its footer."""
    meta = {**(table.schema.metadata or {}), _KEY: json.dumps(notes).encode()}
    buffer = pa.BufferOutputStream()
    # through memory, so that a full disk is met in one place, with the system's own error
    pq.write_table(table.replace_schema_metadata(meta), buffer, compression="zstd", compression_level=1, write_statistics=False)
    write_bytes(path, buffer.getvalue())


def read_shard(path: Path, columns: list[str] | None = None) -> pa.Table:
    """The table of a shard; RunError if the file is damaged."""
    try:
        return pq.ParquetFile(path).read(columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path} cannot be read ({error}): start again with another --out, or --overwrite") from error


def read_notes(path: Path) -> dict[str, Any]:
    """The notes in a shard's footer; RunError if the file is damaged."""
    try:
        meta = pq.ParquetFile(path).schema_arrow.metadata or {}
        return dict(json.loads(meta[_KEY]))
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise RunError(f"{path} is no shard of a run ({error}): start again with another --out, or --overwrite") from error


def write_json(path: Path, value: Any) -> None:
    """Writes JSON for people to read."""
    write_bytes(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass"))


def read_json(path: Path) -> Any:
    """JSON from a run folder; RunError if the file is damaged."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}): start again with another --out, or --overwrite") from error


def write_bytes(path: Path, data: Any) -> None:
    """Writes a file whole or not at all, through a neighbour that takes its name; RunError if the disk refuses."""
    near = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(near, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(near, path)
        sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            near.unlink(missing_ok=True)
        raise refused(path, error) from error


def sync(folder: Path) -> None:
    """Makes names in a folder survive a power cut; where folders cannot be opened (Windows) the system sees to it."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def refused(path: Path, error: OSError) -> RunError:
    """What to tell when the disk refuses a write."""
    why = error.strerror or str(error)
    return RunError(f"cannot write {path} ({why}): make room or choose another --out; started again, the run continues where it stopped")


def is_run(path: Path) -> bool:
    """Whether this is a run folder."""
    try:
        found = json.loads((path / "run.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and isinstance(found.get("diptych_run"), int)


def prepare(out: Path) -> None:
    """Makes the folder; RunError if it holds anything but a run."""
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file: --out must name a folder")
    try:
        str(out).encode()
    except UnicodeEncodeError:
        raise RunError(f"{str(out)!r} is not UTF-8, and Parquet files need that: choose another --out") from None
    try:
        out.mkdir(parents=True, exist_ok=True)
        strange = sorted(p.name for p in out.iterdir() if p.name not in _BESIDE and not p.name.startswith("."))
        if strange and not is_run(out):
            raise RunError(f"{out} holds {strange[0]!r} and is no run folder: choose a new or empty folder with --out")
    except OSError as error:
        raise refused(out, error) from error


def row_count(out: Path) -> int:
    """How many rows a run folder holds, finished or not."""
    return sum(int(read_notes(path)["rows"]) for part in _OURS[:2] for path in (out / part).rglob("[0-9]*.p*"))


def half_cleared(out: Path) -> bool:
    """Whether a kill has interrupted the clearing of this folder."""
    return is_run(out) and "clearing" in read_json(out / "run.json")


def clear(out: Path) -> None:
    """Removes what a run has written, and nothing else. A kill leaves a note in run.json, so that half a run is not taken for one."""
    if not is_run(out):
        return
    write_json(out / "run.json", {"diptych_run": FORMAT, "clearing": True})
    for name in (*_OURS, "pictures"):
        for path in sorted((out / name).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        if (out / name).is_dir():
            (out / name).rmdir()
    for path in out.glob("pictures-[0-9]*-[0-9]*.tar"):
        path.unlink()
    for name in ("accounting.csv", "run.json"):
        (out / name).unlink(missing_ok=True)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Holds the folder for one writer; the lock dies with its process. RunError if another run holds it."""
    try:
        import fcntl  # noqa: PLC0415
    except ImportError:  # Windows
        yield
        return
    try:
        handle = os.open(out / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise refused(out / ".lock", error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise RunError(f"{out} is being written by another run: wait for it, or choose another --out") from error
    try:
        yield
    finally:
        os.close(handle)
