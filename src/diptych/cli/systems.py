"""The systems that `diptych measure` measures: captions by image, from files or from a dataset."""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diptych.data.captions import Captions, read_captions
from diptych.data.errors import InputError
from diptych.data.records import Caption, Record
from diptych.data.rows import Columns
from diptych.data.selection import captions_of
from diptych.data.verdicts import family

if TYPE_CHECKING:
    from diptych.lab.opening import Opened

_SHOWN = 3
_JUDGES = ("embedder", "matcher", "entailer", "judge", "answerer")


@dataclass(frozen=True, slots=True)
class System:
    """One system's captions by image, in order. `said` are they as records hold them; `notes` go into every result's `how`."""

    name: str
    texts: Mapping[str, tuple[str, ...]]
    said: Mapping[str, tuple[Caption, ...]] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""  # the file


@dataclass(frozen=True, slots=True)
class Dataset:
    """DATA opened, its rows read once. Rows that a run dropped or failed keep their id and say nothing.

    `voices` are the families of models that wrote its captions or took part in the run that made it.
    """

    opened: "Opened"
    rows: tuple[Record, ...]
    voices: frozenset[str] = frozenset()

    def captions(self, of: str) -> dict[str, tuple[Caption, ...]]:
        """By image; InputError for two rows of one id."""
        found = {row.id: captions_of(row, of) if row.status.kind == "kept" else () for row in self.rows}
        if len(found) < len(self.rows):
            twice = Counter(row.id for row in self.rows).most_common(1)[0][0]
            raise InputError(f"{len(self.rows) - len(found)} rows of DATA repeat an id, such as {twice!r}: keep one row an image")
        return found


def dataset(address: str, seed: int) -> Dataset:
    """DATA read whole. A world's captions get the statements that they were written from, and so do those of a run over a world."""
    from diptych.engine import is_run, read_run, run_json
    from diptych.lab.defaults import world_models
    from diptych.lab.opening import opened
    from diptych.lab.outcome import as_read

    folder = Path(address)
    settings = run_json(folder).get("settings", {}) if is_run(folder) else {}
    source = str(settings.get("source", ""))
    have = opened(source if source.startswith("world:") else address, seed)
    rows = read_run(folder) if source else have.source
    known = tuple(rows if have.behind is None else (replace(as_read(row, have.behind), status=row.status) for row in rows))
    writers = {caption.by for row in known for caption in row.captions}
    named = {model for name in world_models().keys() & settings.keys() for model in _each(settings[name])}
    return Dataset(have, known, frozenset(family(model) for model in writers | named if ":" in model) - {"rules:", "human:"})


def _each(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def refuse_voices(models: Mapping[str, Any], data: Dataset) -> None:
    """InputError for a judge of a family that wrote the captions measured, or took part in the run that made them."""
    for name in _JUDGES:
        address = models.get(name)
        if isinstance(address, str) and family(address) in data.voices:
            raise InputError(
                f"--{name} {address} is of a family that wrote these captions or took part in their run: name another model,"
                " or --self-check to use it all the same"
            )


def systems(given: argparse.Namespace, data: Dataset | None) -> list[System]:
    """The systems whose captions are measured: files of candidates, else the captions that DATA holds."""
    if given.candidates:
        names = [name for said in given.candidates for name in several(said)]
        columns = named_columns(given.candidate_column, given.id_column)
        return [_from_file(short, read_captions(name, columns), given) for short, name in short_names(names).items()]
    if given.answers and data is None:
        names = [name for said in given.answers for name in several(said)]
        return [System(short, {}, source=name) for short, name in short_names(names).items()]
    if data is None:
        raise InputError("nothing to measure: give --candidates FILE, or a dataset as DATA; `diptych measure --help` tells what it takes")
    said = data.captions(given.captions)
    lost = sum(row.status.kind != "kept" for row in data.rows)
    notes = (f"{lost} of {len(data.rows)} rows dropped, failed or unreadable, which say nothing",) if lost else ()
    return [System(Path(given.data).name or given.data, {id: tuple(c.text for c in row) for id, row in said.items()}, said, (), notes)]


def _from_file(name: str, read: Captions, given: argparse.Namespace) -> System:
    notes = told_broken(read, given.subset)
    if read.numbered:
        notes = (*notes, f"rows of {read.name} told by their number, since nothing names their images")
    said = {id: tuple(Caption(f"{id}/{n}", text) for n, text in enumerate(texts)) for id, texts in read.texts.items()}
    return System(name, read.texts, said, read.repeated, notes, read.name)


def told_broken(read: Captions, subset: bool) -> tuple[str, ...]:
    """How many rows cannot be read, for `how`; InputError for any, unless they may be left out."""
    if not read.broken:
        return ()
    if not subset:
        more = f" (and {len(read.broken) - 1} more)" if len(read.broken) > 1 else ""
        raise InputError(f"{read.name}, {read.broken[0]}{more}: correct the file, or --subset leaves such rows out and counts them")
    return (f"{len(read.broken)} unreadable row{'s' * (len(read.broken) > 1)} of {read.name} left out",)


def one_each(system: System, first: bool) -> dict[str, str]:
    """One caption an image; images that have none are not among them."""
    many = [id for id, texts in system.texts.items() if len(texts) > 1]
    if many and not first:
        rows = "stand in several rows" if set(many) <= set(system.repeated) else "have several captions"
        raise InputError(
            f"{len(many)} of {len(system.texts)} images of {system.name} {rows}, such as {many[0]!r}, and this metric takes one each:"
            " keep one, or --first takes the first"
        )
    return {id: texts[0] for id, texts in system.texts.items() if texts}


def several(said: str) -> list[str]:
    """One file, or several parted by commas."""
    return [said] if Path(said).exists() else [name for name in said.split(",") if name]


def short_names(files: list[str]) -> dict[str, str]:
    """Files by their short names, by whole paths where two would be one; InputError for a file named twice."""
    if len(set(files)) < len(files):
        raise InputError(f"{next(name for name in files if files.count(name) > 1)!r} is named twice: a system is compared with others")
    short = [Path(name).stem for name in files]
    return dict(zip(short if len(set(short)) == len(short) else files, files, strict=True))


def named_columns(captions: str | None, id: str | None) -> Columns:
    """Columns as options name them, guessed where they do not."""
    return Columns(captions=tuple(name.strip() for name in captions.split(",")) if captions else (), id=id or "")


def listed(ids: Iterable[str]) -> str:
    """Some ids, as errors name them."""
    all_ids = list(ids)
    return ", ".join(map(repr, all_ids[:_SHOWN])) + (", ..." if len(all_ids) > _SHOWN else "")
