"""`diptych report`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from diptych.cli import usage
from diptych.cli.train_folder import read
from diptych.data.errors import InputError
from diptych.engine import is_run, read_run, run_json
from diptych.lab.opening import opened, pictures
from diptych.lab.outcome import outcome
from diptych.report import dataset_report, run_report, training_report
from diptych.report.training import is_training, read_training


def report(arguments: Sequence[str]) -> int:
    """A dataset, a run folder or a trained folder as one page that opens offline."""
    parser = usage.parser("diptych report", report.__doc__)
    parser.add_argument("source", help="a folder of pictures, any other dataset, world:N, a run folder, or a trained one")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the page (default report.html, in the folder of a run or training)")
    given = parser.parse_args(arguments)
    if given.out and given.out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out must end in .html, got {str(given.out)!r}: a page is written there, over what is there")
    folder = Path(given.source)
    if is_training(folder):
        path = _training_page(folder, given.out or folder / "report.html")
    elif is_run(folder):
        path = _run_page(folder, given.out or folder / "report.html")
    else:
        have = opened(given.source)
        path = dataset_report(have.source, given.out or Path("report.html"), title=given.source, pictures=have.pictures)
    print(usage.visible(str(path)))
    return 0


def _training_page(folder: Path, out: Path) -> Path:
    marker = read(folder)
    asked = marker.get("asked", {})
    title = f"{asked['recipe']} on {asked['data']}" if asked else folder.name
    return training_report(read_training(folder), out, title=title, rows=marker.get("rows"))


def _run_page(folder: Path, out: Path) -> Path:
    said = run_json(folder)
    source = str(said.get("settings", {}).get("source", ""))
    have = opened(source) if source.startswith("world:") else None
    found = outcome(read_run(folder), have.truths, have.behind) if have else outcome(read_run(folder))
    if not said.get("complete"):
        unfinished = f"{folder} is unfinished: run its command again to go on; this page shows the rows so far"
        print(usage.visible(unfinished), file=sys.stderr)
    return run_report(
        read_run(folder),
        out,
        title=f"{said.get('name', folder.name)} on {source}",
        rows=said.get("rows", {}),
        before=found.before,
        after=found.after,
        pictures=pictures,
        notes=said.get("notes", []),
        settings=said.get("settings", {}),
        seconds=sum(session.get("seconds") or 0.0 for session in said.get("sessions", [])),
        ledger=said.get("ledger", {}),
        timings={step["step"]: step["seconds"] for step in said.get("steps", [])},
    )
