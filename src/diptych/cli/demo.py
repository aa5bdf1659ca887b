"""`diptych demo`: the main job on the embedded world, from pixels where the nano models can run."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diptych.check.answer import CheckByAnswers
from diptych.check.detect import CheckByDetector
from diptych.check.match import Match
from diptych.check.split import Split
from diptych.cli import usage
from diptych.cli.catalogue import EXTRA
from diptych.cli.running import Asked, Done, add_run_options, carry_out, tell
from diptych.curate.survey import KeepShare
from diptych.data.errors import InputError
from diptych.engine import Pipeline, is_run, run_json
from diptych.lab.experts import Experts
from diptych.recipes import visual_fact_checker
from diptych.write.fuse import Fuse

PIXELS = {
    "captioners": ("nano:captioner-a", "nano:captioner-b"),
    "detector": "nano:detector",
    "answerer": "nano:answerer",
    "ocr": None,
    "matcher": "nano:matcher",
}
SIDE = 64  # pixels that the nano models see
THRESHOLD = 0.5  # the nano detector's scores are chances
ROWS = {"nano": 600, "sim": 300}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which models take part, over what."""

    source: str
    models: Mapping[str, Any]
    trains: bool


def demo(arguments: Sequence[str]) -> int:
    """Scenes with noisy alt-texts in; proposed, checked, fused, judged and selected captions out, and a page that shows it.

    With the extra `models` all from pixels, by tiny trained models, and then an encoder learns from the captions before and after.
    """
    given = _parser().parse_args(arguments)
    plan = _plan(given)
    if not given.overwrite and is_run(given.out) and run_json(given.out).get("name") not in ("demo", None):
        raise InputError(f"{given.out} holds a run that is no demo: choose another --out, or --overwrite")
    settings = {"source": plan.source, **{name: model for name, model in plan.models.items() if model}}
    asked = Asked(
        "demo",
        demo_pipeline(plan.models),
        plan.source,
        given.out,
        settings,
        given.seed,
        given.limit,
        given.retry_failed,
        True,
        given.quiet,
        given.batch,
    )
    done = carry_out(asked)
    if plan.trains and not given.no_training:
        from diptych.cli.demo_training import learn

        done = learn(asked, done)
    if given.json:
        print(usage.in_json(done.as_json()))
    else:
        _tell(done)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = usage.parser("diptych demo", demo.__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="the run folder (default demo)")
    parser.add_argument("--rows", type=int, metavar="N", help=f"scenes (default {ROWS['nano']} from pixels, {ROWS['sim']} simulated)")
    parser.add_argument("--experts", choices=("nano", "sim"), help="from pixels, or simulated (default: nano where the extra is installed)")
    parser.add_argument("--no-training", action="store_true", help="leave out what an encoder learns from the captions")
    add_run_options(parser)
    return parser


def _plan(given: argparse.Namespace) -> Plan:
    missing = [name for name in EXTRA if find_spec(name) is None]
    kind = given.experts or ("sim" if missing else "nano")
    if kind == "nano" and missing:
        raise InputError(f"--experts nano needs {missing[0]}, which is not installed: pip install 'diptych[models]', or --experts sim")
    if given.experts is None and kind == "sim":
        print("simulated experts stand in for models: for a demo from pixels, pip install 'diptych[models]'", file=sys.stderr)
    rows = ROWS[kind] if given.rows is None else given.rows
    if rows < 1:
        raise InputError(f"--rows must be 1 or more, got {rows}")
    source = f"world:{rows}?noise=.8&seed={given.seed}" + ("" if missing else f"&size={SIDE}")
    models = PIXELS if kind == "nano" else {name: getattr(Experts(3), name) for name in PIXELS}
    return Plan(source, models, not missing)


def demo_pipeline(models: Mapping[str, Any]) -> Pipeline:
    """visual_fact_checker; what the merge counts is checked once more; a matcher judges each pair and the worst tenth is dropped."""
    experts = {name: models[name] for name in ("captioners", "detector", "answerer", "ocr")}
    sure = THRESHOLD if models is PIXELS else 0.35
    checked = visual_fact_checker.pipeline(**experts, writer="rules:", threshold=sure)
    # a captioner that stutters says "a table" thrice, each time rightly, and the merge makes three tables of it
    counted = (
        CheckByDetector(models["detector"], of="chosen", threshold=sure, kinds=("count",)),
        CheckByAnswers(models["answerer"], of="chosen", kinds=("count",)),
        Fuse("rules:", "conflict_drop", of="chosen"),
    )
    return (Split("alt"), *checked, *counted, Match(models["matcher"], of="chosen"), KeepShare("match", 0.9))


def _tell(done: Done) -> None:
    tell(done)
    for line in done.extra.get("said", ()):
        print(usage.visible(line))
