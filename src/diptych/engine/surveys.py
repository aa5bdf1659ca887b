"""Surveys: what one found is stored as plain values, and a step is built from them again whenever the run goes on."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from diptych.data.errors import DiptychError, RunError
from diptych.engine.configuration import plain
from diptych.engine.folder import Folder, read_json, read_shard, write_json
from diptych.engine.plan import name_of
from diptych.engine.rows import ROWS
from diptych.engine.steps import Step, Survey
from diptych.engine.trouble import one_line


def look(survey: Survey, batches: Iterator[pa.RecordBatch], rows: int, path: Path) -> Step:
    """Lets the survey look, stores what it found, and returns the step as the stored values give it."""
    name = name_of(survey)
    try:
        found = survey.look(batches)
    except DiptychError:
        raise
    except Exception as error:
        raise RunError(f"survey {name} failed ({one_line(error)}): correct it or its input and start the same run again") from error
    if type(found) is not survey.makes or not is_dataclass(found):
        raise RunError(f"survey {name} returned {type(found).__name__}, not the {survey.makes.__name__} it makes: correct the survey")
    values = {f.name: plain(getattr(found, f.name)) for f in fields(found)}
    stored = {"survey": name, "makes": survey.makes.__name__, "rows": rows, "values": values}
    step = rebuild(survey, stored)
    if step != found:
        raise RunError(f"survey {name} found {found!r}, which JSON gives back as {step!r}: its step must hold plain values and tuples")
    write_json(path, stored)
    return step


def stored(survey: Survey, path: Path) -> tuple[Step, int] | None:
    """The step that an earlier look gave, and how many rows it saw; None if it has not looked yet."""
    if not path.exists():
        return None
    found = read_json(path)
    return rebuild(survey, found), int(found["rows"])


def rebuild(survey: Survey, found: Mapping[str, Any]) -> Step:
    """The survey's step from stored values; the class comes from the survey, never from the file."""
    try:
        return survey.makes(**{name: _tuples(value) for name, value in found["values"].items()})  # type: ignore[no-any-return]
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise RunError(f"what survey {name_of(survey)} stored does not make its step ({error}): run again with --overwrite") from error


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return value


def columns(folder: Folder, stage: int, reads: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """The named columns of all rows that a stage has kept, shard by shard."""
    unknown = [name for name in reads if name.partition(".")[0] not in ROWS.names]
    if unknown:
        raise RunError(f"a survey reads {unknown[0]!r}: a record's columns are {', '.join(ROWS.names)}; correct the survey")
    for number in folder.numbers(stage):
        table = read_shard(folder.shard(stage, number), [*reads, "run_left"])
        kept = table.filter(pc.equal(table["run_left"], -1)).drop_columns(["run_left"])
        yield from kept.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], kept.schema)]


def kept_rows(folder: Folder, stage: int) -> int:
    """How many rows a stage has kept."""
    return sum(batch.num_rows for batch in columns(folder, stage, ("id",)))
