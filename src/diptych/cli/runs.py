"""`diptych measure --runs`: systems run with several seeds, each `--candidates` naming the files of one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from diptych.cli.measured import Found
from diptych.cli.systems import System
from diptych.measure.scores import Scored
from diptych.measure.statistics import Compared, compare_over_seeds, holm, over_seeds, two_sided

Groups = Mapping[str, Sequence[str]]  # a system's name -> its runs' names


def grouped(shown: Sequence[System], sizes: Sequence[int]) -> dict[str, tuple[str, ...]]:
    """Runs by system, named for the first run of each."""
    names = [system.name for system in shown]
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return {f"{names[start]} ({size} runs)": tuple(names[start : start + size]) for start, size in zip(starts, sizes, strict=True)}


def over_runs(found: Found, groups: Groups, seed: int, resamples: int) -> dict[str, dict[str, Scored]]:
    """Each system's results over its runs: the mean, with an interval over runs and images together; images' values are means of runs."""
    return {name: {metric: _pooled([found[run][metric] for run in runs], seed, resamples) for metric in found[runs[0]]}
            for name, runs in groups.items()}  # fmt: skip


def _pooled(runs: Sequence[Scored], seed: int, resamples: int) -> Scored:
    first = runs[0]
    places = [{id: place for place, id in enumerate(run.ids)} for run in runs]
    result = over_seeds(runs, seed=seed, resamples=resamples)
    if not first.columns_NK.any():  # a metric of the whole set
        result = replace(
            first.result, value=float(np.mean([run.value for run in runs])), how=f"{first.result.how}; mean of {len(runs)} runs"
        )
    values = np.mean([run.values_N[[place[id] for id in first.ids]] for run, place in zip(runs, places, strict=True)], axis=0)
    return replace(first, result=result, values_N=values)


def apart_over_runs(found: Found, groups: Groups, seed: int) -> dict[str, tuple[Compared, ...]]:
    """Every pair of systems by each metric, the later minus the earlier, over the same runs and images; p after Holm."""
    metrics = [name for name, one in next(iter(found.values())).items() if one.columns_NK.any()]
    made = {}
    for name in metrics:
        scored = {system: [found[run][name] for run in runs] for system, runs in groups.items()}
        pairs = [compare_over_seeds(scored[b], scored[a], (b, a), seed=seed) for a, b in combinations(groups, 2)]
        p = [two_sided(pair) for pair in pairs]
        made[name] = tuple(Compared(*row) for row in zip(pairs, p, holm(p), strict=True))
    return made
