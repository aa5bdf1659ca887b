"""Steps, a survey and makers that the engine's tests run; importable, so that they pickle and a killed process can use them."""

import io
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from PIL import Image as Pillow

from diptych.data.errors import PictureError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Made, Record
from diptych.engine import Context, Pipeline, Repeat, run


@dataclass(frozen=True, slots=True)
class Say:
    """Adds a caption and a score that hang on the draw."""

    word: str = "a"
    wait: float = 0.0

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._one(record, context) for record in records]

    def _one(self, record: Record, context: Context) -> Record:
        time.sleep(self.wait)
        context.ledger["sayings"] += 1
        draw = context.rng(record.id)
        caption = Caption(f"{record.id}-{self.word}{len(record.captions)}", f"{self.word}{draw.integers(1000)}", "test")
        return record.add(captions=[caption], scores={self.word: float(draw.random())})


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Drops records under a level."""

    level: float
    score: str = "a"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [record if record.scores[self.score] >= self.level else record.drop("AtLeast", f"{self.score} is low") for record in records]


@dataclass(frozen=True, slots=True)
class Median:
    """Looks for the level that half of the rows reach."""

    makes: ClassVar[type] = AtLeast
    reads: ClassVar[tuple[str, ...]] = ("scores",)
    score: str = "a"

    def look(self, batches: Iterable[pa.RecordBatch]) -> AtLeast:
        found = [dict(row)[self.score] for batch in batches for row in batch.column("scores").to_pylist()]
        return AtLeast(sorted(found)[len(found) // 2], self.score)


@dataclass(frozen=True, slots=True)
class Split:
    """Makes none to two records of each."""

    mark: str = ""

    def make(self, record: Record, context: Context) -> Iterator[Record]:
        for number in range(int(context.rng(record.id).integers(3))):
            yield Record(f"{record.id}/{self.mark}{number}", record.subject)


@dataclass(frozen=True, slots=True)
class Bad:
    """Raises on the rows whose id is named."""

    ids: tuple[str, ...]

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        for record in records:
            if record.id in self.ids:
                raise ValueError(f"{record.id} is\nbad {object()}")
        return records


@dataclass(frozen=True, slots=True)
class Enough:
    """Releases records with this many captions, or with a lucky one."""

    captions: int

    def __call__(self, record: Record) -> bool:
        return len(record.captions) >= self.captions or record.captions[-1].text.endswith("7")


@dataclass(frozen=True, slots=True)
class Paint:
    """Keeps a picture whose colour hangs on the draw."""

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [record.add(made=[Made(self._image(record, context), "test")]) for record in records]

    def _image(self, record: Record, context: Context) -> Image:
        colour = tuple(int(value) for value in context.rng(record.id).integers(256, size=3))
        return context.keep_picture(png(colour), f"{record.id}.png")


def png(colour: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (4, 3), colour).save(file, "PNG")
    return file.getvalue()


def source(count: int) -> list[Record]:
    """Plain records, among them two of one id and one that comes dropped."""
    records = [Record(f"r{number}", Image(f"{number}.jpg")) for number in range(count)]
    if count > 12:
        records[11] = Record("r5", Image("other.jpg"))
        records[12] = records[12].drop("Source", "too small")
    return records


def full(wait: float = 0.0) -> Pipeline:
    """A pipeline with everything in it."""
    return (
        Say("a", wait),
        Bad(("r2", "r9")),
        Median(),
        Say("b", wait),
        Split(),
        Repeat((Say("c", wait), Bad(("r4/0",))), 3, Enough(4)),
        Paint(),
        Median("c"),
        Say("d"),
    )


def unopened(image: Image) -> Picture:
    raise PictureError(f"{image.path} is missing")


def go(pipeline: Pipeline, records: Iterable[Record], out: Path, **options):
    """Runs with nothing to open and no progress shown."""
    return run(pipeline, records, out, **{"opener": None, "pictures": unopened, "progress": False, **options})


def strip(row: Record) -> Record:
    """A row without the names of tars, which follow the shards."""
    return replace(row, made=tuple(replace(made, image=replace(made.image, path="")) for made in row.made))


def main(out: str, count: int) -> None:
    """What a process does that will be killed."""
    go(full(0.002), source(count), Path(out), batch=4, shard=10)
