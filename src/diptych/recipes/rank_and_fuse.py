"""Rank several captions against the image and merge the best two.

Bianco et al., 2023, arXiv:2306.11593. The paper's models: off-the-shelf captioners, BLIPScore (BLIP-2) ranks, a language model merges.
Same: several captioners, ranking by an image-text score, merging the top two without adding.
Different: the merge cannot add, where the paper's language model is told not to; the score may be agreement among the captions
(`rules:agreement`) where no matcher is at hand, and the merge then edits the best caption.
"""

from diptych.check.agree import BY as AGREEMENT
from diptych.check.lift import LiftConsensus
from diptych.check.match import Match
from diptych.check.split import Split
from diptych.curate.select import Best
from diptych.data.results import Effect
from diptych.engine.steps import Part, Pipeline
from diptych.lab.experts import PERFECT, Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.language.fuse import Policy
from diptych.write.fuse import Fuse
from diptych.write.propose import Propose

PAPER = Paper(
    "Improving Image Captioning Descriptiveness by Ranking and LLM-based Fusion",
    "Bianco, Simone and Celona, Luigi and Donzella, Marco and Napoletano, Paolo",
    2023,
    "2306.11593",
)


def pipeline(
    *, captioners: tuple[str, ...], matcher: str, writer: str, keep: int = 2, policy: Policy = "union", style: str = "short"
) -> Pipeline:
    """Propose, score, choose the best `keep`, merge them."""
    by = "agreement" if matcher == AGREEMENT else "match"
    score: Part = LiftConsensus(score=by) if matcher == AGREEMENT else Match(matcher, of="proposed", score=by)
    return (
        Propose(captioners, style),
        Split("proposed"),
        score,
        Best(keep, by),
        Fuse(writer, policy, of="chosen", edit=matcher == AGREEMENT, best=by),
    )


def effect(lab: Lab) -> Effect:
    """Fact F1 of the merged top two against the best one alone, under correlated errors; and what merging all does."""

    def arms(experts: Experts) -> dict[str, Pipeline]:
        def ranked(
            keep: int, policy: Policy = "union", captioners: tuple[str, ...] = experts.captioners, matcher: str = experts.matcher
        ) -> Pipeline:
            return pipeline(captioners=captioners, matcher=matcher, writer="rules:", keep=keep, policy=policy)

        # captioners err at the same rates here, so that the first ones are as good as ones drawn at random
        return {
            "top 1 of 5": ranked(1),
            "best 1 of 5 by a perfect matcher": ranked(1, matcher=experts.all_changed(PERFECT).matcher),
            "any 1": ranked(1, captioners=experts.captioners[:1]),
            "any 2": ranked(2, captioners=experts.captioners[:2]),
            "top 2 of 5": ranked(2),
            "top 2 of 5, conflicts dropped": ranked(2, "conflict_drop"),
            "all 5": ranked(5),
        }

    return lab.compare(
        arms,
        Experts(5),
        method="top 2 of 5",
        baseline="top 1 of 5",
        metric="fact_f1",
        guards={"fact_precision": -0.1},
        sweep={
            "correlation": tuple((v, Experts(5).changed("captioner", correlation=v, family_correlation=v)) for v in (0.0, 0.3, 0.6, 0.9)),
            "matcher noise": tuple((v, Experts(5).changed("matcher", noise=v)) for v in (0.0, 0.1, 0.3, 1.0)),
        },
    )
