"""How far a run is: a bar with rate and time left on a terminal, a line now and then elsewhere, nothing when told so."""

import sys
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

LINE_EVERY = 30.0  # seconds between lines where there is no terminal


@dataclass(slots=True)
class Progress:
    """`total` is None while the number of rows is unknown; `unit` names what else is counted."""

    on: bool = True
    what: str = ""
    total: int | None = None
    done: int = 0
    unit: str = "rows"
    began: float = field(default_factory=monotonic)
    said: float = field(default_factory=monotonic)
    bar: Any = None

    def stage(self, what: str, total: int | None, done: int = 0) -> None:
        """Begins another stretch of work."""
        self.close()
        self.what, self.total, self.done = what, total, done
        self.began = self.said = monotonic()
        if self.on and sys.stderr.isatty():
            self.bar = _bar()
            self.bar.start()
            self.bar.add_task(what, total=total, completed=done)

    def advance(self, rows: int) -> None:
        """Some rows are done."""
        self.done += rows
        if self.bar is not None:
            self.bar.advance(self.bar.task_ids[0], rows)
        elif self.on and monotonic() - self.said > LINE_EVERY:
            self.said = monotonic()
            of = f" of {self.total}" if self.total is not None else ""
            rate = self.done / max(self.said - self.began, 1e-9)
            print(f"{self.what}: {self.done}{of} {self.unit}, {rate:.3g} a second", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Takes the bar down."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def _bar() -> Any:
    # late, because every command that only lists or shows would pay for it
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Rate(ProgressColumn):
        """Rows a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.4g}/s" if task.speed else "")

    console = Console(stderr=True)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Bar(*shown, console=console, transient=True)
