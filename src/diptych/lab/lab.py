"""Experiments: arms on the same worlds and seeds, paired intervals, oracle and chance, and whether the effect shows."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from diptych.data.errors import InputError
from diptych.data.graphs import KINDS
from diptych.data.results import Difference, Effect, Result
from diptych.engine.steps import Pipeline
from diptych.lab.agreement import Contest, Measures, Meeting, Points, contest
from diptych.lab.also import Also
from diptych.lab.answers import ANSWER_METRICS
from diptych.lab.cases import Material
from diptych.lab.experts import GUESSING, PERFECT, Experts
from diptych.lab.metrics import better, difference, measured
from diptych.lab.trained import SMOKE_SEEDS, WORKERS, Asked, OneSeed, Swept, Way, over_seeds
from diptych.lab.trained import judged as judged_by_seed
from diptych.lab.trial import Trial, Trials, counts_of, parsed
from diptych.lab.verdict import CHANCE, ENDS, ORACLE, guard, verdict

Arms = Callable[[Experts], Mapping[str, Pipeline]]
Sweep = Mapping[str, Sequence[tuple[float, Experts]]]
BEHIND = "statements behind the text where a writer wrote it, the parser's reading of any other"
AGAIN = "read from the text again by the parser"
REPORTED = ("fact_precision", "fact_recall", "fact_f1", "words_per_caption", "facts_per_word",
            *(f"{metric}.{kind}" for metric in ("fact_precision", "fact_recall") for kind in KINDS))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What an experiment asks: is `method` better than `baseline` by `metric`, no guard broken?

    A guard is the least that its metric's difference may be, by its interval's lower end.
    """

    method: str
    baseline: str
    metric: str
    guards: Mapping[str, float]

    @property
    def pair(self) -> tuple[str, str]:
        """Method and baseline."""
        return self.method, self.baseline


@dataclass(frozen=True, slots=True)
class Lab:
    """Runs a recipe's experiment: `rows` scenes for each seed, worlds and experts drawn anew under each.

    `workers` seeds are trained at a time, each in a process of its own; 0 trains here.
    """

    recipe: str
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    rows: int = 500
    budget: str = "full"
    quiet: bool = False
    workers: int = WORKERS

    def compare(
        self,
        arms: Arms,
        experts: Experts,
        *,
        method: str,
        baseline: str,
        metric: str,
        guards: Mapping[str, float] | None = None,
        sweep: Sweep | None = None,
        noise: float = 0.4,
        world: str = "",
        also: Also | None = None,
    ) -> Effect:
        """The effect of `method` over `baseline` with these experts, and at each point of the sweep.

        `world` are further options of the worlds' address: what their records have beside a caption. `also` measures more of each arm.
        Oracle and chance are the method's own pipeline with experts that never err, and with experts that guess.
        """
        started = monotonic()
        question = Question(method, baseline, metric, guards or {})
        trials = Trials(self.seeds, self.rows, world, self.quiet, also)
        known = arms(experts)
        if lacking := {method, baseline} - set(known):
            raise InputError(f"there is no arm {', '.join(sorted(lacking))}: the arms are {', '.join(known)}")
        found = {name: trials.of(name, pipeline, noise) for name, pipeline in known.items()}
        ends = {
            name: trials.of(f"{method}, {name}", arms(experts.all_changed(table))[method], noise)
            for name, table in ((ORACLE, PERFECT), (CHANCE, GUESSING))
        }
        swept = {name: [(v, arms(changed)) for v, changed in points] for name, points in (sweep or {}).items()}
        points = {
            name: tuple(point(question, v, [trials.of(f"{name} {v}, {a}", made[a], noise) for a in question.pair]) for v, made in at)
            for name, at in swept.items()
        }
        return self._closed(replace(judged(self.recipe, question, found, ends), sweep=points), started)

    def agree(self, measures: Measures, on: Material, question: Contest, *, sweep: Points | None = None) -> Effect:
        """How much better one metric agrees with the truth than another, on texts whose truth is known.

        `measures` makes of experts what scores the texts: every `Scored` that it gives is an arm. Oracle and chance are the method with
        experts that never err, and with experts that guess; where it asks no expert, what the parser reads from the text held against
        the truth, and the method's own values dealt out anew.
        """
        started = monotonic()
        effect = contest(Meeting(measures, [on(seed, self.rows) for seed in self.seeds], question, self._say), sweep or {})
        return self._closed(replace(effect, recipe=self.recipe), started)

    def trained(
        self,
        one_seed: OneSeed,
        *,
        method: str,
        baseline: str,
        metric: str,
        better: Way = "higher",
        guards: Mapping[str, float] | None = None,
        sweep: Swept | None = None,
        oracle: str = ORACLE,
        chance: str = CHANCE,
        lower: tuple[str, ...] = (),
        how: str = "",
        notes: Mapping[str, str] | None = None,
    ) -> Effect:
        """The effect of training in one way over another: means over seeds, arms paired by seed, Student's t intervals.

        `one_seed(seed, budget)` trains all arms of a seed from one starting checkpoint, with the recipe's own `train`, and gives
        {arm: {metric: value}}; it is a function at the top of its module, and runs in a process of its own with one thread, two seeds at
        a time. `budget` is "full", or "small" for few updates, when the first two seeds alone are run. Arms of the names `oracle` and
        `chance` are the ends; those that the sweep alone names, as (value, method's arm, baseline's arm), are shown there alone. `lower`
        names metrics that are better lower; a guard is the least that its metric may gain. `notes` say what an arm is, `how` what all
        have in common. Raises RunError with the seed and the
        traceback of a seed that fails.
        """
        started = monotonic()
        asked = Asked(method, baseline, metric, better, guards or {}, sweep or {}, oracle, chance, lower, how, notes or {})
        seeds = self.seeds if self.budget == "full" else self.seeds[:SMOKE_SEEDS]
        found = over_seeds(one_seed, seeds, self.budget, lambda line: self._say(f"{self.recipe}: {line}"), self.workers)
        return replace(self, seeds=seeds)._closed(judged_by_seed(self.recipe, asked, found), started)

    def _closed(self, effect: Effect, started: float) -> Effect:
        why = effect.why if self.budget == "full" else f"smoke run ({self.budget} budget): {effect.why}"
        return replace(effect, why=why, seeds=self.seeds, seconds=monotonic() - started)

    def _say(self, line: str) -> None:
        if not self.quiet:
            print(line, file=sys.stderr, flush=True)


