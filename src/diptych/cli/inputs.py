"""What `diptych measure` measures and measures with: captions, references, pictures and models, from files or a dataset."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow

from diptych.data.captions import Captions, read_captions
from diptych.data.errors import InputError, PictureError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Record
from diptych.data.rows import Columns
from diptych.data.selection import captions_of

if TYPE_CHECKING:
    from diptych.lab.opening import Opened

# options that name a model, and the ability asked of it; what opens models and worlds is imported only when one is named
MODELS: Mapping[str, str] = {
    "embedder": "Embedder",
    "matcher": "Matcher",
    "entailer": "Entailer",
    "judge": "Entailer",
    "answerer": "Answerer",
    "painter": "Painter",
}
Make = Callable[["System"], Any]
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class System:
    """One system's captions by image, in order. `said` are they as records hold them; `notes` go into every result's `how`."""

    name: str
    texts: Mapping[str, tuple[str, ...]]
    said: Mapping[str, tuple[Caption, ...]] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """DATA opened, its rows read once. Rows that a run dropped or failed keep their id and say nothing."""

    opened: "Opened"
    rows: tuple[Record, ...]

    def captions(self, of: str) -> dict[str, tuple[Caption, ...]]:
        """By image; InputError for two rows of one id."""
        found = {row.id: captions_of(row, of) if row.status.kind == "kept" else () for row in self.rows}
        if len(found) < len(self.rows):
            ids = [row.id for row in self.rows]
            twice = next(id for id in found if ids.count(id) > 1)
            raise InputError(f"{len(ids) - len(found)} rows of DATA repeat an id, such as {twice!r}: keep one row an image")
        return found


def dataset(address: str, seed: int) -> Dataset:
    """DATA read whole. A world's captions get the statements that they were written from."""
    from diptych.lab.opening import opened
    from diptych.lab.outcome import as_read

    have = opened(address, seed)
    behind = have.behind
    rows = have.source if behind is None else (replace(as_read(row, behind), status=row.status) for row in have.source)
    return Dataset(have, tuple(rows))


def systems(given: argparse.Namespace, data: Dataset | None) -> list[System]:
    """The systems whose captions are measured: files of candidates, else the captions that DATA holds."""
    if given.candidates:
        names = [name for said in given.candidates for name in _several(said)]
        columns = Columns(captions=_columns(given.candidate_column), id=given.id_column or "")
        return [_from_file(called, read_captions(name, columns), given) for name, called in zip(names, _called(names), strict=True)]
    if data is None:
        raise InputError("nothing to measure: give --candidates FILE, or a dataset as DATA; `diptych measure --help` tells what it takes")
    said = data.captions(given.captions)
    lost = sum(row.status.kind != "kept" for row in data.rows)
    notes = (f"{lost} of {len(data.rows)} rows dropped, failed or unreadable, which say nothing",) if lost else ()
    return [System(Path(given.data).name or given.data, {id: tuple(c.text for c in row) for id, row in said.items()}, said, (), notes)]


def _from_file(called: str, read: Captions, given: argparse.Namespace) -> System:
    refuse_broken(read, given.subset)
    notes = (f"{len(read.broken)} unreadable rows of {read.name} left out",) if read.broken else ()
    if read.numbered:
        notes = (*notes, f"rows of {read.name} told by their number, since nothing names their images")
    said = {id: tuple(Caption(f"{id}/{n}", text) for n, text in enumerate(texts)) for id, texts in read.texts.items()}
    return System(called, read.texts, said, read.repeated, notes)


def refuse_broken(read: Captions, subset: bool) -> None:
    """InputError for rows that cannot be read, unless they may be left out."""
    if read.broken and not subset:
        more = f" (and {len(read.broken) - 1} more)" if len(read.broken) > 1 else ""
        raise InputError(f"{read.name}, {read.broken[0]}{more}: correct the file, or --subset leaves such rows out and counts them")


