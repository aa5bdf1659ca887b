"""`diptych measure NAMES --against-humans DIR`: how metrics agree with people's ratings, protocol by protocol."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from rich.console import Console

from diptych.cli import usage
from diptych.cli.measured import apart_line
from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.engine.progress import Progress
from diptych.measure.catalogue import CATALOGUE, family
from diptych.measure.scores import Scored
from diptych.measure.statistics import Compared, holm, two_sided
from diptych.measure.table import as_json, comparison_json, table

Apart = Mapping[tuple[str, str], Sequence[Compared]]  # by protocol and statistic
BASELINE = "cider"
BY = ("spearman", "kendall_tau_c", "kendall_tau_b", "pearson", "pairwise_accuracy")


def against_humans(given: argparse.Namespace, have: Mapping[str, Any]) -> int:
    """Prints a table for each protocol and statistic, or one JSON object, with each metric's difference from CIDEr where that is named."""
    from diptych.measure.ratings import read_ratings

    ratings = read_ratings(given.against_humans)
    statistics = tuple(given.by.split(",")) if given.by else BY[:2]
    if unknown := [name for name in statistics if name not in BY]:
        raise InputError(f"--by must name some of {', '.join(BY)}, got {unknown[0]!r}")
    metrics = [_Named(name, have) for name in dict.fromkeys(name for name in given.names.split(",") if name)]
    found, apart = _agreements(_scores(metrics, ratings), ratings, statistics, given.seed)
    if given.json:
        print(usage.in_json({protocol: _json(protocol, rows, apart) for protocol, rows in found.items()}))
    else:
        _tell(found, apart)
    return 0


def _scores(metrics: Sequence["_Named"], ratings: Any) -> dict[str, Any]:
    """Each metric's value of each rated pair."""
    from diptych.measure.humans import scores_of

    print(f"{len(ratings.candidates):,} rated captions to score, then agreement with intervals", file=sys.stderr, flush=True)
    progress = Progress(unit="metrics")
    progress.stage("scoring", len(metrics))
    scores: dict[str, Any] = {}
    for metric in metrics:
        scores |= scores_of([metric], ratings)
        progress.advance(1)
    progress.close()
    return scores


def _agreements(
    scores: Mapping[str, Any], ratings: Any, statistics: Sequence[str], seed: int
) -> tuple[dict[str, dict[str, list[Result]]], dict[tuple[str, str], tuple[Compared, ...]]]:
    """Protocol -> statistic -> one result a metric, and the differences from CIDEr by protocol and statistic."""
    from diptych.measure.humans import PROTOCOLS
    from diptych.measure.humans import against_humans as agreements

    found: dict[str, dict[str, list[Result]]] = {}
    apart: dict[tuple[str, str], tuple[Compared, ...]] = {}
    progress = Progress(unit="statistics")
    progress.stage("agreement", len(PROTOCOLS) * len(statistics) * (len(scores) + 1))
    for protocol, by in product(PROTOCOLS, statistics):
        column = found.setdefault(protocol.name, {}).setdefault(by, [])
        for name, values in scores.items():
            column += agreements({name: values}, ratings, by=(by,), protocols=(protocol,), seed=seed)[protocol.name][by]
            progress.advance(1)
        apart[protocol.name, by] = _from_baseline(scores, ratings, protocol=protocol, by=by, seed=seed)
        progress.advance(1)
    progress.close()
    return found, apart


def _from_baseline(scores: Mapping[str, Any], ratings: Any, *, seed: int, **how: Any) -> tuple[Compared, ...]:
    """Each metric minus CIDEr, p corrected for all of them."""
    from diptych.measure.humans import against_baseline

    others = [name for name in scores if name != BASELINE and BASELINE in scores]
    pairs = [against_baseline(scores[name], scores[BASELINE], ratings, names=(name, BASELINE), seed=seed, **how) for name in others]
    p = [two_sided(pair) for pair in pairs]
    return tuple(Compared(*row) for row in zip(pairs, p, holm(p), strict=True))


class _Named:
    """A metric of candidates and references, by its name, as a function of both."""

    def __init__(self, name: str, have: Mapping[str, Any]) -> None:
        known, _, self.results = family(name)
        way = next((way for way in CATALOGUE[known].ways if way.takes == ("candidates", "references")), None)
        if way is None or not set(way.required) <= {*way.takes, *have}:
            raise InputError(f"{name} is not taken of candidates and references alone: ratings hold no more")
        self.way = way
        self.settings = {known: have[known](None) for known in way.inputs if known in have and known not in way.takes}

    def __call__(self, candidates: Mapping[str, str], references: Mapping[str, Sequence[str]], *, resamples: int = 0) -> tuple[Scored, ...]:
        """The results that were asked for."""
        inputs = {**self.settings, "candidates": candidates, "references": references}
        return tuple(one for one in self.way.take(inputs, resamples=resamples) if not self.results or one.name in self.results)


def _json(protocol: str, rows: Mapping[str, Sequence[Result]], apart: Apart) -> dict[str, Any]:
    return {by: {"metrics": as_json(results), "differences": comparison_json(apart[protocol, by])} for by, results in rows.items()}


def _tell(found: Mapping[str, Mapping[str, Sequence[Result]]], apart: Apart) -> None:
    screen = Console(width=max(Console().width, 100))
    for protocol, rows in found.items():
        first = next(iter(rows.values()))
        screen.print(table(rows, title=f"{protocol} ({first[0].n:,} rows)" if first else protocol, digits=4, told=False))
        for by in rows:
            for one in apart[protocol, by]:
                print(usage.visible(f"{by}: {apart_line(one, len(apart[protocol, by]))}"))