def judged(recipe: str, question: Question, found: Mapping[str, list[Trial]], ends: Mapping[str, list[Trial]]) -> Effect:
    """The effect without its sweep."""
    both = [found[arm] for arm in question.pair]

    def gain(metric: str) -> Difference:
        return difference(metric, counts_of(metric, both[0]), counts_of(metric, both[1]), question.pair)

    apart = gain(question.metric)
    kept = {name: guard(gain(name), least) for name, least in question.guards.items()}
    way = better(question.metric, counts_of(question.metric, both[0]))
    shown, why = verdict(apart, way, kept)
    return Effect(
        recipe,
        question.metric,
        "lower" if way == "lower" else "higher",
        tuple(named(question.metric, arm, trials) for arm, trials in found.items()),
        apart,
        kept,
        oracle=named(question.metric, ORACLE, ends[ORACLE], f"{ENDS[ORACLE]}; {BEHIND}"),
        chance=named(question.metric, CHANCE, ends[CHANCE], f"{ENDS[CHANCE]}; {BEHIND}"),
        shown=shown,
        why=why,
        others={arm: others(trials) for arm, trials in found.items()},
    )


def named(metric: str, arm: str, trials: list[Trial], how: str = BEHIND) -> Result:
    """An arm's value of the metric, under the arm's name."""
    return replace(measured(metric, counts_of(metric, trials), how), name=arm)


def others(trials: list[Trial]) -> tuple[Result, ...]:
    """All that is reported of an arm besides: by kind, read again by the parser, and the work it took."""
    again = [measured(name, parsed(trials), AGAIN) for name in ("fact_precision", "fact_recall", "fact_f1")]
    calls = [trial.calls for trial in trials]
    work = Result(
        "calls_per_row",
        sum(calls) / len(calls),
        min(calls),
        max(calls),
        len(calls),
        "none",
        "requests to experts, writers included; range of seeds",
    )
    told = [name for name in (*ANSWER_METRICS, *REPORTED) if name in REPORTED or trials[0].answers]
    both = [measured(name, counts_of(name, trials), BEHIND) for name in told]
    return (
        *both,
        *(replace(r, name=f"{r.name}_parsed") for r in again),
        work,
        *(measured(name, counts_of(name, trials), BEHIND) for name in trials[0].also),
    )


def point(question: Question, value: float, pair: list[list[Trial]]) -> dict[str, float]:
    """One point of a sweep: method minus baseline, and both, for the metric, the guards and fact F1."""
    row: dict[str, float] = {"value": value}
    for metric in dict.fromkeys((question.metric, *question.guards, "fact_f1")):
        counts = [counts_of(metric, trials) for trials in pair]
        apart = difference(metric, counts[0], counts[1], question.pair)
        row |= {f"{metric} difference": apart.value, f"{metric} low": apart.low, f"{metric} high": apart.high}
        row |= {f"{metric} {arm}": measured(metric, count, BEHIND).value for arm, count in zip(question.pair, counts, strict=True)}
    return row
