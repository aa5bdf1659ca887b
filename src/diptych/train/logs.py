"""What a training writes while it runs: train.jsonl, TensorBoard's files where asked for, a bar."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.data.errors import InputError
from diptych.engine.folder import write_bytes
from diptych.engine.progress import Progress

NAME = "train.jsonl"


@dataclass(slots=True, eq=False)
class Log:
    """`board` writes for TensorBoard. On all processes but the first nothing is written."""

    path: Path | None
    bar: Progress
    board: Any = None

    def line(self, **values: Any) -> None:
        """One line of JSON; numbers by name in `terms` and `evaluation` go to TensorBoard too, at `at` updates of the whole plan."""
        if self.path is None:
            return
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(values, ensure_ascii=False) + "\n")
        if self.board is not None:
            for kind in ("terms", "evaluation"):
                for name, value in values.get(kind, {}).items():
                    self.board.add_scalar(f"{kind}/{name}", value, values["at"])
            for name in ("loss", "rate", "norm", "samples_per_second", "waiting"):
                if name in values:
                    self.board.add_scalar(name, values[name], values["at"])

    def show(self, text: str) -> None:
        """What the bar says beside how far it is."""
        self.bar.what = text
        if self.bar.bar is not None:
            self.bar.bar.update(self.bar.bar.task_ids[0], description=text)

    def close(self) -> None:
        """Takes the bar down and writes out what waits."""
        self.bar.close()
        if self.board is not None:
            self.board.close()


def opened_log(out: Path, *, first: bool, after: int, progress: bool, tensorboard: bool) -> Log:
    """The log of a training that goes on after so many updates of its plan: later lines are from beyond the checkpoint and go.

    `first` says whether this process writes. InputError if TensorBoard is asked for and missing.
    """
    if not first:
        return Log(None, Progress(on=False))
    path = out / NAME
    kept = [line for line in read_log(path) if line.get("at", 0) <= after] if after else []
    write_bytes(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept).encode())
    return Log(path, Progress(on=progress, unit="updates"), _board(out, after) if tensorboard else None)


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a train.jsonl; a last line that a kill cut off is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _board(out: Path, after: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415
    except ImportError:
        raise InputError("tensorboard is not installed: pip install 'diptych[tensorboard]', or leave it off") from None
    return SummaryWriter(str(out / "tensorboard"), purge_step=after)
