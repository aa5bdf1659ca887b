"""Which metric agrees better with the truth: arms are metrics, their value is how alike they and the truth rank texts or systems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from diptych.data.errors import InputError
from diptych.data.records import Record
from diptych.data.results import Difference, Effect, Result
from diptych.engine.context import Context
from diptych.lab.across import across, across_others
from diptych.lab.arms import Arm, Marks, apart, marks_of, result_of
from diptych.lab.cases import Cases
from diptych.lab.experts import GUESSING, PERFECT, Experts
from diptych.lab.verdict import CHANCE, ENDS, ORACLE, verdict
from diptych.lab.within import within, within_others
from diptych.measure.scores import Scored

Measure = Callable[[Sequence[Record], Context], Sequence[Scored]]
Measures = Callable[[Experts], Measure]
Points = Mapping[str, Sequence[tuple[float, Measure]]]  # of a sweep: by parameter, its value and the measure at it
Say = Callable[[str], None]
METRIC = "kendall_tau_b"
HOW: Mapping[str, str] = {
    "text": "Kendall's tau-b over the texts of each scene, mean over scenes; a metric that tells none apart has 0",
    "system": "Kendall's tau-b over systems, each measured over all scenes; scenes are resampled, the systems stay",
}


@dataclass(frozen=True, slots=True)
class Contest:
    """What is asked: does `method` rank as `truth` does, better than `baseline`?

    `by` text: the texts of one scene are ranked, scene by scene; by system: all texts of each system together. `truth` is a fact
    metric, alone or with a kind of statement (`hallucination_rate.exists`); agreement with those of `also` is reported beside it.
    `experts`: whether the method asks any.
    """

    method: str
    baseline: str
    truth: str = "fact_f1"
    by: Literal["text", "system"] = "text"
    also: tuple[str, ...] = ()
    experts: bool = True


@dataclass(frozen=True, slots=True)
class Meeting:
    """The metrics and the texts of a contest."""

    measures: Measures
    seeds: Sequence[Cases]
    question: Contest
    say: Say

    def truth(self, metric: str, *, parsed: bool = False) -> list[Marks]:
        """What is true of the texts, as a metric's marks."""
        return self._arms(lambda cases: marks_of(cases, metric, parsed=parsed))["truth"]

    def run(self, label: str, measure: Measure) -> dict[str, list[Marks]]:
        """Every metric's marks, seed by seed, and where systems are ranked each system by itself."""
        started = monotonic()
        apart = self.question.by == "system"
        found = self._arms(lambda cases: [m for one in (cases.systems if apart else (None,)) for m in _measured(measure, cases, one)])
        self.say(f"{label}: {sum(len(cases.listed) for cases in self.seeds)} texts in {monotonic() - started:.1f} s")
        return found

    def arm(self, ours: list[Marks], truth: list[Marks]) -> Arm:
        """A metric's agreement with a truth."""
        return within(ours, truth) if self.question.by == "text" else across(ours, truth)

    def ends(self, truth: list[Marks], method: list[Marks]) -> dict[str, Result]:
        """Oracle and chance."""
        if self.question.experts:
            how = ENDS
            tables = {ORACLE: PERFECT, CHANCE: GUESSING}
            found = {name: self.run(name, self.measures(Experts().all_changed(t)))[self.question.method] for name, t in tables.items()}
        else:
            how = {ORACLE: "what the parser reads, against the truth", CHANCE: "the values dealt out anew within each scene"}
            found = {ORACLE: self.truth(self.question.truth, parsed=True), CHANCE: [marks.dealt() for marks in method]}
        return {name: result_of(self.arm(marks, truth), name, how[name]) for name, marks in found.items()}

    def point(self, value: float, found: dict[str, list[Marks]], truth: list[Marks]) -> dict[str, float]:
        """One point of a sweep: method minus baseline, and both."""
        pair = {name: self.arm(found[name], truth) for name in (self.question.method, self.question.baseline)}
        difference, low, high = apart(*pair.values())
        row = {"value": value, f"{METRIC} difference": difference, f"{METRIC} low": low, f"{METRIC} high": high}
        return row | {f"{METRIC} {name}": arm.value for name, arm in pair.items()}

    def others(self, ours: list[Marks], truth: list[Marks]) -> tuple[Result, ...]:
        """What is reported of a metric besides."""
        found = within_others(ours, truth) if self.question.by == "text" else across_others(ours, truth)
        also = [result_of(self.arm(ours, self.truth(name)), f"{METRIC}.{name}", HOW[self.question.by]) for name in self.question.also]
        return (*found, *also)

    def _arms(self, make: Callable[[Cases], Sequence[Marks]]) -> dict[str, list[Marks]]:
        found: dict[str, list[Marks]] = {}
        for cases in self.seeds:
            for marks in make(cases):
                found.setdefault(marks.scored.name, []).append(marks)
        return found


def contest(meeting: Meeting, sweep: Points) -> Effect:
    """The effect, without recipe, seeds and seconds. InputError where the metrics asked about are not among those measured."""
    question = meeting.question
    truth = meeting.truth(question.truth)
    found = meeting.run("all metrics", meeting.measures(Experts()))
    if lacking := {question.method, question.baseline} - set(found):
        raise InputError(f"there is no arm {', '.join(sorted(lacking))}: the metrics measured are {', '.join(found)}")
    arms = {name: meeting.arm(marks, truth) for name, marks in found.items()}
    ends = meeting.ends(truth, found[question.method])
    points = {
        name: tuple(meeting.point(value, meeting.run(f"{name} {value:g}", measure), truth) for value, measure in listed)
        for name, listed in sweep.items()
    }
    difference = Difference(question.method, question.baseline, *apart(arms[question.method], arms[question.baseline]))
    shown, why = verdict(difference, "higher", {})
    return Effect(
        "", METRIC, "higher", tuple(result_of(arm, name, HOW[question.by]) for name, arm in arms.items()), difference, {}, points,
        ends[ORACLE], ends[CHANCE], shown, why, others={name: meeting.others(marks, truth) for name, marks in found.items()},
    )  # fmt: skip


def _measured(measure: Measure, cases: Cases, system: str | None) -> list[Marks]:
    listed = cases.listed if system is None else cases.of(system)
    return [Marks(one, cases, system) for one in measure([case.record for case in listed], cases.context)]
