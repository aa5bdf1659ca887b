"""The folder of a training: whose it is, what it was begun with, and whether it is done. Needs no torch."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diptych.cli import usage
from diptych.data.errors import RunError
from diptych.engine.configuration import difference
from diptych.engine.folder import locked, write_json

NAME = "asked.json"  # what the command was asked for; written before anything is trained
REMEDY = "choose another --out, or --overwrite"
_KINDS = {".safetensors", ".json", ".jsonl", ".html"}  # of files that trainings write
_NAMES = {".lock", "merges.txt", "vocab.txt", "spiece.model", "tokenizer.model"}
_BOARD = "tensorboard"


def claim(out: Path, asked: Mapping[str, Any], *, overwrite: bool) -> dict[str, Any]:
    """What the folder's own marker says, after making sure that the folder is this training's; RunError if it is anything else's."""
    if out.exists() and not out.is_dir():
        raise RunError(f"--out {out} is a file: name a folder")
    ours = (out / NAME).is_file()
    others = sorted(path.name for path in out.iterdir() if path.name != NAME and not path.name.startswith(".")) if out.is_dir() else []
    if others and not ours:
        raise RunError(f"--out {out} holds {others[0]!r}, which no `diptych train` wrote: choose another --out")
    if ours and not overwrite and any(out.rglob("*.safetensors")):  # without weights or a checkpoint there is nothing to go on from
        marker = read(out)
        changed = difference(marker["asked"], json.loads(json.dumps(asked)))
        if changed:
            raise RunError(f"{out} holds another training, {changed}: {REMEDY}")
        return marker
    usage.writable(out)
    with locked(out):
        if ours and overwrite:
            _clear(out)
        write_json(out / NAME, {"asked": asked})
    return {"asked": dict(asked)}


def _clear(out: Path) -> None:
    """Takes away what trainings wrote; RunError, and nothing is taken, where there is anything else."""
    inside = [path.relative_to(out) for path in sorted(out.rglob("*")) if not path.is_dir()]
    if strange := next((path for path in inside if not (path.suffix in _KINDS or path.name in _NAMES or _BOARD in path.parts)), None):
        raise RunError(f"--out {out} holds {str(strange)!r}, which no training wrote: move it away, or choose another --out")
    for path in out.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".lock":
            path.unlink()


def read(out: Path) -> dict[str, Any]:
    """The marker, empty where there is none; RunError if it is damaged."""
    path = out / NAME
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"asked": dict(found["asked"]), **found}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} cannot be read ({error}): {REMEDY}") from error


def is_done(marker: Mapping[str, Any]) -> bool:
    """Whether all of the training is done."""
    return "rows" in marker


def finish(out: Path, rows: Mapping[str, int]) -> dict[str, Any]:
    """Marks the training as done."""
    marker = {**read(out), "rows": dict(rows)}
    write_json(out / NAME, marker)
    return marker
