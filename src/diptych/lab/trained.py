"""Experiments with training: all arms of a seed from one starting checkpoint, two seeds at a time, each on one thread."""

import math
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import getsourcefile
from itertools import chain
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from time import monotonic
from typing import Literal

from diptych.data.errors import InputError, RunError
from diptych.data.results import Difference, Effect, Result
from diptych.lab.verdict import CHANCE, ORACLE, guard, verdict
from diptych.measure.intervals import t_interval

Numbers = Mapping[str, Mapping[str, float]]  # arm -> metric -> value
OneSeed = Callable[[int, str], Numbers]  # (seed, budget)
Swept = Mapping[str, Sequence[tuple[float, str, str]]]  # name -> (value, method's arm, baseline's arm)
Way = Literal["higher", "lower"]

WORKERS = 2
SMOKE_SEEDS = 2
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an experiment with training asks; see `Lab.trained`."""

    method: str
    baseline: str
    metric: str
    better: Way = "higher"
    guards: Mapping[str, float] = field(default_factory=dict)
    sweep: Swept = field(default_factory=dict)
    oracle: str = ORACLE
    chance: str = CHANCE
    lower: tuple[str, ...] = ()
    how: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def pair(self) -> tuple[str, str]:
        """Method and baseline."""
        return self.method, self.baseline

    def way(self, metric: str) -> Way:
        """Which way a metric is better."""
        return self.better if metric == self.metric else "lower" if metric in self.lower else "higher"

    def made(self, arm: str) -> str:
        """How an arm's numbers were made: what the arm is, then what all have in common."""
        ends = {self.oracle: "the best that the setting allows", self.chance: "guesses"}
        return "; ".join(filter(None, (self.notes.get(arm, ends.get(arm, "")), self.how)))

    @property
    def arms(self) -> set[str]:
        """Every arm that is named."""
        return {*self.pair, self.oracle, self.chance, *(arm for points in self.sweep.values() for _, *pair in points for arm in pair)}


def over_seeds(one_seed: OneSeed, seeds: Sequence[int], budget: str, say: Callable[[str], None], workers: int) -> dict[int, Numbers]:
    """What each seed gave, in the order of the seeds; RunError with the seed and the traceback where one fails.

    Workers are new processes of one thread, so that a seed's numbers depend on nothing but the seed. What they print is not shown, and
    where one seed fails, or this process is interrupted or killed, all end at once. With `workers` 0 the seeds run here, one after another.
    """
    if not workers:
        return {seed: _numbers(_run(one_seed, seed, budget), seed) for seed in seeds}
    found: dict[int, Numbers] = {}
    started = monotonic()
    workers = min(workers, len(seeds), os.cpu_count() or 1)
    say(f"{len(seeds)} seeds, {workers} at a time")
    with _one_thread_each(), _pool(one_seed, workers) as pool:
        waiting: dict[Future[Numbers | str], int] = {pool.submit(_run, one_seed, seed, budget): seed for seed in seeds}
        for done in as_completed(waiting):
            seed = waiting[done]
            found[seed] = _result(done, seed)
            say(f"seed {seed} done: {len(found)} of {len(seeds)} in {monotonic() - started:.0f} s")
    return {seed: found[seed] for seed in seeds}


@contextmanager
def _pool(one_seed: OneSeed, workers: int) -> Iterator[ProcessPoolExecutor]:
    others = set(active_children())
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _prepare, _module(one_seed))
    try:
        yield pool
    except BaseException:
        for worker in set(active_children()) - others:
            worker.terminate()  # or the end would wait for seeds that nobody wants any more
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    # numpy and torch read these when they are loaded, which is before a worker's first line
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _module(one_seed: OneSeed) -> tuple[str, str]:
    """Name and file of the module that holds the function: a recipe may be a file that no worker can import by name."""
    name = getattr(one_seed, "__module__", "")
    if not name or "<" in getattr(one_seed, "__qualname__", "<"):
        raise InputError(f"one_seed must be a function at the top of its module, got {one_seed!r}: workers find it by name")
    return name, getsourcefile(one_seed) or ""


def _prepare(name: str, file: str) -> None:
    """A worker: nothing on its screen, no life after its parent, and the recipe's module known."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts workers too, whose parent ends them
    Thread(target=_follow, daemon=True).start()
    silent = os.open(os.devnull, os.O_WRONLY)
    for screen in (1, 2):
        os.dup2(silent, screen)
    if name not in sys.modules and "." not in name and find_spec(name) is None:
        spec = spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


def _follow() -> None:
    """Ends this process with the one that started it."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _run(one_seed: OneSeed, seed: int, budget: str) -> Numbers | str:
    """Plain numbers, or what went wrong: a traceback is text, so that it always finds its way back."""
    try:
        return {str(arm): {str(k): float(v) for k, v in metrics.items()} for arm, metrics in one_seed(seed, budget).items()}
    except BaseException:
        return traceback.format_exc()


