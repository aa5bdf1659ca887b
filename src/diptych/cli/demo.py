"""`diptych demo`: the main job on the embedded world."""

from collections.abc import Sequence
from pathlib import Path

from diptych.check.match import Match
from diptych.check.split import Split
from diptych.cli import usage
from diptych.cli.running import Asked, add_run_options, carry_out, tell
from diptych.curate.survey import KeepShare
from diptych.data.errors import InputError
from diptych.engine import Pipeline, is_run, run_json
from diptych.lab.experts import Experts
from diptych.recipes import visual_fact_checker


def demo(arguments: Sequence[str]) -> int:
    """300 scenes with noisy alt-texts in; proposed, checked, fused, judged and selected captions out, and a page that shows it."""
    parser = usage.parser("diptych demo", demo.__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="the run folder (default demo)")
    parser.add_argument("--rows", type=int, default=300, metavar="N", help="scenes (default 300)")
    add_run_options(parser)
    given = parser.parse_args(arguments)
    if given.rows < 1:
        raise InputError(f"--rows must be 1 or more, got {given.rows}")
    if not given.overwrite and is_run(given.out) and run_json(given.out).get("name") not in ("demo", None):
        raise InputError(f"{given.out} holds a run that is no demo: choose another --out, or --overwrite")
    experts = Experts(3)
    source = f"world:{given.rows}?noise=.8&seed={given.seed}"
    settings = {"source": source, "captioners": experts.captioners, "detector": experts.detector, "answerer": experts.answerer,
                "ocr": experts.ocr, "matcher": experts.matcher}  # fmt: skip
    done = carry_out(
        Asked("demo", demo_pipeline(experts), source, given.out, settings, given.seed, given.limit, given.retry_failed, True, given.quiet)
    )
    if given.json:
        print(usage.in_json(done.as_json()))
    else:
        tell(done)
    return 0


def demo_pipeline(experts: Experts) -> Pipeline:
    """visual_fact_checker, then a matcher judges each pair and the worst tenth is dropped."""
    checked = visual_fact_checker.pipeline(
        captioners=experts.captioners, detector=experts.detector, answerer=experts.answerer, ocr=experts.ocr, writer="rules:"
    )
    return (Split("alt"), *checked, Match(experts.matcher, of="chosen"), KeepShare("match", 0.9))
