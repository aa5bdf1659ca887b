"""What a pipeline is made of: steps, surveys, makers and repeats. All are frozen dataclasses of plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import pyarrow as pa

from diptych.data.records import Record
from diptych.engine.context import Context


@runtime_checkable
class Step(Protocol):
    """Records in, the same records (same ids, same order) out, with more in them or marked as dropped or failed.

    A step may offer `calls(record) -> Mapping[str, int]`, what it would ask of its models, for dry runs.
    """

    def __call__(self, records: list[Record], context: Context) -> list[Record]: ...


@runtime_checkable
class Survey(Protocol):
    """A barrier: reads columns of all committed rows still kept and returns a step (an instance of `makes`), stored and reused."""

    makes: ClassVar[type]
    reads: ClassVar[tuple[str, ...]]

    def look(self, batches: Iterable[pa.RecordBatch]) -> Step: ...


@runtime_checkable
class Maker(Protocol):
    """Makes new records from one; their ids begin with the parent's."""

    def make(self, record: Record, context: Context) -> Iterable[Record]: ...


@runtime_checkable
class Condition(Protocol):
    """Whether a repeat may release this record."""

    def __call__(self, record: Record) -> bool: ...


@dataclass(frozen=True, slots=True)
class Repeat:
    """Runs the steps once on every record and again on those that `until` has not released, `at_most` times in all."""

    steps: tuple[Step, ...]
    at_most: int
    until: Condition


Part = Step | Survey | Maker | Repeat
Pipeline = tuple[Part, ...]
