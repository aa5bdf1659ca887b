"""One function for each format that is written: rows, where to, and the job that counts them."""

import csv
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diptych.data.folder import METADATA
from diptych.data.records import Record
from diptych.data.rows import row_of
from diptych.data.schema import SCHEMA, to_batch
from diptych.data.writing import Job

Rows = Iterator[Record]
Writer = Callable[[Rows, Path, Job], None]
_SHARD = 10_000  # rows of one tar or Parquet shard
_CAPTION = pa.struct(
    [(name, pa.string()) for name in ("id", "text", "by", "style", "language", "region")] + [("parents", pa.list_(pa.string()))]
)
_WORDS = [("id", pa.string()), ("caption", pa.string()), ("captions", pa.list_(_CAPTION)), ("chosen", pa.list_(pa.string()))]
_TABLE = pa.schema([_WORDS[0], ("image", pa.string()), ("image_member", pa.string()), *_WORDS[1:]])
_SAVED = pa.schema([_WORDS[0], ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), *_WORDS[1:]])
_STATE: dict[str, Any] = {"_format_columns": None, "_format_kwargs": {}, "_format_type": None, "_output_all_columns": False, "_split": None}


def write_folder(rows: Rows, dest: Path, job: Job) -> None:
    """Pictures and metadata.jsonl, which other tools read as an image folder."""
    dest.mkdir()
    with (dest / METADATA[0]).open("w", encoding="utf-8") as table:
        for record in rows:
            found = job.picture(record)
            if found is not None:
                name = job.name(record) + found[1]
                (dest / name).write_bytes(found[0])
                table.write(json.dumps({"file_name": name, **row_of(record)}) + "\n")
                job.written += 1


def write_tar(rows: Rows, dest: Path, job: Job) -> None:
    """One WebDataset tar: KEY.jpg, KEY.txt with the first chosen caption, KEY.json with all."""
    with tarfile.open(dest, "w", format=tarfile.GNU_FORMAT) as tar:
        for record in rows:
            found = job.picture(record)
            if found is not None:
                name, row = job.name(record), row_of(record)
                _add(tar, name + found[1], found[0])
                _add(tar, name + ".txt", row["caption"].encode("utf-8", "replace"))
                _add(tar, name + ".json", json.dumps(row).encode())
                job.written += 1


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def write_tars(rows: Rows, dest: Path, job: Job) -> None:
    """A folder of WebDataset tars."""
    dest.mkdir()
    for number, part in enumerate(_parts(rows, _SHARD)):
        write_tar(iter(part), dest / f"{number:05d}.tar", job)


def write_lines(rows: Rows, dest: Path, job: Job) -> None:
    """JSON lines with the picture's path or URL."""
    with dest.open("w", encoding="utf-8") as file:
        for record in rows:
            # escaped to ASCII, so that even names in a broken encoding survive
            row = {**row_of(record), "image": job.place(record), "image_member": record.subject.member}
            file.write(json.dumps({name: value for name, value in row.items() if value != ""}) + "\n")
            job.written += 1


def write_csv(rows: Rows, dest: Path, job: Job) -> None:
    """CSV (tabs for .tsv): the first chosen caption in `caption`, all of them as JSON in `captions`."""
    with dest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _TABLE.names, delimiter="\t" if job.kind == "tsv" else ",")
        writer.writeheader()
        for record in rows:
            row = job.row(record)
            if row is not None:
                cells = {name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()}
                writer.writerow(cells)
                job.written += 1


def write_parquet(rows: Rows, dest: Path, job: Job) -> None:
    """Parquet with the picture's path or URL."""
    with pq.ParquetWriter(dest, _TABLE) as writer:
        for part in _parts((row for record in rows if (row := job.row(record)) is not None), 1000):
            writer.write_batch(pa.RecordBatch.from_pylist(part, _TABLE))
            job.written += len(part)


def write_records(rows: Rows, dest: Path, job: Job) -> None:
    """Every column of every record, dropped and failed ones too, as a run folder's shards hold them."""
    (dest / "shards").mkdir(parents=True)
    for number, part in enumerate(_parts(rows, _SHARD)):
        with pq.ParquetWriter(dest / "shards" / f"{number:05d}.parquet", SCHEMA) as writer:
            for few in _parts(iter(part), 1000):
                writer.write_batch(to_batch(few))
        job.written += len(part)


def write_saved(rows: Rows, dest: Path, job: Job) -> None:
    """A Hugging Face dataset with the pictures in it, as its `load_from_disk` reads it."""
    dest.mkdir()
    name = "data-00000-of-00001.arrow"
    with pa.OSFile(str(dest / name), "wb") as sink, pa.ipc.new_stream(sink, _SAVED) as writer:
        for part in _parts(_saved(rows, job), 32):
            writer.write_batch(pa.RecordBatch.from_pylist(part, _SAVED))
            job.written += len(part)
    words = {"dtype": "string", "_type": "Value"}
    caption: dict[str, Any] = {field.name: [words] if field.name == "parents" else words for field in _CAPTION}
    features = {"id": words, "image": {"_type": "Image"}, "caption": words, "captions": [caption], "chosen": [words]}
    state = {"_data_files": [{"filename": name}], "_fingerprint": f"{job.written:016x}", **_STATE}
    (dest / "state.json").write_text(json.dumps(state))
    info = {"citation": "", "description": "", "features": features, "homepage": "", "license": ""}
    (dest / "dataset_info.json").write_text(json.dumps(info))


def _saved(rows: Rows, job: Job) -> Iterator[dict[str, Any]]:
    for record in rows:
        row = job.row(record)
        found = job.picture(record) if row is not None and record.subject.path else None
        if row is None or (record.subject.path and found is None):
            continue
        yield {**row, "image": None if found is None else {"bytes": found[0], "path": job.name(record) + found[1]}}


def _parts(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while part := list(islice(rows, size)):
        yield part
