"""Propose captions with several models, check every statement with other experts, write one caption from what survives.

Ge et al., 2024, arXiv:2404.19752. The paper's models: LLaVA-1.5 and Kosmos-2 propose, GroundingDINO detects, LLaVA-1.5 answers
questions (3D only), GPT-4 or Llama-2 writes.
Same: several proposals; a detector decides on objects and numbers, an answerer on attributes; what they contradict is left out.
Different: each statement of each proposal is checked once, where the paper has a language model summarise first and list what to check;
relations are asked about too, which the paper leaves unchecked in 2D; what still contradicts itself after the checks is settled by
votes; without experts, agreement among the captioners' families can stand in (`agreement`).
"""

from diptych.check.answer import CheckByAnswers
from diptych.check.detect import CheckByDetector
from diptych.check.lift import LiftAgreement, LiftConsensus
from diptych.check.read import CheckByOcr
from diptych.check.split import Split
from diptych.data.errors import InputError
from diptych.data.limits import at_least, some
from diptych.data.results import Effect
from diptych.data.verdicts import family
from diptych.engine.steps import Part, Pipeline
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.fuse import Fuse
from diptych.write.propose import Propose

PAPER = Paper(
    "Visual Fact Checker: Enabling High-Fidelity Detailed Caption Generation",
    "Ge, Yunhao and Zeng, Xiaohui and Huffman, Jacob Samuel and Lin, Tsung-Yi and Liu, Ming-Yu and Cui, Yin",
    2024,
    "2404.19752",
)


def pipeline(
    *,
    captioners: tuple[str, ...],
    writer: str,
    detector: str | None = None,
    answerer: str | None = None,
    ocr: str | None = None,
    agreement: float = 0.0,
    threshold: float = 0.35,
    style: str = "short",
) -> Pipeline:
    """Propose, split, check by each expert named, fuse. `agreement` is the number of voices that a statement needs, 0 for none.

    InputError for more voices than there are families among the captioners: nothing could have them.
    """
    some("captioners", captioners)
    at_least("agreement", agreement, 0)
    voices = {family(address) for address in captioners}
    if agreement > len(voices):
        raise InputError(
            f"agreement must be at most the number of the captioners' families, {len(voices)} here ({', '.join(sorted(voices))}),"
            f" got {agreement:g}: name captioners of more families (?family=NAME at an address sets its own), or lower it"
        )
    if not (detector or answerer or ocr or agreement):
        raise InputError("visual_fact_checker has nothing to check with: name --detector, --answerer, --ocr or --agreement 2")
    checks: list[Part] = []
    if detector:
        checks.append(CheckByDetector(detector, threshold=threshold))
    if answerer:
        checks.append(CheckByAnswers(answerer))
    if ocr:
        checks.append(CheckByOcr(ocr))
    if agreement:
        checks += [LiftConsensus(score="agreement"), LiftAgreement(agreement)]
    fuse = Fuse(writer, "conflict_drop")
    if agreement:
        # without an expert that sees the picture, a statement nobody else makes is no evidence, and the best caption is the fallback
        fuse = Fuse(writer, "conflict_drop", drop=("contradicted", "unknown"), edit=True, best="agreement", otherwise="best")
    return (Propose(captioners, style), Split("proposed"), *checks, fuse)


def effect(lab: Lab) -> Effect:
    """Fact precision of the checked caption against merging alone, at little cost in recall; and where detector errors make it hurt."""

    def arms(experts: Experts) -> dict[str, Pipeline]:
        merge = (Propose(experts.captioners), Split("proposed"), Fuse("rules:", "conflict_drop"))
        more = experts.with_number(6).captioners  # as many calls as checking takes, spent on captions instead
        return {
            "one captioner": (Propose(experts.captioners[:1]), Split("proposed"), Fuse("rules:")),
            "merge only": merge,
            "merge only, 6 captioners": (Propose(more), Split("proposed"), Fuse("rules:", "conflict_drop")),
            "merge by majority, 6 captioners": (Propose(more), Split("proposed"), Fuse("rules:", "majority")),
            "objects checked": pipeline(captioners=experts.captioners, writer="rules:", detector=experts.detector),
            "all checked": pipeline(
                captioners=experts.captioners, writer="rules:", detector=experts.detector, answerer=experts.answerer, ocr=experts.ocr
            ),
        }

    return lab.compare(
        arms,
        Experts(2),
        method="all checked",
        baseline="merge only",
        metric="fact_precision",
        guards={"fact_recall": -0.05},
        sweep={
            "detector recall, before the threshold": tuple(
                (v, Experts(2).changed("detector", recall=v)) for v in (0.3, 0.5, 0.7, 0.9, 1.0)
            ),
            "detector false positives, before the threshold": tuple(
                (v, Experts(2).changed("detector", false_positive=v)) for v in (0.0, 0.05, 0.2, 0.4, 0.6)
            ),
            "answerer accuracy": tuple((v, Experts(2).changed("answerer", accuracy=v)) for v in (0.5, 0.7, 0.9, 1.0)),
        },
    )
