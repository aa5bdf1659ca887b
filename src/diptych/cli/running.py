"""What `run`, `demo` and `compare` share: options of a run, running it, its outcome and report."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from diptych.cli import usage
from diptych.cli.options import keywords
from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.data.results import Result
from diptych.engine import Pipeline, RunSummary, read_run, run
from diptych.engine.reading import run_json
from diptych.engine.run import SHARD
from diptych.lab.defaults import world_models
from diptych.lab.opening import opened
from diptych.lab.outcome import Outcome, outcome
from diptych.measure.table import as_json, table
from diptych.report import run_report
from diptych.world.source import World
from diptych.world.truth_table import write_truth

COUNTED = (
    "Before: the source's captions of all rows. After: the captions that stand for the rows kept; a row that is dropped states nothing, so"
    " its facts count as missed. Words and statements per row are of rows that have a caption."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One run as the command line asks for it."""

    name: str
    pipeline: Pipeline
    source: str
    out: Path
    settings: Mapping[str, Any]
    seed: int = 0
    limit: int | None = None
    retry_failed: bool = False
    fresh: bool = False
    quiet: bool = False
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run with its outcome and the page that shows it. `extra` goes into its JSON."""

    summary: RunSummary
    outcome: Outcome
    report: Path
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object that `demo` and `run` print with --json."""
        return {
            "rows": self.summary.rows(),
            "before": as_json(self.outcome.before.values()),
            "after": as_json(self.outcome.after.values()),
            "seconds": round(self.summary.seconds, 3),
            "report": str(self.report),
            "ledger": dict(self.summary.ledger),
            **self.extra,
        }


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options of every run."""
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of everything random (default 0)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N rows; a larger limit later goes on from there")
    parser.add_argument("--retry-failed", action="store_true", help="run failed rows again and put the new ones in their place")
    parser.add_argument("--batch", type=int, metavar="N", help="rows that a step gets at once (default 64; 512 where a model is hosted)")
    parser.add_argument("--overwrite", action="store_true", help="begin again instead of going on with the run in the folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def carry_out(asked: Asked) -> Done:
    """Runs, measures and writes the report."""
    have = opened(asked.source, asked.seed)
    models = list(models_of(asked.settings))
    have.refuse_unknown(models)
    batch = _batch(asked.batch, models)
    summary = run(
        asked.pipeline,
        have.source,
        asked.out,
        opener=have.opener,
        pictures=have.pictures,
        seed=asked.seed,
        settings=asked.settings,
        limit=asked.limit,
        retry_failed=asked.retry_failed,
        fresh=asked.fresh,
        batch=batch,
        shard=max(SHARD, batch),
        progress=not asked.quiet,
        name=asked.name,
    )
    if isinstance(have.source, World):
        write_truth(have.source.truths(summary.rows()["in"]), asked.out)
    found = outcome(read_run(asked.out), have.truths, have.behind)
    return Done(summary, found, page(asked, have.pictures, found, summary))


def _batch(asked: int | None, models: Sequence[str]) -> int:
    """How many rows a step is given. A server answers many at once, and each batch ends with waiting for its slowest answer."""
    if asked is not None:
        return asked
    return 512 if any(model.startswith("openai:") for model in models) else 64


def models_of(settings: Mapping[str, Any]) -> Iterator[str]:
    """The addresses among a recipe's settings, told by the names that recipes give them; hosted models under any name."""
    named = world_models().keys()
    for name, value in settings.items():
        for one in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            if isinstance(one, str) and (name in named or one.startswith("openai:")):
                yield one


def page(asked: Asked, pictures: Callable[[Image], Picture], found: Outcome, summary: RunSummary, **more: Any) -> Path:
    """The run's page; `more` as `run_report` takes it."""
    said = run_json(asked.out)
    return run_report(
        read_run(asked.out),
        asked.out / "report.html",
        title=f"{asked.name} on {asked.source}",
        rows=said["rows"],
        before=found.before,
        after=found.after,
        pictures=pictures,
        notes=[*said.get("notes", []), COUNTED],
        settings={**asked.settings, "seed": asked.seed},
        seconds=summary.seconds,
        ledger=dict(summary.ledger),
        timings={cost.step: cost.seconds for cost in summary.steps},
        **more,
    )


def console(columns: int) -> Console:
    """Wide enough for so many columns of values: a narrow terminal wraps the lines, and no number is cut off."""
    return Console(width=max(Console().width, 30 + 26 * columns))


def tell(done: Done) -> None:
    """Rows and results as tables on standard output."""
    screen = console(2)
    rows = done.summary.rows()
    screen.print(
        f"{rows['in']} rows in + {rows['made']} made = {rows['kept']} kept + {rows['dropped']} dropped + {rows['failed']} failed",
        highlight=False,
    )
    for what, ends in (("dropped", done.summary.total.dropped), ("failed", done.summary.total.failed)):
        for line in usage.few([(number, f"{what} at {step}: {why}") for (step, why), number in ends.items()]):
            screen.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    columns: dict[str, list[Result]] = {"before": list(done.outcome.before.values()), "after": list(done.outcome.after.values())}
    screen.print(table(columns))
    if "tokens in" in done.summary.ledger:
        screen.print(_spent(done.summary.ledger), highlight=False, soft_wrap=True)
    opens = usage.visible(f"{done.summary.seconds:.1f} s; open {done.report}")
    screen.print(opens, highlight=False, markup=False, soft_wrap=True)


def _spent(ledger: Mapping[str, int]) -> str:
    """What hosted models took, in one line."""
    told = f"{ledger['tokens in']} tokens in, {ledger.get('tokens out', 0)} tokens out"
    return f"{told}, US$ {ledger['US$ millionths'] / 1e6:.4f}" if "US$ millionths" in ledger else told


def stand_ins(source: str, function: Callable[..., Any], models: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """On a `world:` source, models for those that a recipe's function takes, simulated experts unless told otherwise; else nothing."""
    if not source.startswith("world:"):
        return {}
    return {name: model for name, model in (world_models() if models is None else models).items() if name in keywords(function)}


def announce(models: Mapping[str, Any], what: str = "simulated experts stand in") -> None:
    """Says which models stand in."""
    if models:
        listed = " ".join(f"--{name} {','.join(m) if isinstance(m, tuple) else m}" for name, m in models.items())
        print(f"{what}: {listed}", file=sys.stderr)