def one_each(system: System, first: bool) -> dict[str, str]:
    """One caption an image; images that have none are not among them."""
    several = [id for id, texts in system.texts.items() if len(texts) > 1]
    if several and not first:
        rows = "stand in several rows" if set(several) <= set(system.repeated) else "have several captions"
        raise InputError(
            f"{len(several)} of {len(system.texts)} images of {system.name} {rows}, such as {several[0]!r}, and this metric takes one each:"
            " keep one, or --first takes the first"
        )
    return {id: texts[0] for id, texts in system.texts.items() if texts}


def makers(given: argparse.Namespace, data: Dataset | None) -> dict[str, Make]:
    """Every input that these options give, by name, made when a metric asks for it."""
    found: dict[str, Make] = {
        "candidates": lambda system: one_each(system, given.first),
        "captions": lambda system: system.texts,
    }
    if given.references or given.references_captions:
        known = cache(partial(_references, given, data))
        found["references"] = lambda system: _but_itself(known(), system) if given.references_captions else known()
    if data is not None:
        found |= _of_data(data)
    for name in MODELS:
        if address := getattr(given, name):
            found[name] = _same(cache(partial(_model, name, address, data)))
    for name in ("tokenizer",):
        if (value := getattr(given, name)) is not None:
            found[name] = _same(partial(str, value))
    return found


def _model(name: str, address: str, data: Dataset | None) -> Any:
    from diptych.lab.opening import without_source
    from diptych.models import abilities

    opener = data.opened.opener if data is not None else without_source()
    return opener(address, getattr(abilities, MODELS[name]))


def _same(make: Callable[[], Any]) -> Make:
    return lambda system: make()


def _of_data(data: Dataset) -> dict[str, Make]:
    """Inputs that a dataset has: pictures, objects of its boxes, and the truth of a world."""
    found: dict[str, Make] = {}
    if any(row.subject.path for row in data.rows):
        found["pictures"] = _same(cache(lambda: {row.id: _picture(data, row) for row in data.rows}))
    truths = data.opened.truths
    if truths is not None:
        found["said"] = lambda system: system.said
        found["truths"] = _same(cache(lambda: {row.id: ((t := truths[row.subject.key]).graph, t.kinds) for row in data.rows}))
    return found


def _picture(data: Dataset, row: Record) -> Picture:
    """The row's picture; one that is broken fails when a model asks for it, and is counted by the metric."""
    try:
        return data.opened.pictures(row.subject)
    except PictureError as error:
        said = str(error)

        def fails() -> Pillow.Image:
            raise PictureError(said)

        return Picture(f"broken:{row.id}", 0, 0, fails)


def _references(given: argparse.Namespace, data: Dataset | None) -> Mapping[str, Any]:
    """Texts by image of the files, gathered over several; captions by image of DATA."""
    if given.references_captions:
        if data is None or given.references:
            raise InputError("--references-captions chooses among the captions of DATA: name DATA, or give --references FILE alone")
        return data.captions(given.references_captions)
    columns = Columns(captions=_columns(given.reference_columns), id=given.id_column or "")
    found: dict[str, tuple[str, ...]] = {}
    for name in (name for said in given.references for name in _several(said)):
        read = read_captions(name, columns)
        refuse_broken(read, given.subset)
        for id, texts in read.texts.items():
            found[id] = (*found.get(id, ()), *texts)
    return found


def _but_itself(known: Mapping[str, tuple[Caption, ...]], system: System) -> dict[str, tuple[str, ...]]:
    """DATA's references without the captions that are measured themselves."""
    own = {id: {caption.id for caption in said} for id, said in system.said.items()}
    return {id: tuple(c.text for c in said if c.id not in own.get(id, ())) for id, said in known.items()}


def _several(said: str) -> list[str]:
    """One file, or several parted by commas."""
    return [said] if Path(said).exists() else [name for name in said.split(",") if name]


def _called(names: list[str]) -> list[str]:
    """Short names of files, whole paths where two would be one."""
    short = [Path(name).stem for name in names]
    return short if len(set(short)) == len(short) else names


def _columns(said: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in said.split(",")) if said else ()


def listed(ids: Iterable[str]) -> str:
    """Some ids, as errors name them."""
    all_ids = list(ids)
    return ", ".join(map(repr, all_ids[:_SHOWN])) + (", ..." if len(all_ids) > _SHOWN else "")
