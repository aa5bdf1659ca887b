"""A record on its way through a run, with what the run must remember of it."""

from dataclasses import dataclass, replace
from hashlib import blake2b

import pyarrow as pa

from diptych.data.records import Record
from diptych.data.schema import SCHEMA, from_batch, to_batch

EXTRA = pa.schema([("run_print", pa.binary(16)), ("run_born", pa.int16()), ("run_left", pa.int16())])
TAKEN = "another row has the id "  # how the error of a second row begins
ROWS = pa.schema([*SCHEMA, *EXTRA], metadata=SCHEMA.metadata)


@dataclass(frozen=True, slots=True)
class Row:
    """`print` is the fingerprint of the input record, None for a row that a maker made; `born` and `left` are stages."""

    record: Record
    print: bytes | None = None
    born: int = 0
    left: int = -1  # the stage that dropped or failed it; -1 while it is kept

    @property
    def kept(self) -> bool:
        """Whether later steps see it."""
        return self.left < 0


def fingerprint(record: Record) -> bytes:
    """16 bytes that change with anything in an input record."""
    return blake2b(repr(record).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def taken(record: Record, seen: set[str]) -> Row:
    """An input record as a row. The second with one id fails under an id of its own, `ID#2`, and `meta` keeps the id it came with."""
    row = Row(record, fingerprint(record), 0, -1 if record.status.kind == "kept" else 0)
    if record.id not in seen:
        seen.add(record.id)
        return row
    return replace(row, record=twin(record, "input", seen), left=0)


def twin(record: Record, step: str, seen: set[str]) -> Record:
    """A failed record in the place of one whose id is taken."""
    number = 2
    while (id := f"{record.id}#{number}") in seen:
        number += 1
    seen.add(id)
    why = f"{TAKEN}{record.id!r}: ids must be unique, the first row stands"
    return replace(record, id=id, meta={**record.meta, "duplicate_of": record.id}).fail(step, why)


def pack(rows: list[Row]) -> pa.Table:
    """Rows as the table of a shard."""
    batch = to_batch([row.record for row in rows])
    extra = [
        pa.array([row.print for row in rows], EXTRA.field(0).type),
        pa.array([row.born for row in rows], EXTRA.field(1).type),
        pa.array([row.left for row in rows], EXTRA.field(2).type),
    ]
    return pa.Table.from_arrays([*batch.columns, *extra], schema=ROWS)


def records_of(table: pa.Table) -> list[Record]:
    """The records of a shard."""
    plain = table.drop_columns([name for name in EXTRA.names if name in table.column_names])
    return [record for batch in plain.to_batches() for record in from_batch(batch)]


def unpack(table: pa.Table) -> list[Row]:
    """The rows of a shard."""
    columns = (table.column(name).to_pylist() for name in EXTRA.names)
    return [Row(record, *rest) for record, *rest in zip(records_of(table), *columns, strict=True)]


def families(rows: list[Row]) -> list[list[Row]]:
    """Rows grouped by the input row they come from; a family stands together and its input row stands first."""
    found: list[list[Row]] = []
    for row in rows:
        if row.print is not None:
            found.append([])
        found[-1].append(row)
    return found
