"""One pipeline over one world: run it, and count what its captions state, and which questions they answer, against the truth."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from diptych.engine.reading import read_run
from diptych.engine.run import run
from diptych.engine.steps import Pipeline
from diptych.lab.also import Also, Tables, pooled
from diptych.lab.answers import ANSWER_METRICS, AnswerCount, answers
from diptych.lab.metrics import Counts
from diptych.lab.opening import opened
from diptych.lab.rows import Counted, counted
from diptych.measure.facts import FactCount
from diptych.world.source import World


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one pipeline on one seed's world."""

    counted: Counted
    calls: float  # requests to experts, per row
    answers: list[AnswerCount] = field(default_factory=list)  # of each row, where the world asks questions
    also: Tables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trials:
    """Runs pipelines over `rows` scenes of each seed's world; the same pipeline on the same world is run once.

    `world` are further options of its address.
    """

    seeds: tuple[int, ...]
    rows: int
    world: str = ""
    quiet: bool = False
    also: Also | None = None
    done: dict[tuple[Pipeline, int, float], Trial] = field(default_factory=dict)

    def of(self, label: str, pipeline: Pipeline, noise: float) -> list[Trial]:
        """One trial for each seed."""
        started, known = monotonic(), len(self.done)
        trials = [self._one(label, pipeline, seed, noise) for seed in self.seeds]
        if not self.quiet and len(self.done) > known:
            scenes = (len(self.done) - known) * self.rows
            print(f"{label}: {scenes} scenes in {monotonic() - started:.1f} s", file=sys.stderr, flush=True)
        return trials

    def _one(self, label: str, pipeline: Pipeline, seed: int, noise: float) -> Trial:
        if (pipeline, seed, noise) not in self.done:
            self.done[pipeline, seed, noise] = self._run(label, pipeline, seed, noise)
        return self.done[pipeline, seed, noise]

    def _run(self, label: str, pipeline: Pipeline, seed: int, noise: float) -> Trial:
        have = opened(f"world:{self.rows}?noise={noise}&seed={seed}" + (f"&{self.world}" if self.world else ""), seed)
        assert have.truths is not None and isinstance(have.source, World)
        with TemporaryDirectory(prefix="diptych-lab-") as folder:
            out = Path(folder) / "run"
            summary = run(pipeline, have.source, out, opener=have.opener, pictures=have.pictures, seed=seed, progress=False, name=label)
            calls = sum(number for kind, number in summary.ledger.items() if kind.endswith("calls"))
            rows = list(read_run(out))
            asked = answers(rows, have.source) if have.source.questions else []
            more = self.also(rows, have.truths) if self.also else {}
            return Trial(counted(rows, have.truths), calls / self.rows, answers=asked, also=more)


def counts_of(metric: str, trials: list[Trial]) -> Counts:
    """What the metric sums over: what the experiment measures besides, all rows' answers, or their statements, seeds pooled."""
    if metric in trials[0].also:
        return pooled([trial.also[metric] for trial in trials])
    return [row for trial in trials for row in trial.answers] if metric in ANSWER_METRICS else stated(trials)


def stated(trials: list[Trial]) -> list[FactCount]:
    """All rows' tallies of the statements behind the texts, seeds pooled."""
    return [row for trial in trials for row in trial.counted.stated]


def parsed(trials: list[Trial]) -> list[FactCount]:
    """All rows' tallies of what the parser reads from the texts, seeds pooled."""
    return [row for trial in trials for row in trial.counted.parsed]