def _result(done: "Future[Numbers | str]", seed: int) -> Numbers:
    try:
        found = done.result()
    except BrokenProcessPool as error:
        raise RunError(f"the worker of seed {seed} was killed, perhaps for want of memory: free some, or use --budget small") from error
    return _numbers(found, seed)


def _numbers(found: Numbers | str, seed: int) -> Numbers:
    if isinstance(found, str):
        raise RunError(f"seed {seed} failed: {found.strip().splitlines()[-1]}\n{found}")
    return found


def judged(recipe: str, asked: Asked, found: Mapping[int, Numbers]) -> Effect:
    """The effect from each seed's numbers: means with t intervals over seeds, the difference paired by seed."""
    arms = _checked(asked, found)
    alone = {arm for points in asked.sweep.values() for _, *pair in points for arm in pair} - set(asked.pair)
    shown_arms = [arm for arm in arms if arm not in (asked.oracle, asked.chance) and arm not in alone]
    table = _Table(asked, tuple(found.values()))
    apart = table.difference(asked.metric, asked.pair)
    kept = {name: guard(table.gain(name), least) for name, least in asked.guards.items()}
    shown, why = verdict(apart, asked.better, kept)
    return Effect(
        recipe,
        asked.metric,
        asked.better,
        tuple(table.result(asked.metric, arm, arm) for arm in shown_arms),
        apart,
        kept,
        {name: tuple(table.point(*point) for point in points) for name, points in asked.sweep.items()},
        table.result(asked.metric, asked.oracle, ORACLE),
        table.result(asked.metric, asked.chance, CHANCE),
        shown,
        why,
        others={arm: tuple(table.result(name, arm, name) for name in table.metrics(arm)) for arm in shown_arms},
    )


def _checked(asked: Asked, found: Mapping[int, Numbers]) -> tuple[str, ...]:
    """The arms; InputError where seeds differ in them, or an arm or metric that is asked for is missing."""
    first = tuple(next(iter(found.values())))
    for seed, numbers in found.items():
        if tuple(numbers) != first:
            raise InputError(f"every seed must give the same arms, seed {seed} gives {', '.join(numbers)}, the first {', '.join(first)}")
    if lacking := (asked.arms | set(asked.notes)) - set(first):
        raise InputError(f"there is no arm {', '.join(sorted(lacking))}: one_seed gave {', '.join(first)}")
    for seed, numbers in found.items():
        for arm in sorted(asked.arms):
            wanted = {asked.metric} | (set(asked.guards) if arm in asked.pair else set())
            if missing := wanted - set(numbers[arm]):
                raise InputError(f"arm {arm!r} of seed {seed} has no {', '.join(sorted(missing))}: it has {', '.join(numbers[arm])}")
    return first


@dataclass(frozen=True, slots=True)
class _Table:
    """Numbers of all seeds."""

    asked: Asked
    seeds: tuple[Numbers, ...]

    def values(self, metric: str, arm: str) -> list[float]:
        return [numbers[arm].get(metric, math.nan) for numbers in self.seeds]

    def metrics(self, arm: str) -> list[str]:
        """Further metrics, those of any seed: one that a seed lacks has no value there."""
        return [name for name in dict.fromkeys(chain.from_iterable(numbers[arm] for numbers in self.seeds)) if name != self.asked.metric]

    def result(self, metric: str, arm: str, name: str) -> Result:
        return t_interval(self.values(metric, arm), name=name, better=self.asked.way(metric), how=self.asked.made(arm))

    def difference(self, metric: str, pair: tuple[str, str], sign: float = 1.0) -> Difference:
        ours, theirs = (self.values(metric, arm) for arm in pair)
        found = t_interval([sign * (a - b) for a, b in zip(ours, theirs, strict=True)], name=metric)
        return Difference(*self.asked.pair, found.value, found.low, found.high)

    def gain(self, metric: str) -> Difference:
        """For a guard: turned so that less is worse."""
        return self.difference(metric, self.asked.pair, -1.0 if self.asked.way(metric) == "lower" else 1.0)

    def point(self, value: float, method: str, baseline: str) -> dict[str, float]:
        """One point of a sweep, in the words of the report: what stands for the method and for the baseline there."""
        row = {"value": value}
        shared = set(self.seeds[0][method]) & set(self.seeds[0][baseline])
        for metric in dict.fromkeys((self.asked.metric, *(name for name in self.asked.guards if name in shared))):
            apart = self.difference(metric, (method, baseline))
            row |= {f"{metric} difference": apart.value, f"{metric} low": apart.low, f"{metric} high": apart.high}
            for label, arm in zip(self.asked.pair, (method, baseline), strict=True):
                row[f"{metric} {label}"] = t_interval(self.values(metric, arm), name=metric).value
        return row
