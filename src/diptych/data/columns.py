"""Lists of Python values to Arrow arrays and back, column by column.

Exact for every string: Arrow holds UTF-8 only, so a lone surrogate (a file name in another encoding has them) is written as U+FDD0,
which no text may contain, and four hexadecimal digits; U+FDD0 itself likewise. Whole numbers saturate at 64 bits.
"""

import re
import types
from collections import deque
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cached_property
from itertools import chain, pairwise, repeat
from operator import attrgetter
from typing import Any, ClassVar, Protocol

import numpy as np
import pyarrow as pa

from diptych.data.errors import SourceError

_ESCAPE = "\ufdd0"
_NEEDLE = _ESCAPE.encode()
_HARD = re.compile(f"[\ud800-\udfff{_ESCAPE}]")
_SOFT = re.compile(f"{_ESCAPE}([0-9a-f]{{4}})")
_LIMIT = 2**63 - 1
_STRING = pa.string()


class Column(Protocol):
    """One column. `blank` stands where a parent is null."""

    @property
    def type(self) -> pa.DataType:
        """The Arrow type."""
        ...

    @property
    def blank(self) -> Any:
        """A value that packs."""
        ...

    def pack(self, values: list[Any]) -> pa.Array:
        """Python values to an array."""
        ...

    def unpack(self, array: pa.Array) -> list[Any]:
        """The array's Python values."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """Strings, or None; with `among` only these."""

    type: pa.DataType = _STRING
    blank: str = ""
    among: frozenset[str] = frozenset()

    def pack(self, values: list[Any]) -> pa.Array:
        """Strings to an array, with what UTF-8 cannot hold escaped."""
        try:
            array = pa.array(values, self.type)
        except UnicodeEncodeError:
            return pa.array(_escaped(values), self.type)
        return pa.array(_escaped(values), self.type) if _has_escape(array) else array

    def unpack(self, array: pa.Array) -> list[Any]:
        """Strings as they were; SourceError for one that is not among those allowed."""
        values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
        if self.among and not self.among.issuperset(values):
            odd = next(value for value in values if value not in self.among)
            raise SourceError(f"{odd!r:.80} is none of {', '.join(sorted(self.among))}: write the file again with `diptych convert`")
        if not _has_escape(array):
            return values
        return [v and unescaped(v) for v in values]


def unescaped(text: str) -> str:
    """A string as it was before Arrow held it, for those who read a column's cells themselves."""
    return _SOFT.sub(lambda found: chr(int(found[1], 16)), text)


def _has_escape(array: pa.Array) -> bool:
    data = array.buffers()[2]
    return data is not None and _NEEDLE in data.to_pybytes()


def _escaped(values: list[Any]) -> list[Any]:
    return [v and _HARD.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", v) for v in values]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers or truth values; `optional` where None is one of the values."""

    type: pa.DataType
    optional: bool = False
    blank: int = 0

    def pack(self, values: list[Any]) -> pa.Array:
        """Numbers to an array; whole numbers beyond 64 bits saturate."""
        try:
            return pa.array(values, self.type)
        except (OverflowError, pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array([None if v is None else self._fit(v) for v in values], self.type)

    def _fit(self, value: Any) -> Any:
        if self.type == pa.float64():
            return float(value)
        return bool(value) if self.type == pa.bool_() else max(-_LIMIT - 1, min(_LIMIT, int(value)))

    def unpack(self, array: pa.Array) -> list[Any]:
        """Numbers as they were."""
        if not array.null_count:
            return array.to_numpy(zero_copy_only=False).tolist()  # type: ignore[no-any-return]
        values: list[Any] = array.fill_null(False if self.type == pa.bool_() else 0).to_numpy(zero_copy_only=False).tolist()
        return _where(array, values) if self.optional else values


def _where(array: pa.Array, values: list[Any]) -> list[Any]:
    valid = array.is_valid().to_numpy(zero_copy_only=False).tolist()
    return [value if known else None for value, known in zip(values, valid, strict=True)]


@dataclass(frozen=True)
class Many:
    """Tuples of any length."""

    of: Column
    blank: tuple[Any, ...] = ()

    @cached_property
    def type(self) -> pa.DataType:
        """A list."""
        return pa.list_(self.of.type)

    def pack(self, values: list[Any]) -> pa.Array:
        """Tuples to a list array."""
        flat = list(chain.from_iterable(values))
        return pa.ListArray.from_arrays(_offsets(values), self.of.pack(flat), type=self.type)

    def unpack(self, array: pa.Array) -> list[Any]:
        """Tuples as they were."""
        flat = array.flatten()
        if not len(flat):
            return [()] * len(array)
        whole = tuple(self.of.unpack(flat))
        return [whole[start:end] for start, end in pairwise(_starts(array))]


def _offsets(values: list[Any]) -> pa.Array:
    ends = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, values), np.int32, len(values)), out=ends[1:])
    return pa.array(ends)


