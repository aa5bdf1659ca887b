"""From any source to any format, every row written or accounted for."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.data.annotating import write_coco, write_llava
from diptych.data.errors import SourceError
from diptych.data.opening import open_picture
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.selection import captions_of
from diptych.data.writers import (
    Writer,
    write_csv,
    write_folder,
    write_lines,
    write_parquet,
    write_records,
    write_saved,
    write_tar,
    write_tars,
)
from diptych.data.writing import Job, fresh

WRITERS: Mapping[str, Writer] = {
    "folder": write_folder,
    "coco": write_coco,
    "webdataset": write_tars,
    "tar": write_tar,
    "jsonl": write_lines,
    "csv": write_csv,
    "tsv": write_csv,
    "parquet": write_parquet,
    "huggingface": write_saved,
    "llava": write_llava,
    "records": write_records,
}
_ENDINGS = {".jsonl": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".tar": "tar", ".json": "coco", "": "folder"}


@dataclass(frozen=True, slots=True)
class Converted:
    """How many rows were written, and which were not and why: (id, reason)."""

    path: str
    kind: str
    written: int
    skipped: tuple[tuple[str, str], ...]


def convert(
    source: Iterable[Record], dest: str, *, captions: str = "all", pictures: Callable[[Image], Picture] = open_picture
) -> Converted:
    """Writes the source to `dest`: a path whose ending says the format, or FORMAT:PATH.

    `captions` are those that `captions_of` knows. Folders, tars and Hugging Face datasets get the pictures' own files (those of schemes
    such as world: through `pictures`), the others references. SourceError if `dest` exists, cannot be written or is of no known format.
    """
    kind, path = kind_of(dest)
    job = Job(
        path.absolute().parent if kind != "coco" or path.suffix == ".json" else path.absolute(), pictures, kind, path.suffix == ".json"
    )
    with fresh(path) as partial:
        WRITERS[kind](_meant(source, captions, job), partial, job)
    return Converted(str(path), kind, job.written, tuple(job.skipped))


def kind_of(dest: str) -> tuple[str, Path]:
    """Format and path of a destination."""
    named, colon, rest = dest.partition(":")
    if colon and rest and named in WRITERS:
        return named, Path(rest)
    path = Path(dest)
    if not path.name:
        raise SourceError(f"{dest!r} names no file or folder: give a path such as pairs.jsonl")
    kind = _ENDINGS.get(path.suffix.lower(), "folder" if dest.endswith(os.sep) else None)
    if kind is None or (colon and named.isidentifier()):  # ./a:b.jsonl is a file
        known = ", ".join(sorted(WRITERS))
        raise SourceError(f"{dest!r} names no format: write FORMAT:PATH with one of {known}, or an ending such as .jsonl")
    return kind, path


def _meant(source: Iterable[Record], captions: str, job: Job) -> Iterator[Record]:
    """The rows to write with the captions asked for; those that are not kept are counted as skipped, except where all are written."""
    for record in source:
        if record.status.kind != "kept" and job.kind != "records":
            job.skip(record, f"{record.status.kind} by {record.status.step}: {record.status.why}")
        elif not {caption.id for caption in record.captions}.issuperset(record.chosen):
            job.skip(record, "it has chosen a caption that it does not have")
        elif captions == "all":
            yield record
        else:
            meant = captions_of(record, captions)
            yield replace(record, captions=meant, chosen=tuple(caption.id for caption in meant))
