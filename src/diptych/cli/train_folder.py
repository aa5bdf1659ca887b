"""The folder of a training: whose it is, what it was begun with, and whether it is done. Needs no torch."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diptych.cli import usage
from diptych.data.errors import RunError
from diptych.engine.configuration import difference
from diptych.engine.folder import write_json

NAME = "asked.json"  # what the command was asked for; written before anything is trained
REMEDY = "choose another --out, or --overwrite"


def claim(out: Path, asked: Mapping[str, Any], *, overwrite: bool) -> dict[str, Any]:
    """What the folder's own marker says, after making sure that the folder is this training's; RunError if it is anything else's."""
    if out.exists() and not out.is_dir():
        raise RunError(f"--out {out} is a file: name a folder")
    ours = (out / NAME).is_file()
    others = sorted(path.name for path in out.iterdir() if path.name != NAME and not path.name.startswith(".")) if out.is_dir() else []
    if others and not ours:
        raise RunError(f"--out {out} holds {others[0]!r}, which no `diptych train` wrote: choose another --out")
    if ours and (overwrite or not any(out.rglob("*.safetensors"))):  # neither weights nor a checkpoint: nothing to go on from
        shutil.rmtree(out)
    elif ours:
        marker = read(out)
        changed = difference(marker["asked"], json.loads(json.dumps(asked)))
        if changed:
            raise RunError(f"{out} holds another training, {changed}: {REMEDY}")
        return marker
    usage.writable(out)
    write_json(out / NAME, {"asked": asked})
    return {"asked": dict(asked)}


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
