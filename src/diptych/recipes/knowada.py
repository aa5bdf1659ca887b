"""Score captions by their statements one by one: entailed by the references, contradicted, or neither (DNLI).

Yanuka et al., 2024, arXiv:2411.09018. The paper's models: a language model splits captions into propositions and labels each.
Same: shares of a caption's statements that references entail or contradict; what is new in the caption counts as contradicted (`new`).
Different: our parser splits; an entailer labels, or scene graphs by rules where none is named; recall counts the references' statements
that the caption entails, and so cannot exceed 1 (the released code counts the caption's own, repeats included: reported beside it).
This is the metric alone; the adaptation of training captions comes with the recipes that train.
"""

from collections.abc import Sequence
from typing import Literal

from diptych.data.records import Record
from diptych.data.results import Effect
from diptych.data.selection import text_of, texts_of
from diptych.engine.context import Context
from diptych.lab.agreement import Contest, Measure
from diptych.lab.baselines import REFERENCES, called, ngrams
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.writers import graded, repeating, written
from diptych.measure.dnli import dnli
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored
from diptych.models.abilities import Entailer

PAPER = Paper(
    "Bridging the Visual Gap: Fine-Tuning Multimodal Models with Knowledge-Adapted Captions",
    "Yanuka, Moran and Ben Kish, Assaf and Bitton, Yonatan and Szpektor, Idan and Giryes, Raja",
    2024,
    "2411.09018",
)


def measure(
    records: Sequence[Record],
    *,
    context: Context | None = None,
    entailer: str | None = None,
    references: str = REFERENCES,
    new: Literal["neutral", "contradicted"] = "contradicted",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Scored]:
    """`dnli_descriptiveness_precision` and `_recall`, `dnli_contradiction_precision` (lower is better), `dnli_recall_published`.

    `context` opens the entailer, where one is named.
    """
    opened = context.open(entailer, Entailer) if context is not None and entailer else None
    return list(dnli(text_of(records), texts_of(records, references), entailer=opened, new=new, seed=seed, resamples=resamples))


def effect(lab: Lab) -> Effect:
    """How captioners of graded hallucination and recall are ranked by contradicted statements and by n-grams, against true hallucination.

    The baseline is the metric of n-grams that ranks best in development, BLEU-4. Recall as redefined and as published are held against
    true recall beside it; some captioners say everything twice.
    """

    def measures(experts: Experts) -> Measure:
        def measured(records: Sequence[Record], context: Context) -> list[Scored]:
            published = measure(records, context=context, entailer=experts.entailer, resamples=0)
            open_ = measure(records, context=context, entailer=experts.entailer, new="neutral", resamples=0)[2]
            return [*published, called(f"{open_.name}, new is neutral", open_), *ngrams(records)]

        return measured

    writers = repeating(graded(16, recall=(0.3, 0.95), hallucination=(0.02, 0.4)), every=4)
    return lab.agree(
        measures,
        written(writers, share=0.12),
        Contest("dnli_contradiction_precision", "bleu_4", truth="hallucination_rate", by="system", also=("fact_recall", "fact_f1")),
        sweep={"entailer accuracy": tuple((v, measures(Experts().changed("entailer", accuracy=v))) for v in (0.6, 0.75, 0.95))},
    )
