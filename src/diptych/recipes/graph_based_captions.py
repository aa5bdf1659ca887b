"""Describe a picture as a graph: the whole, its things and their parts, how several of a kind lie, and which relations hold.

Hsieh et al., 2024, arXiv:2407.06723. The paper's models: LLaVA-1.6 (or Pixtral-12B) describes, YOLO-World (in the code GroundingDINO)
finds, CLIP filters.
Same: what a description names is found, cropped, confirmed and described in turn, to a depth; a box that lies in a node of its name is
that node; several boxes of a phrase get a composition node, told along a spanning tree; a node's things get a relation node. Thresholds
are those of the released code.
Different: our parser tags things as single or several, where the paper's model does; a writer words arrangements and relations from
graphs, so that nothing is added; relations are those of a spatial description of the node; corners and sides are not told; scores filter
captions only where a matcher is named. Training on the graphs, and attention along their edges, are left out.
"""

from dataclasses import replace

from diptych.check.confirm import ConfirmNodes
from diptych.check.match_nodes import MatchNodes
from diptych.curate.nodes import ChooseNodes
from diptych.data.limits import at_least
from diptych.data.results import Effect
from diptych.engine.steps import Part, Pipeline, Repeat, Step
from diptych.lab.also import graphs
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.links import VERTICAL, ComposeNodes, RelateNodes
from diptych.write.nodes import DescribeNodes, FindNodes, Searched

PAPER = Paper(
    "Graph-Based Captioning: Enhancing Visual Descriptions by Interconnecting Region Captions",
    "Hsieh, Yu-Guan and Hsieh, Cheng-Yu and Yeh, Shih-Ying and B\\'ethune, Louis and Pour Ansari, Hadi and Anasosalu Vasu, Pavan Kumar and "
    "Li, Chun-Liang and Krishna, Ranjay and Tuzel, Oncel and Cuturi, Marco",
    2024,
    "2407.06723",
)
GRAPH = ("relation", "composition", "short", "region", "dense")


def pipeline(
    *, captioner: str, detector: str, writer: str, answerer: str | None = None, matcher: str | None = None, levels: int = 3,
    threshold: float = 0.35, pixels: int = 5000, top: int = 6, details: int = 1, vertical: tuple[str, str] = VERTICAL,
    formats: tuple[str, ...] = GRAPH, words: int = 0, least_dense: float = 0.19, least_relation: float = 0.185,
    least_composition: float = 0.118,
) -> Pipeline:  # fmt: skip
    """Describe, then for so many levels find, confirm and describe; arrange, relate, and choose captions.

    `formats` are the styles that are chosen in this order, within so many words in all, 0 for any number: "short" and "dense" describe the
    picture, "region" its things, "composition" and "relation" link them, "alt" is the source's. Without an answerer boxes are not
    confirmed. A matcher scores captions against their regions, and the least scores, which are those for CLIP, filter them by style.
    """
    at_least("levels", levels, 1)
    describe = DescribeNodes(captioner, details=details)
    confirm: tuple[Step, ...] = (ConfirmNodes(answerer),) if answerer else ()
    score: tuple[Part, ...] = (MatchNodes(matcher),) if matcher else ()
    least = (("dense", least_dense), ("relation", least_relation), ("composition", least_composition)) if matcher else ()
    return (
        describe,
        Repeat((FindNodes(detector, threshold, pixels, top=top), *confirm, describe), levels, Searched()),
        ComposeNodes(writer, vertical),
        RelateNodes(captioner, writer),
        *score,
        ChooseNodes(formats, words, least),
    )


def effect(lab: Lab) -> Effect:
    """A true sentence, or the same words of the wrong things: which of the two captions bear out, within 40 words and equal calls.

    All formats are chosen from the same graphs, so that what is left out of one is what its nodes add to the other; in the last two arms
    the graph has more words, too. The paper trains CLIP on each format. Here the reader of the pairs never errs and knows the captions
    alone: in the minutes of an experiment a small encoder learnt no directions from so mixed captions.
    """
    # every format takes the whole graph's calls: half the rows take as long as others' experiments
    return replace(lab, rows=(lab.rows + 1) // 2).compare(
        _arms,
        Experts(1),
        method="graph",
        baseline="graph without relations",
        metric="swaps_told",
        guards={"fact_precision": -0.05, "fact_f1": -0.02},
        sweep={
            "captioner's recall": tuple((v, Experts(1).changed("captioner", recall=v)) for v in (0.3, 0.6, 0.9)),
            "captioner's relation errors": tuple((v, Experts(1).changed("captioner", relation_error=v)) for v in (0.0, 0.5)),
            "detector's recall, before the threshold": tuple((v, Experts(1).changed("detector", recall=v)) for v in (0.3, 0.6)),
        },
        also=graphs,
    )


def _arms(experts: Experts) -> dict[str, Pipeline]:
    def chosen(*formats: str, words: int = 40) -> Pipeline:
        return pipeline(
            captioner=experts.captioners[0],
            detector=experts.detector,
            writer="rules:",
            answerer=experts.answerer,
            pixels=100,  # of pictures of 224 pixels a side
            details=4,  # so that descriptions fill the words too
            vertical=("behind", "in front of"),  # cameras look down on a ground
            formats=formats,
            words=words,
        )

    return {
        "alt": chosen("alt"),
        "detail": chosen("dense"),
        "regions": chosen("region", "dense"),
        "graph without relations": chosen("short", "region", "dense"),
        "graph without relation nodes": chosen("composition", "short", "region", "dense"),
        "graph, the whole first": chosen("short", "region", "relation", "composition", "dense"),
        "graph without composition nodes": chosen("relation", "short", "region", "dense"),
        "graph": chosen(*GRAPH),
        "graph without relations, all captions": chosen("short", "region", "dense", words=0),
        "graph, all captions": chosen(*GRAPH, words=0),
    }
