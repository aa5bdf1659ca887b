"""Score a caption without references: paint it, and compare the painting with the picture.

Huang et al., 2024, arXiv:2408.01723. The paper's models: GPT-4 or Gemini paints, a frozen vision encoder compares.
Same: caption, painting, cosine of the features of painting and picture, averaged over images.
Different: several paintings of each caption, averaged (the paper draws one); the score also stands between a floor (the paintings of
another image's caption) and a ceiling (those of true captions, where references are known), since raw cosines are not comparable.
"""

from collections.abc import Sequence

from diptych.data.records import Record
from diptych.data.results import Effect
from diptych.data.selection import text_of, texts_of
from diptych.engine.context import Context
from diptych.lab.agreement import Contest, Measure
from diptych.lab.baselines import REFERENCES, ngrams
from diptych.lab.cases import corrupted
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.measure.clipscore import clipscore
from diptych.measure.intervals import RESAMPLES
from diptych.measure.regeneration import DRAWS, regeneration
from diptych.measure.scores import Scored
from diptych.models.abilities import Embedder, Painter

PAPER = Paper(
    "A Novel Evaluation Framework for Image2Text Generation",
    "Huang, Jia-Hong and Zhu, Hongyi and Shen, Yixian and Rudinac, Stevan and Pacces, Alessio M. and Kanoulas, Evangelos",
    2024,
    "2408.01723",
)


def measure(
    records: Sequence[Record],
    *,
    context: Context,
    painter: str,
    embedder: str,
    references: str | None = None,
    draws: int = DRAWS,
    size: int = 224,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Scored]:
    """`image_score` and its floor; with `references` (captions taken for true) also its ceiling and the score between the two."""
    return list(
        regeneration(
            text_of(records),
            {record.id: context.picture(record.subject) for record in records},
            painter=context.open(painter, Painter),
            embedder=context.open(embedder, Embedder),
            truth=None if references is None else texts_of(records, references),
            draws=draws,
            size=size,
            names={"painter": painter, "embedder": embedder},
            seed=seed,
            resamples=resamples,
        )
    )


def effect(lab: Lab) -> Effect:
    """How captions made worse by degrees are ranked within each scene, by paintings, by CLIPScore with the same encoder and by n-grams.

    The baseline is the strongest metric of n-grams, METEOR (by words and stems alone), which is shown three references; paintings none.
    The table of what each change does (`ranked_right`) is the honest headline: paintings see some kinds of error and not others.
    """

    def measures(experts: Experts, draws: int = DRAWS) -> Measure:
        def measured(records: Sequence[Record], context: Context) -> list[Scored]:
            painted = measure(
                records,
                context=context,
                painter=experts.painter,
                embedder=experts.embedder,
                references=REFERENCES,
                draws=draws,
                resamples=0,
            )
            pictures = {record.id: context.picture(record.subject) for record in records}
            matched = clipscore(text_of(records), pictures, model=context.open(experts.embedder, Embedder), resamples=0)
            return [painted[0], painted[-1], matched, *ngrams(records)]

        return measured

    return lab.agree(
        measures,
        corrupted(share=0.05, steps=2),
        Contest("image_score", "meteor_exact_stem", truth="fact_f1"),
        sweep={"paintings of each caption": tuple((float(n), measures(Experts(), n)) for n in (1, 2, 4, 8, 16))},
    )
