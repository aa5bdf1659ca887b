"""The record as Arrow columns: exact there and back, one column for each field, nested where the field is."""

import gc
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from diptych.data.columns import Column, Many, Numbers, OneOf, Struct, Table, Words
from diptych.data.errors import SourceError
from diptych.data.records import Image, Record

VERSION = 1
_KEY = b"diptych.schema"
_SUBJECTS = (Image,)


_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def _column_of(hint: Any, *, optional: bool = False) -> Column:
    """The column for an annotation: plain values, tuples, mappings, dataclasses, unions of these with None or of dataclasses."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        known = [part for part in inner if part is not types.NoneType]
        if len(known) == 1:
            return _column_of(known[0], optional=True)
        return _one_of(*known)
    if hint is str:
        return Words()
    if origin is Literal:
        return Words(among=frozenset(inner))
    if hint in _PLAIN:
        return Numbers(_PLAIN[hint], optional)
    if origin is tuple and inner[-1] is Ellipsis:
        return Many(_column_of(inner[0]))
    if origin is tuple:
        return Struct(tuple, ("first", "second", "third")[: len(inner)], tuple(map(_column_of, inner)), optional)
    if origin is Mapping:
        return Table(_column_of(inner[1]))
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        names = tuple(f.name for f in fields(hint))
        return Struct(hint, names, tuple(_column_of(hints[name]) for name in names), optional)  # type: ignore[arg-type]
    raise TypeError(f"no column for {hint!r}")


def _one_of(*makes: type) -> OneOf:
    """The column for objects of several classes."""
    return OneOf(makes, tuple(_column_of(make, optional=True) for make in makes))


def _columns() -> tuple[tuple[str, ...], tuple[Column, ...]]:
    hints = get_type_hints(Record)
    names = tuple(f.name for f in fields(Record))
    return names, tuple(_one_of(*_SUBJECTS) if name == "subject" else _column_of(hints[name]) for name in names)


_RECORD = Struct(Record, *_columns())
SCHEMA = pa.schema(list(_RECORD.type), metadata={_KEY: str(VERSION)})


def to_batch(records: Sequence[Record]) -> pa.RecordBatch:
    """Records to one batch of `SCHEMA`."""
    return pa.RecordBatch.from_arrays(_RECORD.pack(list(records)).flatten(), schema=SCHEMA)


def from_batch(batch: pa.RecordBatch) -> list[Record]:
    """Records as they were; fields that an older version lacked have their defaults. SourceError if the batch is not ours."""
    check_schema(batch.schema)
    arrays = [batch.column(name) for name in batch.schema.names]
    with _no_collection():
        records = _RECORD.unpack(pa.StructArray.from_arrays(arrays, names=batch.schema.names))
    if batch.column("id").null_count or batch.column("subject").null_count or any(record.subject is None for record in records):
        raise SourceError("a row has no id or no subject: records need both; write the file again with `diptych convert`")
    return records


@contextmanager
def _no_collection() -> Iterator[None]:
    # thousands of new objects, none of them garbage: the collector would walk them again and again, at three times the cost
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def is_ours(schema: pa.Schema) -> bool:
    """Whether the schema says that it holds records."""
    return _KEY in (schema.metadata or {})


def check_schema(schema: pa.Schema) -> None:
    """SourceError if these columns cannot be read as records."""
    said = (schema.metadata or {}).get(_KEY, str(VERSION).encode())
    if not said.isdigit() or not 1 <= int(said) <= VERSION:
        raise SourceError(f"schema version {said.decode(errors='replace')!r}: this diptych reads 1 to {VERSION}; update diptych")
    lacking = [name for name in ("id", "subject") if name not in schema.names]
    if lacking:
        raise SourceError(f"columns {', '.join(lacking)} are missing: records need them; convert the file with `diptych convert`")
    odd = next((field for field in schema if field.name in SCHEMA.names and not _fits(field.type, SCHEMA.field(field.name).type)), None)
    if odd is not None:
        raise SourceError(f"column {odd.name} holds {str(odd.type)[:80]}, which no record has: write the file again with `diptych convert`")


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column of one type can be read as another: fields may be missing or more, offsets may be large."""
    if pa.types.is_struct(wanted):
        if not pa.types.is_struct(found):
            return False
        return all(_fits(f.type, wanted.field(f.name).type) for f in found if wanted.get_field_index(f.name) >= 0)
    if pa.types.is_map(wanted):
        return pa.types.is_map(found) and _fits(found.key_type, wanted.key_type) and _fits(found.item_type, wanted.item_type)
    if pa.types.is_list(wanted):
        return (pa.types.is_list(found) or pa.types.is_large_list(found)) and _fits(found.value_type, wanted.value_type)
    return bool(found == wanted) or (pa.types.is_string(wanted) and pa.types.is_large_string(found))
