"""Caption, paint the caption, compare the painting with the picture, and caption again with what differed as hints.

Diesendruck et al., 2024, arXiv:2402.08756. The paper's models: GPT-4V captions and tells differences, DALL-E 3 paints.
Same: no training; forward, backward, compare in words, and the hints join the prompt, for a few rounds; the last caption is returned.
Different: several paintings a round, since one that guesses right hides what the caption left out; only hints that `votes` of them agree
on, at most `hints` a round and each once; a record stops where nothing new differs. The code domain is left out.
"""

from diptych.check.repaint import CompareWithPaintings
from diptych.check.split import Split
from diptych.curate.select import Best, Choose
from diptych.data.limits import at_least
from diptych.data.results import Effect
from diptych.engine.steps import Pipeline, Repeat
from diptych.lab.experts import GUESSING, Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.language.fuse import Policy
from diptych.write.again import CaptionAgain, Settled
from diptych.write.fuse import Fuse
from diptych.write.propose import Propose

PAPER = Paper(
    "Learning How To Ask: Cycle-Consistency Refines Prompts in Multimodal Foundation Models",
    "Diesendruck, Maurice and Lin, Jianzhe and Imani, Shima and Mahalingam, Gayathri and Xu, Mingyang and Zhao, Jie",
    2024,
    "2402.08756",
)
MORE = "Be more detailed."


def pipeline(
    *, captioner: str, painter: str, comparer: str, rounds: int = 2, paintings: int = 3, votes: int = 2, hints: int = 5,
    style: str = "dense", size: int = 512, keep_paintings: bool = False,
) -> Pipeline:  # fmt: skip
    """Propose, then for so many rounds paint, compare and caption again."""
    at_least("rounds", rounds, 1)
    compare = CompareWithPaintings(painter, comparer, paintings=paintings, size=size, keep=keep_paintings)
    again = CaptionAgain(captioner, style, hints, votes)
    return (Propose((captioner,), style), Choose("proposed"), Repeat((compare, again), rounds, Settled()))


def effect(lab: Lab) -> Effect:
    """Fact F1 after two rounds against as many calls spent on captions asked for more detail; recall over all facts is the share of
    questions, one a fact, that the caption answers. Compare arms at their words and their calls a row, both told.
    """

    def arms(experts: Experts) -> dict[str, Pipeline]:
        captioner, models = experts.captioners[0], {"painter": experts.painter, "comparer": experts.comparer}

        def cycle(rounds: int = 2, paintings: int = 3, votes: int = 2, **others: str) -> Pipeline:
            return pipeline(captioner=captioner, rounds=rounds, paintings=paintings, votes=votes, **(models | others))

        first = (Propose((captioner,), "dense"), Choose("proposed"))
        detailed = (*first, CaptionAgain(captioner, always=(MORE,)))

        def several(number: int, policy: Policy = "union") -> Pipeline:
            return (Propose((captioner,), "dense", number, 1.0), Split("proposed"), Fuse("rules:", policy))

        best = (Propose((captioner,), "dense", 2, 1.0), CompareWithPaintings(**models, of="proposed"), Best(by="alike"))
        guesses = {"comparer": experts.all_changed(GUESSING).comparer}
        blind = {"painter": experts.changed("painter", guessing=1).painter}
        return {
            "zero-shot": first,
            "more detail": detailed,
            "cycle 1": cycle(1),
            "cycle 2": cycle(2),
            "cycle 3": cycle(3),
            "cycle 2, one painting": cycle(2, 1, 1),
            "cycle 2, any painting": cycle(2, 3, 1),
            "cycle 2, hints drawn at random": cycle(2, **guesses),
            "cycle 2, paintings of anything": cycle(2, **blind),
            "best of 2": best,
            "4 captions merged": several(4),
            "15 captions merged": several(15),
            "15 captions by majority": several(15, "majority"),
        }

    return lab.compare(
        arms,
        Experts(1),
        method="cycle 2",
        baseline="more detail",
        metric="fact_f1",
        guards={"fact_precision": -0.05},
        sweep={
            "comparer's misses": tuple((v, Experts(1).changed("comparer", missed=v)) for v in (0.0, 0.25, 0.5, 0.75)),
        },
    )
