"""Benchmark captioners by whether their captions find their own images among near copies (TrueMatch).

Gaur et al., 2024, arXiv:2409.03025. The paper's models: bags of COCO images mined by CLIP ViT-L/14; CLIP ViT-B/32 retrieves.
Same: each image of a bag is captioned by itself; R@1 of the caption within the bag; bags of 3, 5 and 7.
Different: bags are those that the records name (`labels["bag"]`), or mined by an embedder (`measure.bags.hard_bags`); any matcher or
embedder retrieves; images that fit equally well share the hit. This is the benchmark alone; boosted captions and the curriculum of
bags come with the recipes that train.
"""

from collections.abc import Sequence
from typing import Literal

from diptych.data.records import Record
from diptych.data.results import Effect
from diptych.data.selection import text_of
from diptych.engine.context import Context
from diptych.lab.agreement import Contest, Measure
from diptych.lab.baselines import called
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.writers import graded, written
from diptych.measure.bags import Bags, random_bags
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored
from diptych.measure.self_retrieval import self_retrieval
from diptych.models.abilities import Matcher

PAPER = Paper(
    "No Detail Left Behind: Revisiting Self-Retrieval for Fine-Grained Image Captioning",
    "Gaur, Manu and Singh, Darshan and Tapaswi, Makarand",
    2024,
    "2409.03025",
)
SIZES = (3, 5, 7)


def measure(
    records: Sequence[Record],
    *,
    context: Context,
    matcher: str,
    size: int = 5,
    distractors: Literal["near", "random"] = "near",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Scored]:
    """`self_retrieval_SIZE`: within the first `size` images of each bag that the records name, or among as many of different bags."""
    bags = near_bags(records, size) if distractors == "near" else far_bags(records, size, seed)
    pictures = {record.id: context.picture(record.subject) for record in records}
    model = context.open(matcher, Matcher)
    queries: Literal["all", "first"] = "all" if distractors == "near" else "first"
    return list(self_retrieval(text_of(records), bags, pictures, model=model, queries=queries, seed=seed, resamples=resamples))


def near_bags(records: Sequence[Record], size: int) -> Bags:
    """The records of one `bag` label together, in their order; bags that are smaller are left out."""
    return [bag[:size] for bag in _labelled(records).values() if len(bag) >= size]


def far_bags(records: Sequence[Record], size: int, seed: int = 0) -> Bags:
    """For each record of the bags a bag of itself and others from other bags, of which each gives one at most."""
    bags = [bag[:size] for bag in _labelled(records).values() if len(bag) >= size]
    return [bag for ids in zip(*bags, strict=True) for bag in random_bags(ids, size, seed=seed)]


def _labelled(records: Sequence[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        found.setdefault(record.labels.get("bag", record.id), []).append(record.id)
    return found


def effect(lab: Lab) -> Effect:
    """How captioners of graded detail are ranked by retrieval within bags of near copies and among random images, against true recall.

    The retriever is the world's matcher; the oracle weighs facts without error. `pairs_told_apart` and `mean_over_systems` show whether
    a benchmark saturates.
    """

    def measures(experts: Experts) -> Measure:
        def measured(records: Sequence[Record], context: Context) -> list[Scored]:
            found = []
            for size in SIZES:
                for distractors in ("near", "random"):
                    (one,) = measure(
                        records,
                        context=context,
                        matcher=experts.matcher,
                        size=size,
                        distractors=distractors,
                        resamples=0,
                    )
                    found.append(called(f"{distractors}, bags of {size}", one))
            return found

        return measured

    writers = graded(16 if lab.budget == "full" else 6, recall=(0.5, 0.95), detail=(0.1, 0.9), hallucination=(0.02, 0.2))
    return lab.agree(
        measures,
        written(writers, share=0.05, bags=max(SIZES), references=0),
        Contest(method="near, bags of 7", baseline="random, bags of 7", truth="fact_recall", by="system", also=("fact_f1",)),
        sweep={"matcher noise": tuple((v, measures(Experts().changed("matcher", noise=v))) for v in (0.0, 0.2))},
    )
