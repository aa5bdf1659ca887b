"""What the engine itself costs a record: conversion to Arrow, Parquet, fsync, bookkeeping. No step does anything.

    python benchmarks/engine_overhead.py [ROWS]

Timings on a shared machine are noisy; the least of five runs is given.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.records import Caption, Image, Record, Verdict
from diptych.data.regions import Box, Region
from diptych.engine import Context, read_run, run
from diptych.engine.folder import write_shard
from diptych.engine.rows import fingerprint, pack, taken, unpack

WORDS = ("dog", "couch", "cat", "cup", "table", "ball", "lamp", "tree")


@dataclass(frozen=True, slots=True)
class Nothing:
    """A step that does nothing."""

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return records


def graph(number: int) -> SceneGraph:
    noun = [WORDS[(number + k) % 8] for k in range(3)]
    entities = tuple(Entity(n, 1, attributes=(Attribute("red", (2, 5), ("c",)),), span=(6, 9), origins=("c",)) for n in noun)
    return SceneGraph(entities, (Relation(0, "on", 1, (9, 11), ("c",)), Relation(2, "near", 1, (12, 16), ("c",))))


def record(number: int, *, full: bool) -> Record:
    """As it comes from a source, or as a checked record ends: five captions with graphs, 25 verdicts, 5 regions."""
    source = Caption("c0", f"a red {WORDS[number % 8]} on a {WORDS[(number + 1) % 8]}")
    plain = Record(f"{number:08d}", Image(f"photos/{number:08d}.jpg", width=640, height=480), (source,), chosen=("c0",))
    if not full:
        return plain
    captions = [
        Caption(f"c{k}", f"a red {WORDS[number % 8]} beside a large {WORDS[k]}", "sim:captioner", "short", graph=graph(number + k))
        for k in range(1, 5)
    ]
    regions = [Region(f"r{k}", Box(0.1, 0.2, 0.5, 0.5 + k / 10), label=WORDS[k], score=0.9, by="sim:detector") for k in range(5)]
    verdicts = [Verdict(f"c{k % 5}", k // 5, "supported", "sim:detector", f"r{k % 5}", "yes", 0.87) for k in range(25)]
    return plain.add(captions=captions, regions=regions, verdicts=verdicts, scores={"match": number / 7})


def least(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of some calls."""
    found = []
    for _ in range(times):
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return min(found)


def once(records: list[Record], out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    run((Nothing(),), records, out, opener=lambda *_: None, pictures=lambda _: None, progress=False)


def measure(name: str, records: list[Record], folder: Path) -> None:
    out, rows = folder / "run", len(records)
    print(f"{rows} records {name}, ms a record")
    print(f"  whole run            {least(lambda: once(records, out)) / rows * 1e3:.3f}")
    some = [taken(one, set()) for one in records[:256]]
    table = pack(some)
    parts: dict[str, Callable[[], object]] = {
        "fingerprints": lambda: [fingerprint(one.record) for one in some],
        "to Arrow": lambda: pack(some),
        "Parquet and fsync": lambda: write_shard(folder / "one.parquet", table, {}),
        "from Arrow": lambda: unpack(table),
    }
    for part, work in parts.items():
        print(f"  {part:20} {least(work) / len(some) * 1e3:.3f}")
    print(f"  read_run             {least(lambda: sum(1 for _ in read_run(out)), 2) / rows * 1e3:.3f}")
    print(f"  bytes a record       {sum(path.stat().st_size for path in (out / 'shards').iterdir()) / rows:.0f}")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure("as from a source", [record(number, full=False) for number in range(rows)], Path(folder))
        measure("as after checking", [record(number, full=True) for number in range(rows)], Path(folder))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048)
