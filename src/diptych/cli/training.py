"""What `diptych train` does once its options are read: the data, the folder, the training, and what is told of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from diptych.cli import usage
from diptych.cli.train_folder import claim, finish, is_done, read
from diptych.data.errors import InputError
from diptych.data.records import Record
from diptych.data.selection import captions_of
from diptych.engine import is_run, read_run
from diptych.engine.configuration import plain
from diptych.lab.opening import Opened, opened
from diptych.report.training import Training, read_training, training_report
from diptych.train.accelerator import joined
from diptych.train.data import Data
from diptych.train.distributed import wait
from diptych.train.settings import Settings, using

Train = Callable[..., Path]


@dataclass(frozen=True, slots=True)
class Asked:
    """One training as the command line asks for it. `how` changes nothing that is learnt."""

    recipe: str
    train: Train
    data: str
    out: Path
    settings: Mapping[str, Any]
    captions: str = "chosen"
    seed: int = 0
    limit: int | None = None
    overwrite: bool = False
    tokens: bool = False
    how: Settings = field(default_factory=Settings)

    def as_plain(self) -> dict[str, Any]:
        """What must be the same for a training to go on."""
        said = {
            "recipe": self.recipe,
            "data": self.data,
            "captions": self.captions,
            "limit": self.limit,
            "seed": self.seed,
            "tokens": self.tokens,
        }
        return {**said, "settings": plain(dict(self.settings))}


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows came in, and why some are not trained on."""

    rows_in: int
    used: int
    not_kept: int = 0
    without_picture: int = 0
    without_caption: int = 0

    def as_json(self) -> dict[str, int]:
        """As printed and stored."""
        return {"in": self.rows_in, **{name: number for name, number in asdict(self).items() if name != "rows_in"}}


@dataclass(frozen=True, slots=True)
class Done:
    """A finished training with its page."""

    asked: Asked
    rows: Mapping[str, int]
    found: Training
    report: Path

    def as_json(self) -> dict[str, Any]:
        """The object that `diptych train --json` prints."""
        return {
            "recipe": self.asked.recipe,
            "out": str(self.asked.out),
            "rows": dict(self.rows),
            **self.found.summary(),
            "report": str(self.report),
        }


def carry_out(asked: Asked) -> Done | None:
    """Trains, or goes on with a training that was interrupted, or tells again of one that is done. Of several processes the first tells."""
    first = joined(asked.how) == 0
    marker = claim(asked.out, asked.as_plain(), overwrite=asked.overwrite) if first else {}
    wait()
    if not first:
        marker = read(asked.out)
    if not is_done(marker):
        have = opened(asked.data, asked.seed)
        data, rows = data_of(asked, have)
        # the folder is this command's own, so a training that ended in it before a kill is gone on from
        with using(replace(asked.how, keep=True)):
            asked.train(_towered(data) if asked.tokens else data, out=asked.out, seed=asked.seed, **asked.settings)
        if first:
            marker = finish(asked.out, rows.as_json())
    if not first:
        return None
    found = read_training(asked.out)
    page = training_report(found, asked.out / "report.html", title=f"{asked.recipe} on {asked.data}", rows=marker["rows"])
    return Done(asked, marker["rows"], found, page)


def data_of(asked: Asked, have: Opened) -> tuple[Data, Rows]:
    """The rows that can be trained on; InputError with the remedy where there are none."""
    folder = Path(asked.data)
    records = list(_first(read_run(folder) if is_run(folder) else have.source, asked.limit))
    why = [_lacks(record, asked.captions) for record in records]
    used = [record for record, lack in zip(records, why, strict=True) if not lack]
    rows = Rows(len(records), len(used), **{name: why.count(name) for name in ("not_kept", "without_picture", "without_caption")})
    if not used:
        told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in rows.as_json().items() if number and name != "in")
        raise InputError(
            f"no row of {asked.data} can be trained on: of {len(records)} rows {told}; give pictures with captions"
            " (docs/formats.md tells how they lie), or name other captions by --captions"
        )
    return Data(used, have.pictures, captions=asked.captions), rows


def _towered(data: Data) -> Data:
    if strange := next((row for row in data.rows if not row.subject.path.startswith("world:")), None):
        raise InputError(f"--tokens is for pictures of the world, which the shipped tower knows, and {strange.id!r} is none: leave it out")
    from diptych.lab.nano import with_tokens

    return with_tokens(data)


def _first(records: Iterable[Record], limit: int | None) -> Iterable[Record]:
    if limit is not None and limit < 1:
        raise InputError(f"--limit must be 1 or more, got {limit}")
    for number, record in enumerate(records):
        if number == limit:
            return
        yield record


def _lacks(record: Record, captions: str) -> str:
    if record.status.kind != "kept":
        return "not_kept"
    if not record.subject.path:
        return "without_picture"
    return "" if any(caption.text.strip() for caption in captions_of(record, captions)) else "without_caption"


def tell(done: Done) -> None:
    """What was trained on, what it took and what came of it, in a few lines on standard output."""
    rows = dict(done.rows)
    left = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in rows.items() if number and name not in ("in", "used"))
    print(usage.visible(f"{rows['used']} of {rows['in']} rows" + (f" ({left})" if left else "")))
    for line in done.found.lines():
        print(usage.visible(line))
    print(usage.visible(f"open it as {', '.join(f'hf:{_here(path)}' for path in _models(done.asked.out))}; its page: {done.report}"))


def _models(out: Path) -> list[Path]:
    """The folder itself, or where it holds several models theirs."""
    parts = sorted(path.parent for path in out.glob("*/config.json"))
    return [out] if (out / "config.json").is_file() or not parts else parts


def _here(out: Path) -> str:
    return str(out) if out.is_absolute() or str(out).startswith(".") else f"./{out}"
