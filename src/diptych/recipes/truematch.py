"""Benchmark captioners by whether their captions find their own images among near copies (TrueMatch).

Gaur et al., 2024, arXiv:2409.03025. The paper's models: bags of COCO images mined by CLIP ViT-L/14; CLIP ViT-B/32 retrieves.
Same: each image of a bag is captioned by itself; R@1 of the caption within the bag; bags of 3, 5 and 7.
Different: bags are those that the records name (`labels["bag"]`; `measure.bags.hard_bags` mines them); any matcher retrieves; images
that fit equally well share the hit. This is the benchmark alone; boosted captions and the curriculum of bags come with the recipes that
train.
"""

from collections.abc import Sequence
from typing import Literal

from diptych.data.errors import InputError
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
from diptych.measure.bags import random_bags
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
    sizes: tuple[int, ...] = SIZES,
    distractors: Literal["near", "random"] = "near",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Scored]:
    """`self_retrieval_SIZE`: within the first SIZE images of each bag that the records name, or among as many of different bags.

    Only bags of the largest size or more are used, and smaller ones are their first images, so that sizes compare.
    """
    bags = [bag for bag in _labelled(records).values() if len(bag) >= max(sizes)]
    if not bags:
        raise InputError(f'no {max(sizes)} records name one bag in labels["bag"]: name bags, choose smaller sizes, or use world:N?bags=7')
    if distractors == "random":
        bags = [list(bag) for ids in zip(*bags, strict=False) for bag in random_bags(ids, max(sizes), seed=seed)]
    pictures = {record.id: context.picture(record.subject) for record in records}
    queries: Literal["all", "first"] = "all" if distractors == "near" else "first"
    listed = [bag[:size] for size in sorted(set(sizes)) for bag in bags]
    model = context.open(matcher, Matcher)
    return list(self_retrieval(text_of(records), listed, pictures, model=model, queries=queries, seed=seed, resamples=resamples))


def _labelled(records: Sequence[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        found.setdefault(record.labels.get("bag", record.id), []).append(record.id)
    return found


def effect(lab: Lab) -> Effect:
    """How captioners of graded detail are ranked by retrieval within bags of near copies and among random images, against true recall.

    The retriever is the world's matcher; the oracle weighs facts without error. Agreement with the attributes told alone, in which half
    of the near copies differ, stands beside it. `pairs_told_apart` and `mean_over_systems` show whether a benchmark saturates.
    """

    def measures(experts: Experts, sizes: tuple[int, ...] = SIZES) -> Measure:
        def measured(records: Sequence[Record], context: Context) -> list[Scored]:
            near = measure(records, context=context, matcher=experts.matcher, sizes=sizes, resamples=0)
            far = measure(records, context=context, matcher=experts.matcher, sizes=sizes, distractors="random", resamples=0)
            named = zip(("near", "random"), (near, far), strict=True)
            return [called(f"{kind}, bags of {size}", one) for kind, made in named for size, one in zip(sizes, made, strict=True)]

        return measured

    writers = graded(16 if lab.budget == "full" else 6, recall=(0.5, 0.95), detail=(0.1, 0.9), hallucination=(0.02, 0.2))
    noisy = tuple((v, measures(Experts().changed("matcher", noise=v), SIZES[-1:])) for v in (0.0, 0.2))
    return lab.agree(
        measures,
        written(writers, share=0.1, bags=max(SIZES), references=0),
        Contest("near, bags of 7", "random, bags of 7", truth="fact_recall", by="system", also=("fact_recall.attribute", "fact_f1")),
        sweep={"matcher noise": noisy},
    )
