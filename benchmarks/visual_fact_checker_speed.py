"""Records a second through visual_fact_checker on one core, without models, and where the time goes.

    python benchmarks/visual_fact_checker_speed.py [--rows 1000] [--profile]

Simulated experts answer, rules write. Reading the source (scenes, alt-texts) is timed apart: it is the world's work, not the recipe's.
"""

import argparse
import cProfile
import os
import pstats
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from diptych.engine import run
from diptych.lab.experts import Experts
from diptych.lab.opening import opened
from diptych.recipes import visual_fact_checker

EXPERTS = Experts(2)  # the paper's two captioners


def main() -> None:
    """Prints the median of three runs, after one that warms up, then the costs by step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    once(given.rows // 10, 1000)
    found = [once(given.rows, seed) for seed in range(3)]
    print(f"{given.rows} rows, one core, medians of three: {median(rate for rate, _, _ in found):.0f} records/s through the pipeline, "
          f"{median(rate for _, rate, _ in found):.0f} with reading the world")  # fmt: skip
    for step, share in found[-1][2]:
        print(f"  {share:6.1%}  {step}")
    if given.profile:
        profile = cProfile.Profile()
        profile.runcall(once, given.rows, 9)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)


def once(rows: int, seed: int) -> tuple[float, float, list[tuple[str, float]]]:
    """Records a second without and with reading the source, and each step's share of the first."""
    started = perf_counter()
    have = opened(f"world:{rows}?noise=.4&seed={seed}", seed)
    records = list(have.source)
    ready = perf_counter()
    pipeline = visual_fact_checker.pipeline(
        captioners=EXPERTS.captioners, detector=EXPERTS.detector, answerer=EXPERTS.answerer, ocr=EXPERTS.ocr, writer="rules:"
    )
    with TemporaryDirectory() as folder:
        summary = run(pipeline, records, Path(folder) / "run", opener=have.opener, pictures=have.pictures, seed=seed, progress=False)
    done = perf_counter()
    spent = done - ready
    steps = [(cost.step, cost.seconds / spent) for cost in summary.steps]
    steps.append(("the engine: fingerprints, columns, shards", 1 - sum(share for _, share in steps)))
    return rows / spent, rows / (done - started), sorted(steps, key=lambda step: -step[1])


if __name__ == "__main__":
    main()
