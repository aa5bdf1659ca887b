"""Score detailed captions by the objects, attributes and relations that they share with references.

Dong et al., 2024, arXiv:2405.19092. The paper's models: FACTUAL-T5 parses, sentence embeddings (mpnet) match what words do not.
Same: scene graphs of candidate and reference, compared kind by kind in passes; F of each, weighed .5, .5 and .2.
Different: our parser; no embeddings unless an embedder is named; beside the metric as published one with its three traps repaired
(parts of words that match, attributes without their object, credit for whatever is least unlike). This is the metric alone; the
paper's five-stage construction of captions comes with the recipes that write.
"""

from collections.abc import Sequence

from diptych.data.records import Record
from diptych.data.results import Effect
from diptych.data.selection import text_of, texts_of
from diptych.engine.context import Context
from diptych.lab.agreement import Contest, Measure
from diptych.lab.baselines import REFERENCES, ngrams
from diptych.lab.cases import corrupted
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.measure.capture import THRESHOLD, capture_both
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scene_graph_score import scene_graph_f
from diptych.measure.scores import Scored
from diptych.models.abilities import Embedder

PAPER = Paper(
    "Benchmarking and Improving Detail Image Caption",
    "Dong, Hongyuan and Li, Jiawen and Wu, Bohong and Wang, Jiacong and Zhang, Yuan and Guo, Haoyuan",
    2024,
    "2405.19092",
)


def measure(
    records: Sequence[Record],
    *,
    context: Context | None = None,
    embedder: str | None = None,
    references: str = REFERENCES,
    most: int | None = None,
    threshold: float = THRESHOLD,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Scored]:
    """`capture` as published and `capture_repaired` of the chosen captions against the first `most` references.

    `context` opens the embedder, where one is named.
    """
    known = {id: texts[:most] for id, texts in texts_of(records, references).items()}
    opened = context.open(embedder, Embedder) if context is not None and embedder else None
    return list(capture_both(text_of(records), known, embedder=opened, threshold=threshold, seed=seed, resamples=resamples))


def effect(lab: Lab) -> Effect:
    """How captions made worse by degrees are ranked within each scene, by CAPTURE and by n-gram metrics, against their true fact F1.

    The baseline is the paper's best metric of n-grams, METEOR (by words and stems alone).
    """

    def among(most: int | None = None) -> Measure:
        def measured(records: Sequence[Record], _context: Context) -> list[Scored]:
            known = {id: texts[:most] for id, texts in texts_of(records, REFERENCES).items()}
            graphs = scene_graph_f(text_of(records), known, resamples=0)[2]
            return [*measure(records, most=most, resamples=0), graphs, *ngrams(records, most=most)]

        return measured

    return lab.agree(
        lambda _experts: among(),
        corrupted(),
        Contest("capture", "meteor_exact_stem", truth="fact_f1", experts=False),
        sweep={"references": tuple((float(n), among(n)) for n in (1, 2))},
    )