def _starts(array: pa.Array) -> list[int]:
    offsets = array.offsets.to_numpy()
    return (offsets - offsets[0]).tolist()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Table:
    """Mappings from strings, in order."""

    of: Column
    blank: ClassVar[Mapping[str, Any]] = types.MappingProxyType({})

    @cached_property
    def type(self) -> pa.DataType:
        """A map."""
        return pa.map_(pa.string(), self.of.type)

    def pack(self, values: list[Any]) -> pa.Array:
        """Mappings to a map array."""
        keys, items = list(chain.from_iterable(values)), list(chain.from_iterable(v.values() for v in values))
        return pa.MapArray.from_arrays(_offsets(values), Words().pack(keys), self.of.pack(items))

    def unpack(self, array: pa.Array) -> list[Any]:
        """Mappings as they were, as dicts."""
        starts = array.offsets.to_numpy()
        first, last = int(starts[0]), int(starts[-1])
        if first == last:
            return [{} for _ in range(len(array))]
        keys, items = Words().unpack(array.keys[first:last]), self.of.unpack(array.items[first:last])
        return [dict(zip(keys[a:b], items[a:b], strict=True)) if b > a else {} for a, b in pairwise((starts - first).tolist())]


@dataclass(frozen=True)
class Struct:
    """Objects of one class (tuples of fixed length where `make` is tuple), or None where `optional`."""

    make: type
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False

    @cached_property
    def type(self) -> pa.DataType:
        """A struct."""
        return pa.struct([(name, column.type) for name, column in zip(self.names, self.columns, strict=True)])

    @cached_property
    def blank(self) -> Any:
        """An object of blanks."""
        blanks = [column.blank for column in self.columns]
        return tuple(blanks) if self.make is tuple else self.make(*blanks)

    def pack(self, values: list[Any]) -> pa.Array:
        """Objects to a struct array."""
        mask = None
        if self.optional:
            absent = [value is None for value in values]
            if any(absent):
                blank = self.blank
                values, mask = [blank if value is None else value for value in values], pa.array(absent)
        if self.make is tuple:
            parts = [list(part) for part in zip(*values, strict=True)] or [[] for _ in self.columns]
        else:
            parts = [list(map(attrgetter(name), values)) for name in self.names]
        arrays = [column.pack(part) for column, part in zip(self.columns, parts, strict=True)]
        return pa.StructArray.from_arrays(arrays, names=list(self.names), mask=mask)

    def unpack(self, array: pa.Array) -> list[Any]:
        """Objects as they were; a field that an older file lacks has its default."""
        if array.null_count and self.optional:
            found = iter(self.unpack(array.drop_null()))
            return [next(found) if known else None for known in array.is_valid().to_numpy(zero_copy_only=False).tolist()]
        columns = [
            column.unpack(array.field(name)) if array.type.get_field_index(name) >= 0 else _defaults(self.make, name, len(array))
            for name, column in zip(self.names, self.columns, strict=True)
        ]
        return list(zip(*columns, strict=True)) if self.make is tuple else build(self.make, self.names, columns, len(array))


def build(make: type, names: tuple[str, ...], columns: list[list[Any]], count: int) -> list[Any]:
    """`count` objects of a slotted class, filled slot by slot: twice as fast as calling a frozen dataclass."""
    made: list[Any] = list(map(object.__new__, repeat(make, count)))
    for name, column in zip(names, columns, strict=True):
        deque(map(getattr(make, name).__set__, made, column), maxlen=0)
    return made


def _defaults(make: type, name: str, count: int) -> list[Any]:
    known = {f.name: f for f in fields(make)}[name] if is_dataclass(make) else None
    if known is not None and known.default_factory is not MISSING:
        return [known.default_factory() for _ in range(count)]
    if known is None or known.default is MISSING:
        raise ValueError(f"column {name!r} is missing and has no default")
    return [known.default] * count


@dataclass(frozen=True)
class OneOf:
    """Objects of several classes: a struct with one column for each, all null but one."""

    makes: tuple[type, ...]
    columns: tuple[Column, ...]

    @cached_property
    def _names(self) -> list[str]:
        return [make.__name__.lower() for make in self.makes]

    @cached_property
    def type(self) -> pa.DataType:
        """A struct."""
        return pa.struct([(name, column.type) for name, column in zip(self._names, self.columns, strict=True)])

    @cached_property
    def blank(self) -> Any:
        """A blank of the first class."""
        return self.columns[0].blank

    def pack(self, values: list[Any]) -> pa.Array:
        """Each object into its class's column."""
        arrays = [
            column.pack([value if isinstance(value, make) else None for value in values])
            for make, column in zip(self.makes, self.columns, strict=True)
        ]
        return pa.StructArray.from_arrays(arrays, names=self._names)

    def unpack(self, array: pa.Array) -> list[Any]:
        """Each object from the column that has it."""
        columns = [c.unpack(array.field(n)) for n, c in zip(self._names, self.columns, strict=True) if array.type.get_field_index(n) >= 0]
        return [next((value for value in row if value is not None), None) for row in zip(*columns, strict=True)]
