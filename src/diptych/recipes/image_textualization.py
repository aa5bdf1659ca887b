"""Turn a model's description into a longer, truer one: delete what is not found, add what is, say where things are.

Pi et al., 2024, arXiv:2406.07502. The paper's models: LLaVA or GPT-4V describes, GroundingDINO finds each object named, GRiT lists
objects, SAM and a depth model place them, Llama-3-70B rewrites.
Same: objects named but not found are deleted; up to `at_most` listed objects are added with where they are, in words, never numbers;
what the description hedges is not checked; thresholds are those of the released code.
Different: one detector both checks and lists, so that its errors agree, and the best boxes are listed, not the first; places are stated
between neighbours (left of, in front of) by margins, in place of free wording; sizes are not told; boxes of one thing are merged by
overlap.
"""

from diptych.check.detect import CheckByDetector
from diptych.check.split import Split
from diptych.curate.select import Choose
from diptych.data.results import Effect
from diptych.engine.steps import Part, Pipeline
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.distance import MeasureDepth
from diptych.write.inventory import ListObjects
from diptych.write.propose import Propose
from diptych.write.revise import Revise
from diptych.write.weave import Weaving

PAPER = Paper(
    "Image Textualization: An Automatic Framework for Creating Accurate and Detailed Image Descriptions",
    "Pi, Renjie and Zhang, Jianshu and Zhang, Jipeng and Pan, Rui and Chen, Zhekai and Zhang, Tong",
    2024,
    "2406.07502",
)


def pipeline(
    *,
    captioner: str,
    detector: str,
    writer: str,
    segmenter: str | None = None,
    depth: str | None = None,
    delete: bool = True,
    add: bool = True,
    places: bool = True,
    box_threshold: float = 0.4,
    list_threshold: float = 0.5,
    at_most: int = 10,
) -> Pipeline:
    """Describe, check objects, list objects, measure depth, rewrite. Without a segmenter and a depth model there is no front and behind."""
    experts: list[Part] = [CheckByDetector(detector, threshold=box_threshold, kinds=("exists",))] if delete else []
    if add or places:
        experts.append(ListObjects(detector, list_threshold, at_most))
    if places and segmenter and depth:
        experts.append(MeasureDepth(segmenter, depth))
    weaving = Weaving(objects=add, attributes=add, words=False, places=places, threshold=list_threshold)
    return (
        Propose((captioner,), "dense"),
        Choose("proposed"),
        Split("proposed"),
        *experts,
        Revise(writer, add=weaving if add or places else None),
    )


def effect(lab: Lab) -> Effect:
    """Fact F1 of the rewritten description against the model's own, and what deleting, adding and placing each contribute."""

    def arms(experts: Experts) -> dict[str, Pipeline]:
        def rewritten(delete: bool, add: bool, places: bool) -> Pipeline:
            return pipeline(
                captioner=experts.captioners[0],
                detector=experts.detector,
                writer="rules:",
                segmenter=experts.segmenter,
                depth=experts.depth,
                delete=delete,
                add=add,
                places=places,
            )

        return {
            "model's own": (Propose(experts.captioners[:1], "dense"), Choose("proposed"), Split("proposed")),
            "deleted": rewritten(True, False, False),
            "added": rewritten(False, True, False),
            "deleted and added": rewritten(True, True, False),
            "deleted, added, placed": rewritten(True, True, True),
        }

    return lab.compare(
        arms,
        Experts(1),
        method="deleted, added, placed",
        baseline="model's own",
        metric="fact_f1",
        guards={"fact_precision": 0.0},
        sweep={
            "detector recall, before the threshold": tuple((v, Experts(1).changed("detector", recall=v)) for v in (0.5, 0.7, 0.9, 1.0)),
            "detector false positives, before the threshold": tuple(
                (v, Experts(1).changed("detector", false_positive=v)) for v in (0.0, 0.05, 0.1, 0.2)
            ),
        },
    )
