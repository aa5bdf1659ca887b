"""run.json and accounting.csv: what a run was asked, with what it ran, what it cost and what became of its rows."""

import csv
import io
import platform
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from diptych.data.errors import RunError
from diptych.engine.accounts import Account, RunSummary
from diptych.engine.configuration import check_same, configuration, plain
from diptych.engine.context import Context
from diptych.engine.folder import FORMAT, Folder, is_run, read_json, row_count, write_bytes, write_json
from diptych.engine.steps import Pipeline

_LIBRARIES = ("diptych", "numpy", "pyarrow", "pillow", "torch", "transformers")
_IMPORTED_AS = {"pillow": "PIL"}
SESSIONS = 100  # the latest are kept


def begin(folder: Folder, pipeline: Pipeline, settings: Mapping[str, Any], seed: int, name: str) -> tuple[str, ...]:
    """Writes run.json, or adds a session to it, and tells of changed versions; RunError if the configuration has changed."""
    path = folder.out / "run.json"
    asked = configuration(pipeline, settings, seed)
    known: dict[str, Any] = {}
    if is_run(folder.out):
        known = read_json(path)
        if known["diptych_run"] > FORMAT:
            raise RunError(f"{folder.out} has format {known['diptych_run']}, this diptych knows {FORMAT}: update diptych, or --overwrite")
        lacking = [name for name in asked if name not in known]
        if lacking:
            raise RunError(f"{path} is damaged, it lacks {', '.join(lacking)}: start again with another --out, or --overwrite")
        if row_count(folder.out):
            check_same(known, asked, pipeline, folder.out)
        else:
            known = {}  # no row hangs on what was asked before: a mistake in the first call is mended in the second
    session: dict[str, Any] = {"started": _now(), "finished": None, "seconds": None, "versions": versions()}
    earlier = known.get("sessions", [])
    sessions = [*earlier, session][-SESSIONS:]
    write_json(path, {"diptych_run": FORMAT, "name": name, **asked, **known, "complete": False, "sessions": sessions})
    return tuple(_updated(earlier[-1]["versions"], session["versions"])) if earlier else ()


def _updated(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in before:
        if name in now and now[name] != before[name]:
            yield f"the run began with {name} {before[name]} and went on with {now[name]}: rows may differ, --overwrite makes them alike"


def end(summary: RunSummary, context: Context) -> None:
    """Completes run.json and writes the accounting table."""
    path = summary.out / "run.json"
    known = read_json(path)
    known["sessions"][-1] |= {"finished": _now(), "seconds": round(summary.seconds, 3)}
    write_bytes(summary.out / "accounting.csv", table(summary).encode("utf-8", "surrogatepass"))
    result = {
        "complete": True,
        "rows": summary.detail(),
        "steps": [cost.plain() for cost in summary.steps],
        "ledger": dict(summary.ledger),
        "models": plain({**known.get("models", {}), **_revisions(context)}),
        "notes": list(summary.notes),
    }
    write_json(path, {**known, **result})


def note_models(out: Path, context: Context) -> None:
    """Adds the models opened so far, before rows that they made are saved: a kill must not lose who made them."""
    known = read_json(out / "run.json")
    write_json(out / "run.json", {**known, "models": plain({**known.get("models", {}), **_revisions(context)})})


def _revisions(context: Context) -> dict[str, str]:
    return {address: str(getattr(model, "revision", "")) for (address, _), model in context.opened.items()}


def versions() -> dict[str, str]:
    """Versions of Python, the system and the libraries in use."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    used = (name for name in _LIBRARIES if _IMPORTED_AS.get(name, name) in sys.modules)
    return found | {name: version(name) for name in used}


def table(summary: RunSummary) -> str:
    """The accounts as CSV: stage, what (in, made, kept, dropped, failed), step, why, rows."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["stage", "what", "step", "why", "rows"])
    for label, account in [*enumerate(summary.stages), ("total", summary.total)]:
        lines.writerows([label, *line] for line in _lines(account))
    return text.getvalue()


def _lines(account: Account) -> list[list[Any]]:
    sums: list[list[Any]] = [["in", "", "", account.rows_in], ["made", "", "", account.made], ["kept", "", "", account.kept]]
    for what, ends in (("dropped", account.dropped), ("failed", account.failed)):
        sums += [[what, step, why, count] for (step, why), count in ends.items()]
    return sums


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
