"""Enrich a caption with what vision experts find: objects, their attributes, words in the picture.

Rotstein et al., 2023, arXiv:2305.17718. The paper's models: an object detector with attributes, text detection and recognition, and a
FLAN-T5-XL fuser trained on ChatGPT's fusions.
Same: the caption and the experts' findings go to a writer that merges them into one fluent caption.
Different: an attribute that conflicts with the caption is left out, or stated beside the caption's if `conflicts` is set; the paper
leaves that to its fuser. Words that are read are not tied to an object.
"""

from diptych.check.split import Split
from diptych.curate.select import Choose
from diptych.data.results import Effect
from diptych.engine.steps import Part, Pipeline
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.fuse import Fuse
from diptych.write.inventory import ListObjects, ReadWords
from diptych.write.propose import Propose
from diptych.write.revise import Revise
from diptych.write.weave import Weaving

PAPER = Paper(
    "FuseCap: Leveraging Large Language Models to Fuse Visual Data into Enriched Image Captions",
    "Rotstein, Noam and Bensaid, David and Brody, Shaked and Ganz, Roy and Kimmel, Ron",
    2023,
    "2305.17718",
)


def pipeline(
    *, detector: str, writer: str, ocr: str | None = None, threshold: float = 0.5, at_most: int = 10, conflicts: bool = False
) -> Pipeline:
    """List objects above the threshold, read words, weave both into the source's caption. Rows without one are dropped first."""
    experts: list[Part] = [ListObjects(detector, threshold, at_most)]
    if ocr:
        experts.append(ReadWords(ocr))
    return (Choose("chosen"), Split("chosen"), *experts, Revise(writer, drop=(), add=Weaving(conflicts=conflicts)))


def effect(lab: Lab) -> Effect:
    """Fact recall of the fused caption against the original, a clean one, at what precision; and the error rate at which fusing stops
    paying. Detectors err at the rates named before the threshold, which false boxes pass less often than right ones.
    """

    def arms(experts: Experts) -> dict[str, Pipeline]:
        return {
            "original": (Split("chosen"),),
            "one captioner": (Propose(experts.captioners[:1], "dense"), Split("proposed"), Fuse("rules:")),
            "fused": pipeline(detector=experts.detector, ocr=experts.ocr, writer="rules:"),
            "fused, conflicts stated too": pipeline(detector=experts.detector, ocr=experts.ocr, writer="rules:", conflicts=True),
            "fused, all boxes": pipeline(detector=experts.detector, ocr=experts.ocr, writer="rules:", threshold=0.0),
        }

    return lab.compare(
        arms,
        Experts(1),
        method="fused",
        baseline="original",
        metric="fact_recall",
        guards={"fact_precision": -0.1},
        sweep={
            # one error rate e for invented objects and for wrong attributes
            "detector error, before the threshold": tuple(
                (v, Experts(1).changed("detector", false_positive=v, attribute_confusion=v)) for v in (0.0, 0.05, 0.1, 0.2, 0.4, 0.6)
            ),
            "detector false positives, before the threshold": tuple(
                (v, Experts(1).changed("detector", false_positive=v)) for v in (0.0, 0.1, 0.4, 0.8)
            ),
        },
        noise=0.0,
    )
