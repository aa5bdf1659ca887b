"""Fact precision, recall and F1 of captions by image: against human captions (an open world), or against a truth (a closed one).

The protocols are those of `measure.references` and `measure.facts`; here they take captions by id and give values by image.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from diptych.data.errors import InputError
from diptych.data.graphs import SceneGraph
from diptych.data.records import Caption
from diptych.measure.facts import FACT_METRICS, FactCount, count_facts, fact_columns, readings
from diptych.measure.inputs import Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES
from diptych.measure.references import OPEN, reference_facts
from diptych.measure.scores import Scored, scored

NAMES = ("fact_precision", "fact_recall", "fact_f1")
Truth = tuple[SceneGraph, Mapping[str, str]]  # what is true, and coarser nouns of its fine ones
_CLOSED = "statements behind the text where a writer wrote it, else the parser's, against a closed truth"


def reference_fact_scores(
    candidates: Candidates, references: References, *, at_least: int = 1, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, ...]:
    """Precision: statements that a reference bears out. Recall: statements of at least `at_least` references that the candidate makes.

    Raises InputError for ids that differ, images without references, or an image with fewer than `at_least`.
    """
    rows = aligned(candidates, references)
    both = zip(rows.candidates, rows.references, strict=True)
    counts = [reference_facts(said, known, at_least=at_least) for said, known in both]
    return _scored(rows.ids, counts, f"{OPEN}; recall of statements made by at least {at_least}", seed, resamples)


def fact_scores(
    captions: Mapping[str, Sequence[Caption]], truths: Mapping[str, Truth], *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, ...]:
    """Precision, recall and F1 of all captions of an image together; an image without captions says nothing.

    Raises InputError for an image whose truth is not known.
    """
    if lacking := [id for id in captions if id not in truths]:
        raise InputError(f"{len(lacking)} of {len(captions)} images have no truth, such as {lacking[0]!r}: leave them out")
    counts = []
    for id, said in captions.items():
        read = readings(said)
        graph, kinds = truths[id]
        counts.append(count_facts(read.stated, graph, kinds, read.words))
    return _scored(tuple(captions), counts, _CLOSED, seed, resamples)


def _scored(ids: Sequence[str], counts: Sequence[FactCount], how: str, seed: int, resamples: int) -> tuple[Scored, ...]:
    """Sums run over images before dividing, so that a long caption weighs more than a short one."""
    told = f"{how}; sums over images"
    why = {id: {"not borne out": row.wrong, "missed": row.missed} for id, row in zip(ids, counts, strict=True)}
    found = []
    for name in NAMES:
        metric = FACT_METRICS[name]
        table = np.array(fact_columns(counts, name), float) if counts else np.zeros((0, 4))
        values, better = metric.statistic(table), metric.better
        found.append(scored(name, ids, values, table, metric.statistic, better=better, how=told, seed=seed, resamples=resamples, why=why))
    return tuple(found)
