"""Share of the things that captions name which their images do not show, whatever the things (OpenCHAIR).

Ben-Kish et al., 2024, arXiv:2312.03631. The paper's models: SDXL paints images from written captions, Llama-2-70B judges nouns.
Same: every concrete noun of a caption is judged yes, no or unsure by the caption that its image was made from; no over yes and no.
Different: concrete is what WordNet knows as physical, for Brysbaert's norms; the judge is an entailer, to which what a premise does
not mention is neutral: `neutral` says whether that is "no" (as a judge told to decide says) or "unsure". This is the benchmark alone;
the training of captioners against hallucination comes with the recipes that train.
"""

from collections.abc import Sequence
from typing import Literal

from diptych.data.records import Record
from diptych.data.results import Effect
from diptych.data.selection import text_of
from diptych.engine.context import Context
from diptych.lab.agreement import Contest, Measure
from diptych.lab.baselines import called
from diptych.lab.cases import EVERYTHING, PROMPT
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.writers import graded, written
from diptych.measure.chair import chair_scores
from diptych.measure.classes import COCO
from diptych.measure.intervals import RESAMPLES
from diptych.measure.judges import EntailJudge
from diptych.measure.openchair import openchair
from diptych.measure.scores import Scored
from diptych.measure.truths import objects_of
from diptych.models.abilities import Entailer

PAPER = Paper(
    "MOCHa: Multi-Objective Reinforcement Mitigating Caption Hallucinations",
    "Ben-Kish, Assaf and Yanuka, Moran and Alper, Morris and Giryes, Raja and Averbuch-Elor, Hadar",
    2024,
    "2312.03631",
)


def measure(
    records: Sequence[Record],
    *,
    context: Context,
    judge: str,
    truths: str = f"style:{PROMPT}",
    neutral: Literal["no", "unsure"] = "no",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Scored]:
    """`openchair` and `openchair_unsure` (lower is better) of the chosen captions against those that the images were made from.

    `context` opens the judge, an entailer.
    """
    by = EntailJudge(context.open(judge, Entailer), neutral)
    return list(openchair(text_of(records), text_of(records, truths), by, seed=seed, resamples=resamples))


def effect(lab: Lab) -> Effect:
    """How captioners that invent things inside and outside a closed list are ranked by OpenCHAIR and by CHAIR, against the true share.

    The list is COCO's classes. A judge that reads what the image was made from stands beside one that reads of everything in it.
    """

    def measures(experts: Experts) -> Measure:
        def measured(records: Sequence[Record], context: Context) -> list[Scored]:
            def judged(name: str, truths: str = PROMPT, neutral: Literal["no", "unsure"] = "no") -> Scored:
                judge = experts.entailer
                made = measure(records, context=context, judge=judge, truths=f"style:{truths}", neutral=neutral, resamples=0)
                return called(name, made[0])

            return [
                judged("openchair"),
                judged("openchair, judge told everything", EVERYTHING),
                judged("openchair, what is unsaid is unsure", neutral="unsure"),
                *chair_scores(text_of(records), objects_of(records, COCO), resamples=0),
            ]

        return measured

    accuracies = tuple((v, measures(Experts().changed("entailer", accuracy=v))) for v in (0.8, 0.85, 0.9, 0.95, 1.0))
    return lab.agree(
        measures,
        written(graded(20, recall=(0.4, 0.9), listed=(0.0, 0.3), unlisted=(0.0, 0.3)), share=0.15),
        Contest("openchair", "chair_i", truth="hallucination_rate.exists", by="system"),
        sweep={"judge accuracy": accuracies},
    )
